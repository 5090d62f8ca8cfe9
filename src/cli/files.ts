import { constants, rmSync, type Stats } from 'node:fs';
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError, type VelumError } from '../base/errors.ts';
import { notJson } from '../base/json-place.ts';
import { atExit } from '../groth16/at-exit.ts';
import { reason } from '../groth16/regular-file.ts';
import { readTextFile } from './io.ts';

/**
 * Writes a file whole or not at all: beside its place, then renamed. A file that is there is replaced; a directory, a device or a pipe is not.
 * @throws {FileError} FILE_UNWRITABLE
 */
export async function writeWholeFile(path: string, content: string | Uint8Array): Promise<void> {
  await refuseNonFile(path);
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
  await refuseNonFile(path);
  let above = dirname(path);
  let folder = await statOf(above);
  for (; folder === undefined && above !== dirname(above); folder = await statOf(above))
    above = dirname(above);
  if (folder?.isDirectory() !== true) refuse(`${above} is no directory`);
  await access(above, constants.W_OK | constants.X_OK).catch((cause) =>
    refuse(`${above}: ${reason(cause)}`, cause),
  );
}

/** Nothing may come in the place of a directory, and of a device or a pipe neither: /dev/full would be a file from then on. */
async function refuseNonFile(path: string): Promise<void> {
  const found = await statOf(path);
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? 'a directory' : 'no regular file';
  throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: it is ${what}; name a file`, { path });
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
