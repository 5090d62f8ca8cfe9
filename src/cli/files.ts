import { constants, rmSync, type Stats } from 'node:fs';
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError, type VelumError } from '../base/errors.ts';
import { atExit } from '../groth16/at-exit.ts';
import { reason } from '../groth16/regular-file.ts';
import { readTextFile } from './io.ts';

/**
 * Writes a file whole or not at all: beside its place, then renamed. What is there already is replaced.
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const forget = atExit(() => rmSync(part, { force: true }));
  try {
    await mkdir(dirname(path), { recursive: true });
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
 * Refuses a place for `writeWholeFile` before any work is done for it. Makes nothing, for it may lie in an output that is not there yet.
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function checkOutFile(path: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: ${why}`, { path }, cause);
  };
  const found = await statOf(path);
  if (found !== undefined && !found.isFile())
    refuse(`it is ${found.isDirectory() ? 'a directory' : 'no regular file'}; name a file`);
  let above = dirname(path);
  let folder = await statOf(above);
  for (; folder === undefined && above !== dirname(above); folder = await statOf(above))
    above = dirname(above);
  if (folder?.isDirectory() !== true) refuse(`${above} is no directory`);
  await access(above, constants.W_OK | constants.X_OK).catch((cause) =>
    refuse(`${above}: ${reason(cause)}`, cause),
  );
}

/** @returns undefined if nothing has that name, or nothing can have it because a file stands above it */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: ${reason(cause)}`, { path }, cause);
  }
}

/**
 * Reads a JSON file of an unknown shape.
 * @throws {FileError} FILE_UNREADABLE, or `notJson`
 */
export async function readJsonFile(
  path: string,
  maxBytes: number,
  notJson: (message: string, data: { readonly path: string }, cause: unknown) => VelumError,
): Promise<unknown> {
  const text = await readTextFile(path, maxBytes);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw notJson(`${path} is not JSON`, { path }, cause);
  }
}
