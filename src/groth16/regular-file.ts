import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FileError } from '../base/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EPERM: 'the system does not permit it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of this path is a file where a directory is needed',
  ENXIO: 'it is no file',
  ENOSPC: 'the disk is full',
  EFBIG: 'the file may not get larger (ulimit -f says how large)',
  EDQUOT: 'the quota of this user is used up',
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
      // One byte beyond the limit tells that there is more; a file that says nothing of its size is read in steps.
      const { size } = await file.stat();
      let bytes = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(size, STEP)) + 1);
      for (let at = 0; size <= maxBytes; ) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
        at += bytesRead;
        if (bytesRead === 0) return bytes.subarray(0, at);
        if (at < bytes.length) continue;
        if (at > maxBytes) break;
        const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, 2 * at) + 1);
        larger.set(bytes);
        bytes = larger;
      }
    } catch (cause) {
      throw new FileError('FILE_UNREADABLE', `cannot read ${path}: ${reason(cause)}`, { path }, cause);
    }
    throw new FileError('FILE_UNREADABLE', `${path} is larger than ${maxBytes} bytes`, { path, maxBytes });
  });
}

/** Bytes read at a time of a file that says nothing of its size. */
const STEP = 1 << 16;
