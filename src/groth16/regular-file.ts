import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FileError } from '../base/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of this path is a file where a directory is needed',
  ENXIO: 'it is no file',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

/** Why a system call failed, for a person. */
export function reason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}

/** What something is that is no regular file, and what to do. */
export const otherThanFile = (stats: { isDirectory(): boolean }): string =>
  stats.isDirectory() ? 'a directory' : 'no file but a pipe or a device; save what it gives as a file';

/**
 * Opens a regular file for reading and gives it to the work. A pipe without a writer would make `open` wait for ever, in
 * a thread that no signal ends, and a device never ends: neither is waited for, and what was opened is what is asked.
 * @throws {FileError} FILE_UNREADABLE if it cannot be opened or is a directory, pipe, device or socket; what `work` throws
 */
export async function withRegularFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new FileError('FILE_UNREADABLE', `cannot read ${path}: ${reason(cause)}`, { path }, cause);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) {
      throw new FileError('FILE_UNREADABLE', `cannot read ${path}: it is ${otherThanFile(stats)}`, { path });
    }
    return await work(file);
  } finally {
    await file.close();
  }
}

/**
 * The bytes of a regular file, which may have any name and any size: never more than the limit is read.
 * @throws {FileError} FILE_UNREADABLE if it is missing, no regular file or larger than `maxBytes`, which is then in `data`
 */
export function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  return withRegularFile(path, async (file) => {
    try {
      const chunks = file.createReadStream({ start: 0, end: maxBytes, autoClose: false });
      const bytes = Buffer.concat((await chunks.toArray()) as Buffer[]);
      if (bytes.length <= maxBytes) return bytes;
    } catch (cause) {
      throw new FileError('FILE_UNREADABLE', `cannot read ${path}: ${reason(cause)}`, { path }, cause);
    }
    throw new FileError('FILE_UNREADABLE', `${path} is larger than ${maxBytes} bytes`, { path, maxBytes });
  });
}
