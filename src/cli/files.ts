import { rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError, type VelumError } from '../base/errors.ts';
import { atExit } from '../groth16/at-exit.ts';
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: ${reason}`, { path }, cause);
  } finally {
    forget();
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
