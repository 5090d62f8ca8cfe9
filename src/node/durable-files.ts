import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
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
    throw atPath(code, path, cause);
  }
}

function atPath(code: 'FILE_UNREADABLE' | 'FILE_UNWRITABLE', path: string, cause: unknown): unknown {
  if (cause instanceof VelumError) return cause;
  const verb = code === 'FILE_UNREADABLE' ? 'read' : 'write';
  const toDo = FULL.has((cause as NodeJS.ErrnoException).code ?? '') ? ': make room, then start again' : '';
  return new FileError(code, `cannot ${verb} ${path}: ${reason(cause)}${toDo}`, { path }, cause);
}

/** Something that the disk has to have before the work on it goes on: the bytes of an open file, or the names in an open directory. */
export interface Sync {
  readonly of: number;
  readonly what: 'bytes' | 'names';
}

/** Work on the disk that stops wherever it waits for it. Who drives it waits on the spot (`doNow`) or meanwhile does something else. */
export type DiskWork = Generator<Sync, void, void>;

/**
 * Does work on the disk; when it returns, all of it survives a crash.
 * @param waitsFor where it stopped, if it has begun
 */
export function doNow(work: DiskWork, waitsFor?: Sync): void {
  let sync = waitsFor ?? stopOf(work.next());
  while (sync !== undefined) sync = stopOf(resumed(work, sync));
}

function resumed(work: DiskWork, { of, what }: Sync): IteratorResult<Sync, void> {
  try {
    if (what === 'bytes') fdatasyncSync(of);
    else fsyncSync(of);
  } catch (error) {
    return work.throw(error);
  }
  return work.next();
}

/** Where work has stopped; undefined at its end. */
export const stopOf = (result: IteratorResult<Sync, void>): Sync | undefined =>
  result.done === true ? undefined : result.value;

/** @param onDone called later, once */
export function syncLater({ of, what }: Sync, onDone: (error: Error | null) => void): void {
  if (what === 'bytes') fdatasync(of, onDone);
  else fsync(of, onDone);
}

/** The same work, which names a path when it fails. @throws {FileError} FILE_UNWRITABLE */
export function* writingTo(path: string, work: DiskWork): DiskWork {
  try {
    yield* work;
  } catch (cause) {
    throw atPath('FILE_UNWRITABLE', path, cause);
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

/** Writes all bytes to an open file. */
export function* writing(file: number, bytes: Uint8Array): DiskWork {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  yield { of: file, what: 'bytes' };
}

/** The same; when it returns they survive a crash. */
export const writeDurably = (file: number, bytes: Uint8Array): void => doNow(writing(file, bytes));

/** Where a file is while it is written; a crash may leave it there. */
export const partOf = (path: string): string => `${path}.part`;

/** Writes a file whole or not at all, over what has its name: beside its place, then renamed. @throws {FileError} FILE_UNWRITABLE */
export const puttingFile = (path: string, bytes: Uint8Array): DiskWork =>
  writingTo(path, puttingInPlace(path, bytes));

function* puttingInPlace(path: string, bytes: Uint8Array): DiskWork {
  const part = partOf(path);
  const file = openSync(part, 'w', OWN_FILE);
  try {
    yield* writing(file, bytes);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
  yield* syncingDirectory(dirname(path));
}

/** The same at once. @throws {FileError} FILE_UNWRITABLE */
export const putFile = (path: string, bytes: Uint8Array): void => doNow(puttingFile(path, bytes));

/** Names that were added to a directory or taken from it survive a crash. */
export function* syncingDirectory(path: string): DiskWork {
  const directory = openSync(path, 'r');
  try {
    yield { of: directory, what: 'names' };
  } finally {
    closeSync(directory);
  }
}

export const syncDirectory = (path: string): void => doNow(syncingDirectory(path));
