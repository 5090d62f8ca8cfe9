import { rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileError, type VelumError } from '../base/errors.ts';
import { notJson } from '../base/json-place.ts';
import { atExit } from '../groth16/at-exit.ts';
import { makeFolders } from '../groth16/make-folders.ts';
import { reason } from '../groth16/regular-file.ts';
import { readTextFile } from './io.ts';
import { checkTakesFiles, outStats } from './out-place.ts';

/**
 * Writes a file whole or not at all: beside its place, then renamed. A file that is there is replaced; a directory, a device or a pipe is not.
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  await refuseNonFile(path);
  const part = `${path}.${process.pid}.part`;
  const forget = atExit(() => rmSync(part, { force: true }));
  try {
    makeFolders(dirname(path));
    await writeFile(part, content);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: ${reason(cause)}`, { path }, cause);
  } finally {
    forget();
  }
}

/**
 * Refuses a place for `writeWholeFile` before any work is done for it. Makes nothing that stays, for it may lie in an output that is not there yet.
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function checkOutFile(path: string): Promise<void> {
  await refuseNonFile(path);
  await checkTakesFiles(dirname(path), path);
}

/** The same of files that a command line names; what it leaves out is not asked. @throws {FileError} FILE_UNWRITABLE */
export async function checkOutFiles(cwd: string, ...named: readonly (string | undefined)[]): Promise<void> {
  for (const each of named) if (each !== undefined) await checkOutFile(resolve(cwd, each));
}

/** Nothing may come in the place of a directory, and of a device or a pipe neither: /dev/full would be a file from then on. */
async function refuseNonFile(path: string): Promise<void> {
  const found = await outStats(path);
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? 'a directory' : 'no regular file';
  throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: it is ${what}; name a file`, { path });
}

/** Makes the error of a file that is no JSON. */
type Refusal = (message: string, data: { readonly path: string }, cause: unknown) => VelumError;

/**
 * Reads a JSON file of an unknown shape.
 * @throws {FileError} FILE_UNREADABLE, or `refusal` with line and column
 */
export async function readJsonFile(path: string, maxBytes: number, refusal: Refusal): Promise<unknown> {
  return parseJsonText(path, await readTextFile(path, maxBytes), refusal);
}

/** What a JSON text says. @throws what `refusal` makes, with line and column */
export function parseJsonText(path: string, text: string, refusal: Refusal): unknown {
  const content = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw refusal(`${path} is ${notJson(content)}`, { path }, cause);
  }
}
