import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { FileError, VelumError } from '../base/errors.ts';
import { otherThanFile, reason } from '../groth16/regular-file.ts';

/** Only the user that runs the validator. */
export const OWN_FILE = 0o600;
export const OWN_DIRECTORY = 0o700;

/** What a full disk says, and a quota that is used up. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Does file work and names the path when it fails. @throws {FileError} `code` */
export function withPath<T>(code: 'FILE_UNREADABLE' | 'FILE_UNWRITABLE', path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof VelumError) throw cause;
    const verb = code === 'FILE_UNREADABLE' ? 'read' : 'write';
    const toDo = FULL.has((cause as NodeJS.ErrnoException).code ?? '') ? ': make room, then start again' : '';
    throw new FileError(code, `cannot ${verb} ${path}: ${reason(cause)}${toDo}`, { path }, cause);
  }
}

/**
 * The bytes of a regular file: no pipe is waited for, and never more than the limit is read.
 * @returns undefined if there is no such file
 * @throws {FileError} FILE_UNREADABLE
 */
export function readOwnFile(path: string, maxBytes: number): { bytes: Uint8Array; mode: number } | undefined {
  return withPath('FILE_UNREADABLE', path, () => {
    let file: number;
    try {
      file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cause;
    }
    try {
      const stats = fstatSync(file);
      if (!stats.isFile())
        throw new FileError('FILE_UNREADABLE', `cannot read ${path}: it is ${otherThanFile(stats)}`, {
          path,
        });
      if (stats.size > maxBytes)
        throw new FileError('FILE_UNREADABLE', `${path} is larger than ${maxBytes} bytes`, {
          path,
          maxBytes,
        });
      const bytes = new Uint8Array(stats.size);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read) {
        read = readSync(file, bytes, length, bytes.length - length, length);
      }
      return { bytes: bytes.subarray(0, length), mode: stats.mode };
    } finally {
      closeSync(file);
    }
  });
}

/** Writes all bytes to an open file; when it returns they survive a crash. */
export function writeDurably(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  fdatasyncSync(file);
}

/** Where a file is while it is written; a crash may leave it there. */
export const partOf = (path: string): string => `${path}.part`;

/** Writes a file whole or not at all, over what has its name: beside its place, then renamed. @throws {FileError} FILE_UNWRITABLE */
export function putFile(path: string, bytes: Uint8Array): void {
  withPath('FILE_UNWRITABLE', path, () => {
    const part = partOf(path);
    const file = openSync(part, 'w', OWN_FILE);
    try {
      writeDurably(file, bytes);
    } finally {
      closeSync(file);
    }
    renameSync(part, path);
    syncDirectory(dirname(path));
  });
}

/** Names that were added to a directory or taken from it survive a crash. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
