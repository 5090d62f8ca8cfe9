import { join } from 'node:path';
import { decodeState, encodeState } from '../base/state-codec.ts';
import { bytesOf, recordOf } from '../base/state-shape.ts';
import { frameRecord, recordAt } from '../host/log.ts';
import { putFile, readOwnFile } from './durable-files.ts';
import { NodeError } from './errors.ts';

const MAX_FILE_BYTES = 256;
const isRoot = recordOf({ root: bytesOf(32) });

/** Where the permanent key of a member of the registry lies in its folder. */
export const rootFile = (dir: string): string => join(dir, 'root.keys');

/** @param secret Ed25519 seed, 32 bytes @throws {FileError} FILE_UNWRITABLE */
export const writeRoot = (dir: string, secret: Uint8Array): void =>
  putFile(rootFile(dir), frameRecord(encodeState({ root: secret })));

/**
 * @returns the member's permanent secret; undefined if it is kept elsewhere
 * @throws {NodeError} NODE_KEYS_EXPOSED, NODE_KEYS_FILE; {FileError} FILE_UNREADABLE
 */
export function readRoot(dir: string): Uint8Array | undefined {
  const path = rootFile(dir);
  const file = readOwnFile(path, MAX_FILE_BYTES);
  if (file === undefined) return undefined;
  if ((file.mode & 0o077) !== 0)
    throw new NodeError('NODE_KEYS_EXPOSED', `other users can read ${path}: chmod 600 ${path}`, { path });
  const record = recordAt(file.bytes, 0);
  const state = record && decodeState(record);
  if (!isRoot(state))
    throw new NodeError('NODE_KEYS_FILE', `${path} is damaged: restore it from a copy`, { path });
  return (state as unknown as { readonly root: Uint8Array }).root;
}
