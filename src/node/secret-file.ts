import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { equalBytes } from '../base/bytes.ts';
import { decodeState, encodeState, type State } from '../base/state-codec.ts';
import { bytesOf, fieldsOf, recordOf, type ShapeOf, type StateCheck } from '../base/state-shape.ts';
import { FRAME_BYTES, frameRecord, recordAt } from '../host/log.ts';
import type { EpochSecrets } from '../host/safe.ts';
import { type ChainGenesis, chainHash } from '../ledger/chain-genesis.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import { MAX_DEALING_BYTES } from '../ledger/rotation/dealing-item.ts';
import type { RegistrantSecrets } from '../ledger/rotation/make-registration.ts';
import { MAX_REGISTRATION_BYTES } from '../ledger/rotation/registration.ts';
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

export type SecretKind = keyof EpochSecrets;

/** Whose secret a file holds, and of which epoch. */
export interface SecretOwner {
  /** 32 bytes: the chain. */
  readonly chainHash: Uint8Array;
  /** Its index in the registry. */
  readonly member: number;
  readonly epoch: number;
}

/** @param self validator index in the epoch */
export const secretOwner = (chain: ChainGenesis, epoch: EpochConfig, self: ValidatorIndex): SecretOwner => ({
  chainHash: chainHash(chain),
  member: epoch.validators[self]!.registryIndex,
  epoch: epoch.epoch,
});

/** Name of the file of a secret in its member's folder. */
export const secretFileName = (kind: SecretKind, epoch: number): string => `epoch-${epoch}.${kind}`;

const SECRET_FILE = /^(epoch-(?:0|[1-9]\d{0,9})\.(?:registrant|registration|keys|dealing))(?:\.part|\.old)?$/;

/** The file of a secret to which a file belongs that has this name: itself, or what a crash left beside it. */
export const secretFileOf = (name: string): string | undefined => SECRET_FILE.exec(name)?.[1];

/** What is around a secret in its file: names, owner, checksum. */
const ENVELOPE_BYTES = 512;
const MAX_BYTES: Readonly<Record<SecretKind, number>> = {
  registrant: 256,
  keys: 256,
  // One byte more than its body: what kind of item it is.
  registration: 1 + MAX_REGISTRATION_BYTES,
  dealing: 1 + MAX_DEALING_BYTES,
};

/** What the file of a secret holds: one checksummed record. Secret. */
export function encodeSecret<K extends SecretKind>(
  owner: SecretOwner,
  kind: K,
  secret: EpochSecrets[K],
): Uint8Array {
  const { chainHash: chain, member, epoch } = owner;
  return frameRecord(encodeState({ version: FORMAT_VERSION, chain, member, epoch, kind, secret }));
}

/**
 * Writes a secret, readable by its user alone, whole or not at all. What had the name is overwritten, not only let go.
 * @throws {FileError} FILE_UNWRITABLE
 */
export function writeSecretFile<K extends SecretKind>(
  path: string,
  owner: SecretOwner,
  kind: K,
  secret: EpochSecrets[K],
): void {
  const bytes = encodeSecret(owner, kind, secret);
  eraseLeftovers(path);
  if (existsSync(path)) withPath('FILE_UNWRITABLE', path, () => linkSync(path, oldOf(path)));
  putFile(path, bytes);
  eraseLeftovers(path);
}

/**
 * @returns undefined if there is no such file
 * @throws {NodeError} NODE_KEYS_EXPOSED, NODE_KEYS_FILE; {FileError} FILE_UNREADABLE
 */
export function readSecretFile<K extends SecretKind>(
  path: string,
  owner: SecretOwner,
  kind: K,
): EpochSecrets[K] | undefined {
  const file = readOwnFile(path, ENVELOPE_BYTES + MAX_BYTES[kind]);
  if (file === undefined) return undefined;
  if ((file.mode & 0o077) !== 0)
    throw new NodeError('NODE_KEYS_EXPOSED', `other users can read ${path}: chmod 600 ${path}`, { path });
  const fail = (why: string): never => {
    throw new NodeError('NODE_KEYS_FILE', `${path} ${why}`, { path });
  };
  const record = recordAt(file.bytes, 0);
  const isWhole = record !== undefined && FRAME_BYTES + record.length === file.bytes.length;
  const state = isWhole ? fieldsOf(decodeState(record)) : undefined;
  if (state === undefined) return fail('is damaged: restore it from a copy');
  if (state['version'] !== FORMAT_VERSION)
    fail(`has another version than ${FORMAT_VERSION}: read it with the program that wrote it`);
  if (!recordOf(ENVELOPE)(state)) return fail('is damaged: restore it from a copy');
  const { chain, member, epoch, secret } = state;
  const isOwn =
    equalBytes(chain as Uint8Array, owner.chainHash) && member === owner.member && epoch === owner.epoch;
  if (!isOwn || state['kind'] !== kind) fail('holds a secret of another member, chain or epoch');
  if (!SECRETS[kind](secret)) fail('is damaged: restore it from a copy');
  return secret as unknown as EpochSecrets[K];
}

/** A validator's keys, which must be there. @throws {NodeError} NODE_KEYS_MISSING, NODE_KEYS_EXPOSED, NODE_KEYS_FILE */
export function readKeyFile(path: string, owner: SecretOwner): ValidatorSecrets {
  const keys = readSecretFile(path, owner, 'keys');
  if (keys !== undefined) return keys;
  throw new NodeError(
    'NODE_KEYS_MISSING',
    `${path} is missing: the keys were erased at the end of their epoch, or they are elsewhere`,
    { path },
  );
}

/**
 * Takes a secret's name away, then overwrites and removes it, and so with what a crash may have left beside it; where nothing is there
 * is nothing to do. A medium that moves blocks about may keep older copies: there nothing but an encrypted disk helps.
 * @throws {FileError} FILE_UNWRITABLE
 */
export function eraseSecretFile(path: string): void {
  eraseLeftovers(path);
  if (!existsSync(path)) return;
  // The name first: a crash while it is overwritten must not leave half of it where the whole one was.
  withPath('FILE_UNWRITABLE', path, () => {
    renameSync(path, oldOf(path));
    syncDirectory(dirname(path));
  });
  eraseLeftovers(path);
}

/** Where a file is until what replaces it is durable, and while it is overwritten. */
const oldOf = (path: string): string => `${path}.old`;

/** Erases what a crash left beside a file. @throws {FileError} FILE_UNWRITABLE */
export function eraseLeftovers(path: string): void {
  const old = oldOf(path);
  // Until the new one has its place the old one has both names.
  const isSame = existsSync(path) && existsSync(old) && statSync(path).ino === statSync(old).ino;
  if (isSame) withPath('FILE_UNWRITABLE', old, () => rmSync(old));
  for (const each of [partOf(path), old]) erase(each);
}

/** Overwrites a file, durably, before its name goes, durably too. */
function erase(path: string): void {
  if (!existsSync(path)) return;
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

const below =
  (limit: bigint): StateCheck =>
  (value) =>
    typeof value === 'bigint' && value >= 0n && value < limit;

const KEYS: ShapeOf<ValidatorSecrets> = {
  identitySecret: below(r),
  blsSecret: bytesOf(32),
  signSecret: bytesOf(32),
  decryptionShare: below(l),
  coinShare: below(l),
  seed: bytesOf(32),
};
const REGISTRANT: ShapeOf<RegistrantSecrets> = {
  identitySecret: below(r),
  blsSecret: bytesOf(32),
  signSecret: bytesOf(32),
  encryptionSecret: below(l),
};
const itemOf =
  (kind: 'registration' | 'dealing'): StateCheck =>
  (value) =>
    value instanceof Uint8Array && value.length > 0 && value.length <= MAX_BYTES[kind];

const SECRETS: Readonly<Record<SecretKind, StateCheck>> = {
  keys: recordOf(KEYS),
  registrant: recordOf(REGISTRANT),
  registration: itemOf('registration'),
  dealing: itemOf('dealing'),
};
const anything: StateCheck = () => true;
const ENVELOPE: ShapeOf<Record<'version' | 'chain' | 'member' | 'epoch' | 'kind' | 'secret', State>> = {
  version: anything,
  chain: bytesOf(32),
  member: anything,
  epoch: anything,
  kind: anything,
  secret: anything,
};
