import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from '../base/errors.ts';
import { withScratchDir } from '../groth16/at-exit.ts';
import { reason } from '../groth16/regular-file.ts';

/**
 * Refuses a folder, there already or not, that can take no files: where it is, or the nearest one above it, a file is made and removed.
 * @param what the message names
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function checkTakesFiles(dir: string, what: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new FileError('FILE_UNWRITABLE', `cannot write ${what}: ${why}`, { path: what }, cause);
  };
  let above = dir;
  let folder = await outStats(above);
  for (; folder === undefined && above !== dirname(above); folder = await outStats(above))
    above = dirname(above);
  if (folder?.isDirectory() !== true) refuse(`${above} is no directory`);
  await withScratchDir(above, async () => {}).catch((cause) => {
    // Below /proc the system says that there is no such file, of a file that was to be made.
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    refuse(isAbsent ? `${above} takes no new files` : `${above}: ${reason(cause)}`, cause);
  });
}

/** @returns undefined if nothing has that name, or nothing can have it because a file stands above it */
export async function outStats(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: ${reason(cause)}`, { path }, cause);
  }
}
