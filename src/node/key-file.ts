import { closeSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { equalBytes } from '../base/bytes.ts';
import { decodeState, encodeState } from '../base/state-codec.ts';
import { frameRecord, recordAt } from '../host/log.ts';
import type { EpochDomain } from '../ledger/epoch-config.ts';
import { l, r } from '../params/fields.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { FORMAT_VERSION } from '../params/version.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import { OWN_FILE, putFile, readOwnFile, syncDirectory, withPath, writeDurably } from './durable-files.ts';
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
  const isOwn = isBytes(chain, 32) && isBytes(epoch, 32) && self === owner.self;
  if (!isOwn || !equalBytes(chain, owner.domain.chainHash) || !equalBytes(epoch, owner.domain.epochHash))
    fail('holds the keys of another validator, chain or epoch');
  return secretsOf(state['secrets']) ?? fail('is damaged: restore it from a copy');
}

/**
 * Overwrites the file, then removes it. A medium that moves blocks about may keep older copies: there nothing but an encrypted
 * disk helps.
 * @throws {FileError} FILE_UNWRITABLE
 */
export function eraseKeyFile(path: string): void {
  withPath('FILE_UNWRITABLE', path, () => {
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
  });
}

function secretsOf(value: unknown): ValidatorSecrets | undefined {
  const fields = fieldsOf(value);
  if (fields === undefined) return undefined;
  const { identitySecret, blsSecret, signSecret, decryptionShare, coinShare, seed } = fields;
  const isBelow = (x: unknown, limit: bigint): x is bigint => typeof x === 'bigint' && x >= 0n && x < limit;
  if (!isBelow(identitySecret, r) || !isBelow(decryptionShare, l) || !isBelow(coinShare, l)) return undefined;
  if (!isBytes(blsSecret, 32) || !isBytes(signSecret, 32) || !isBytes(seed, 32)) return undefined;
  return { identitySecret, blsSecret, signSecret, decryptionShare, coinShare, seed };
}

function fieldsOf(value: unknown): { readonly [field: string]: unknown } | undefined {
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? (value as { readonly [field: string]: unknown }) : undefined;
}

const isBytes = (value: unknown, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length;
