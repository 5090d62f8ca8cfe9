import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseError, VelumError } from '../../base/errors.ts';
import { ExperimentError } from '../../experiments/errors.ts';
import { loadOwnModule, type OwnFile } from '../../experiments/own-module.ts';
import { SimError } from '../../sim/errors.ts';
import { endingAtOnce } from '../interrupt.ts';
import type { OwnKind } from './check-own-code.ts';

/** The option that names a file of one's own. */
export const ADVERSARY_OPTION = [
  '--adversary <file>',
  'a file of your own that says what they do: ./mine.ts, ./mine.mjs',
] as const;

/** What a file of one's own exports, and which file that is. */
export interface OwnCode<T> {
  readonly value: T;
  /** As the command line names it. */
  readonly named: string;
  readonly path: string;
  readonly file: OwnFile;
}

/**
 * Loads an adversary or an attack of one's own. The file is code: it may do what who runs it may.
 * @throws {ExperimentError} EXPERIMENT_FILE with all that is wrong
 * @throws {FileError} FILE_UNREADABLE
 */
export async function loadOwnCode<T>(kind: OwnKind<T>, cwd: string, named: string): Promise<OwnCode<T>> {
  const path = resolve(cwd, named);
  const { file, exported } = await endingAtOnce(() => loadOwnModule(path));
  const refuse = (problems: readonly string[]): never => {
    const lines = problems.map((each) => `  ${each}`).join('\n');
    const message = `${named} has no ${kind.what} that can run as its default export:\n${lines}`;
    throw new ExperimentError('EXPERIMENT_FILE', message, {
      path,
      problems: problems.map((each) => ({ message: each })),
    });
  };
  const problems = kind.problems(exported);
  if (problems.length > 0) refuse(problems);
  return { value: kind.guarded(exported as T, refuse), named, path, file };
}

/**
 * Runs a simulation with the code of a file, if there is one. What that throws is the file's, not a bug of the program, and a signal ends the
 * program at once: the code may never come to an end.
 * @throws {ExperimentError} EXPERIMENT_FILE if the code throws; what `work` throws otherwise
 */
export async function blaming<R>(own: OwnCode<unknown> | undefined, work: () => Promise<R>): Promise<R> {
  if (own === undefined) return work();
  try {
    return await endingAtOnce(work);
  } catch (error) {
    const { path, named } = own;
    const found = SimError.is(error, 'SIM_ADVERSARY') ? (error.cause ?? error) : error;
    if (found instanceof VelumError && !BaseError.is(found, 'ASSERTION')) throw found;
    const message = found instanceof Error ? found.message : String(found);
    const place = placeIn(path, found);
    throw new ExperimentError(
      'EXPERIMENT_FILE',
      `${named}${place} fails: ${message}`,
      { path, problems: [] },
      error,
    );
  }
}

/** Where in a file something was thrown: ":12:5", if it says so. */
function placeIn(path: string, error: unknown): string {
  if (!(error instanceof Error)) return '';
  const lines = (error.stack ?? '').split('\n');
  for (const line of lines) {
    const [, where, place] = /\(?((?:file:)?\/[^()]*?)((?::\d+){1,2})\)?$/.exec(line) ?? [];
    if (where === undefined) continue;
    if ((where.startsWith('file:') ? fileURLToPath(where.replace(/\?.*$/, '')) : where) === path)
      return place!;
  }
  return '';
}

/** The file of a run, for a person; nothing if there is none. */
export const ownText = (own: OwnCode<unknown> | undefined): string =>
  own === undefined
    ? ''
    : [
        `${own.named}: SHA-256 ${own.file.sha256}`,
        ...own.file.others.map(({ name, sha256 }) => `  with ${name}: ${sha256}`),
        '',
      ].join('\n');
