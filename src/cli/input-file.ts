import { resolve } from 'node:path';
import { FileError } from '../base/errors.ts';
import { readRegularFile } from '../groth16/regular-file.ts';

/** What names the standard input in place of a file. No path does: they are absolute, and a file of this name is `./-`. */
const STDIN = '-';

/** The absolute path of a file that a command line names; `-` stays, and means the standard input. */
export const inputPath = (cwd: string, named: string): string =>
  named === STDIN ? STDIN : resolve(cwd, named);

let isRead = false;

/**
 * The bytes of a file, or of the standard input up to its end, but never more than the limit.
 * @param path of `inputPath`
 * @throws {FileError} FILE_UNREADABLE if it is missing, no regular file or larger than `maxBytes`; if the standard input is named twice
 */
export async function readInputFile(path: string, maxBytes: number): Promise<Buffer> {
  if (path !== STDIN) return readRegularFile(path, maxBytes);
  const refuse = (why: string): Error =>
    new FileError('FILE_UNREADABLE', `cannot read the standard input: ${why}`, { path });
  if (isRead) throw refuse('it is named for two files; save one of them');
  isRead = true;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw refuse(`it is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
