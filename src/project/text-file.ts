import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { FileError } from '../base/errors.ts';
import { otherThanFile, reason } from '../groth16/regular-file.ts';

/**
 * The text of a regular file, at once: a project's files are small and read before anything else is done.
 * @throws {FileError} FILE_UNREADABLE if it is missing, no regular file or larger than `maxBytes`
 */
export function readSmallFile(path: string, maxBytes: number): string {
  const refuse = (why: string, cause?: unknown): never => {
    throw new FileError('FILE_UNREADABLE', `cannot read ${path}: ${why}`, { path }, cause);
  };
  let handle: number;
  try {
    // A pipe without a writer would make `open` wait for ever.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    return refuse(reason(cause), cause);
  }
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile()) return refuse(`it is ${otherThanFile(stats)}`);
    if (stats.size > maxBytes) return refuse(`it is larger than ${maxBytes} bytes`);
    return readFileSync(handle, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    return refuse(reason(cause), cause);
  } finally {
    closeSync(handle);
  }
}
