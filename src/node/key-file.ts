import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { equalBytes } from '../base/bytes.ts';
import { decodeState, encodeState, type State } from '../base/state-codec.ts';
import { bytesOf, fieldsOf, recordOf, type ShapeOf, type StateCheck } from '../base/state-shape.ts';
import { frameRecord, recordAt } from '../host/log.ts';
import type { EpochDomain } from '../ledger/epoch-config.ts';
import { l, r } from '../params/fields.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { FORMAT_VERSION } from '../params/version.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import {
  OWN_FILE,
  partOf,
  putFile,
  readOwnFile,
  syncDirectory,
  withPath,
  writeDurably,
} from './durable-files.ts';
import { NodeError } from './errors.ts';

const MAX_KEY_FILE_BYTES = 4096;

/** Name of the file of an epoch's keys in a validator's folder. */
export const keyFileName = (epoch: number): string => `epoch-${epoch}.keys`;

/** Whose keys a file holds. */
export interface KeyOwner {
  readonly domain: EpochDomain;
  readonly self: ValidatorIndex;
}

/**
 * The only place where a validator's secrets are kept: one file an epoch, readable by its user alone, one checksummed record.
 * @throws {FileError} FILE_UNWRITABLE
 */
export function writeKeyFile(path: string, owner: KeyOwner, secrets: ValidatorSecrets): void {
  putFile(path, encodeKeys(owner, secrets));
}

/** What a key file holds. Secret. */
export function encodeKeys({ domain, self }: KeyOwner, secrets: ValidatorSecrets): Uint8Array {
  const { chainHash: chain, epochHash: epoch } = domain;
  const state = encodeState({ version: FORMAT_VERSION, chain, epoch, self, secrets: { ...secrets } });
  return frameRecord(state);
}

/** @throws {NodeError} NODE_KEYS_MISSING, NODE_KEYS_EXPOSED, NODE_KEYS_FILE */
export function readKeyFile(path: string, owner: KeyOwner): ValidatorSecrets {
  const file = readOwnFile(path, MAX_KEY_FILE_BYTES);
  if (file === undefined) {
    throw new NodeError(
      'NODE_KEYS_MISSING',
      `${path} is missing: the keys were erased at the end of their epoch, or they are elsewhere`,
      { path },
    );
  }
  if ((file.mode & 0o077) !== 0)
    throw new NodeError('NODE_KEYS_EXPOSED', `other users can read ${path}: chmod 600 ${path}`, { path });
  const fail = (why: string): never => {
    throw new NodeError('NODE_KEYS_FILE', `${path} ${why}`, { path });
  };
  const record = recordAt(file.bytes, 0);
  const state = record === undefined ? undefined : fieldsOf(decodeState(record));
  if (state === undefined) return fail('is damaged: restore it from a copy');
  const { version, chain, epoch, self } = state;
  if (version !== FORMAT_VERSION)
    fail(`has another version than ${FORMAT_VERSION}: read it with the program that wrote it`);
  const isSame = (found: State, own: Uint8Array): boolean =>
    found instanceof Uint8Array && equalBytes(found, own);
  const { chainHash, epochHash } = owner.domain;
  if (self !== owner.self || !isSame(chain, chainHash) || !isSame(epoch, epochHash))
    fail('holds the keys of another validator, chain or epoch');
  return secretsOf(state['secrets']) ?? fail('is damaged: restore it from a copy');
}

/**
 * Overwrites the file, then removes it, and so with what a crash in `writeKeyFile` may have left beside it; where nothing is there
 * is nothing to do. A medium that moves blocks about may keep older copies: there nothing but an encrypted disk helps.
 * @throws {FileError} FILE_UNWRITABLE
 */
export function eraseKeyFile(path: string): void {
  for (const each of [path, partOf(path)])
    if (existsSync(each)) withPath('FILE_UNWRITABLE', each, () => erase(each));
}

function erase(path: string): void {
  const { size } = statSync(path);
  const file = openSync(path, 'r+', OWN_FILE);
  try {
    writeDurably(file, new Uint8Array(size));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  rmSync(path);
  syncDirectory(dirname(path));
}

const below =
  (limit: bigint): StateCheck =>
  (value) =>
    typeof value === 'bigint' && value >= 0n && value < limit;

const SECRETS: ShapeOf<ValidatorSecrets> = {
  identitySecret: below(r),
  blsSecret: bytesOf(32),
  signSecret: bytesOf(32),
  decryptionShare: below(l),
  coinShare: below(l),
  seed: bytesOf(32),
};

const secretsOf = (value: State): ValidatorSecrets | undefined =>
  recordOf(SECRETS)(value) ? (value as unknown as ValidatorSecrets) : undefined;
