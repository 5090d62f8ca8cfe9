import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileError } from '../../base/errors.ts';
import { atExit } from '../../groth16/at-exit.ts';
import { OWN_FILE, readOwnFile, syncDirectory, withPath, writeDurably } from '../../node/durable-files.ts';
import { QueueError } from '../../queue/errors.ts';
import { QUEUE_KEY_BYTES, QueueSeal } from '../../queue/sealed.ts';

/**
 * The key that a requester and its workers share: a file of 32 random bytes that its user alone can read.
 * @throws {QueueError} QUEUE_KEY_FILE; {FileError} FILE_UNREADABLE
 */
export function readQueueKey(path: string): QueueSeal {
  const refuse = (why: string): never => {
    throw new QueueError('QUEUE_KEY_FILE', `${path} ${why}`, { path });
  };
  const file = readOwnFile(path, QUEUE_KEY_BYTES);
  if (file === undefined)
    return refuse('is not there: make it once with velum worker-key, and copy it to each worker');
  if ((file.mode & 0o077) !== 0) refuse(`can be read by other users: chmod 600 ${path}`);
  if (file.bytes.length !== QUEUE_KEY_BYTES) refuse(`is no key of ${QUEUE_KEY_BYTES} bytes`);
  return new QueueSeal(file.bytes);
}

/**
 * Makes a key file, whole or not at all; one that is there is never replaced.
 * @throws {FileError} OUT_EXISTS, FILE_UNWRITABLE
 */
export function makeQueueKey(path: string): void {
  const part = `${path}.${process.pid}.part`;
  const forget = atExit(() => rmSync(part, { force: true }));
  try {
    withPath('FILE_UNWRITABLE', path, () => {
      const file = openSync(part, 'wx', OWN_FILE);
      try {
        writeDurably(file, randomBytes(QUEUE_KEY_BYTES));
      } finally {
        closeSync(file);
      }
      try {
        linkSync(part, path);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
        throw new FileError('OUT_EXISTS', `${path} is there already: name another file`, { path }, cause);
      }
      rmSync(part);
      syncDirectory(dirname(path));
    });
  } finally {
    rmSync(part, { force: true });
    forget();
  }
}
