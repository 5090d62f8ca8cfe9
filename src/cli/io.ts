import { renameSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { assert, FileError, VelumError } from '../base/errors.ts';
import { withScratchDir } from '../groth16/at-exit.ts';
import { makeFolders } from '../groth16/make-folders.ts';
import { reason } from '../groth16/regular-file.ts';
import type { OutFile } from './epoch/types.ts';
import { readInputFile } from './input-file.ts';
import { checkTakesFiles } from './out-place.ts';

/** Where a command writes and what the other end is. Results go out, progress and messages go err. */
export interface Terminal {
  readonly out: (text: string) => Promise<void>;
  readonly err: (text: string) => Promise<void>;
  /** Whether a person reads `err` now, so that progress may be drawn. */
  readonly isErrTty: boolean;
  /** Whether `out` may carry colour: a terminal, and NO_COLOR is unset. */
  readonly hasColour: boolean;
  readonly cwd: string;
}

/** What a shell says of a program that the signal SIGPIPE has ended. */
const EXIT_SIGPIPE = 141;

/**
 * The process's own streams. A reader that goes away (`| head`) ends the command quietly, as SIGPIPE does: with 0 a verdict that
 * nobody has read would be a good one. Any other failure to write results is an error. Messages that nobody can be told are dropped.
 */
export function systemTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_SIGPIPE);
  });
  process.stderr.on('error', () => {});
  const cannotWrite = (cause: Error): Error =>
    new FileError(
      'FILE_UNWRITABLE',
      `cannot write the standard output: ${reason(cause)}`,
      { path: '-' },
      cause,
    );
  return {
    out: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error == null ? resolve() : reject(cannotWrite(error))));
      }),
    err: (text) => new Promise((resolve) => process.stderr.write(text, () => resolve())),
    isErrTty: process.stderr.isTTY === true,
    hasColour: process.stdout.isTTY === true && !process.env['NO_COLOR'],
    cwd: process.cwd(),
  };
}

/**
 * Reads a whole text file (UTF-8), `-` for the standard input, but never more than the limit.
 * @throws {FileError} FILE_UNREADABLE if it is missing, no regular file, larger than `maxBytes` or not UTF-8
 */
export async function readTextFile(path: string, maxBytes: number): Promise<string> {
  const bytes = await readInputFile(path, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FileError('FILE_UNREADABLE', `${path} is not UTF-8 text; save it as UTF-8`, { path });
  }
}

/** The file whose presence makes a directory one that this program wrote and may replace. */
export const MARKER_FILE = 'report.json';
const MAX_MARKER_BYTES = 1 << 28;

/**
 * Refuses an output directory before any work is done for it.
 * @param force replace an existing one, but only if it is empty or an earlier output
 * @throws {FileError} OUT_EXISTS, or FILE_UNWRITABLE if its parent cannot be made or takes no new directory
 */
export async function checkOutDirectory(dir: string, force: boolean): Promise<void> {
  const parent = dirname(dir);
  await checkTakesFiles(parent, dir);
  try {
    makeFolders(parent);
  } catch (cause) {
    throw new FileError('FILE_UNWRITABLE', `cannot write ${dir}: ${reason(cause)}`, { path: dir }, cause);
  }
  const entries = await entriesOf(dir);
  if (entries === undefined) return;
  if (!force) {
    const help = 'choose another with --out DIR, or replace it with --force';
    throw new FileError('OUT_EXISTS', `the output directory ${dir} exists; ${help}`, { path: dir });
  }
  if (entries.length > 0 && !(await isOwnOutput(dir))) {
    const why = `holds no ${MARKER_FILE} of an earlier run, so --force does not replace it`;
    throw new FileError('OUT_EXISTS', `${dir} ${why}; choose another with --out DIR`, { path: dir });
  }
}

/** Names in a directory, undefined if there is nothing of that name. */
async function entriesOf(dir: string): Promise<string[] | undefined> {
  try {
    return await readdir(dir);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const what = code === 'ENOTDIR' ? 'is a file, not a directory' : `cannot be read: ${reason(cause)}`;
    throw new FileError('OUT_EXISTS', `${dir} ${what}; choose another with --out DIR`, { path: dir }, cause);
  }
}

const isOwnOutput = async (dir: string): Promise<boolean> => (await writerOf(dir)) !== undefined;

/** The command whose output a directory is ("epoch", "market simulate"), undefined if it is none of this program. */
export async function writerOf(dir: string): Promise<unknown> {
  try {
    const report: unknown = JSON.parse(await readTextFile(join(dir, MARKER_FILE), MAX_MARKER_BYTES));
    return typeof report === 'object' && report !== null && 'velum' in report ? report.velum : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Writes all files of an output directory or none: into a directory beside it, which then takes its name. Whatever fails,
 * and whenever the process exits, what had the name before is still there or has been replaced.
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function writeOutDirectory(dir: string, files: readonly OutFile[]): Promise<void> {
  try {
    await withScratchDir(dirname(dir), async (scratch) => {
      const fresh = join(scratch, 'new');
      await mkdir(fresh);
      for (const { path, text, isPrivate } of files) {
        const isInside = path.split('/').every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
        assert(isInside, `${path} stays in the output directory`);
        makeFolders(dirname(join(fresh, path)));
        await writeFile(join(fresh, path), text, { flag: 'wx', mode: isPrivate ? 0o600 : 0o666 });
      }
      const old = (await entriesOf(dir)) === undefined ? undefined : join(scratch, 'old');
      replace(dir, fresh, old);
    });
  } catch (cause) {
    if (cause instanceof VelumError) throw cause;
    throw new FileError('FILE_UNWRITABLE', `cannot write ${dir}: ${reason(cause)}`, { path: dir }, cause);
  }
}

/** At once, so that no signal comes between. @param old where the present one goes, if there is one */
function replace(dir: string, fresh: string, old: string | undefined): void {
  if (old !== undefined) renameSync(dir, old);
  try {
    renameSync(fresh, dir);
  } catch (cause) {
    if (old !== undefined) renameSync(old, dir);
    throw cause;
  }
}
