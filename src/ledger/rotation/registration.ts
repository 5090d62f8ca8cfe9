import { ByteVectorType, ContainerType } from '@chainsafe/ssz';
import { bigintToBytes, bytesToBigint, utf8 } from '../../base/bytes.ts';
import { bytes64, codec, uint32, uint256 } from '../../base/codec.ts';
import { assert } from '../../base/errors.ts';
import { decodePoint } from '../../crypto/babyjub.ts';
import { encodeRegistrant, type Registrant } from '../../crypto/dealing/possession.ts';
import { hashBytes, hashToField } from '../../crypto/hash.ts';
import type { BallotWitness } from '../../crypto/identity.ts';
import { MerkleTree } from '../../crypto/merkle.ts';
import { r } from '../../params/fields.ts';
import { COMMITTEE_TREE_DEPTH, MAX_ADDRESS_BYTES, PROOF_BYTES } from '../../params/sizes.ts';
import type { RefusalCode } from '../refusals.ts';
import { isAddress, KEY_FIELDS, readAddress, type ValidatorKeys } from '../validator-keys.ts';

/**
 * A member of the registry offers to validate one epoch, with the keys that it would use there and nowhere else. All four keys come with
 * a proof that their secret is known to this member, for this epoch: nobody can register another's key and keep its owner out.
 */
export interface RegistrationStatement extends ValidatorKeys {
  readonly kind: 'registration';
  /** The epoch that the keys are for. */
  readonly epoch: number;
  /** Schnorr proof of the encryption key's secret, 64 bytes. */
  readonly encryptionPossession: Uint8Array;
  /** Public outputs of S1 in the registration's scope: nullifier and share. They reveal nothing of a later ballot. */
  readonly nullifier: bigint;
  readonly y: bigint;
}

export interface RegistrationItem extends RegistrationStatement {
  /** Groth16 proof of S1 that the identity commitment's secret is known, 256 bytes. */
  readonly proof: Uint8Array;
  /** Ed25519 of the network key over `registrationDigest`, 64 bytes: its proof of possession. */
  readonly keySignature: Uint8Array;
  /** Ed25519 of the member's permanent key over `registrationDigest`, 64 bytes. */
  readonly signature: Uint8Array;
}

/**
 * x of the registration's ballot share. It is fixed, so two registrations of one network key show one point of the line through the
 * identity secret and not two.
 */
const SHARE_X = 1n;

const RegistrationType = new ContainerType({
  ...KEY_FIELDS,
  epoch: uint32,
  encryptionPossession: bytes64,
  nullifier: uint256,
  y: uint256,
  proof: new ByteVectorType(PROOF_BYTES),
  keySignature: bytes64,
  signature: bytes64,
});
/** Bytes of an encoded registration's body, at most. */
export const MAX_REGISTRATION_BYTES = RegistrationType.maxSize;
const registrationCodec = codec(RegistrationType, MAX_REGISTRATION_BYTES);

/** @throws ASSERTION if the address is none: nobody could read it */
export function encodeRegistrationBody(item: RegistrationItem): Uint8Array {
  assert(isAddress(item.address), `an address is visible ASCII, at most ${MAX_ADDRESS_BYTES} bytes`);
  return registrationCodec.encode({ ...item, address: utf8(item.address) });
}

/** Reads a registration's body as far as it can be judged without the registry. Never throws. */
export function screenRegistration(bytes: Uint8Array): RegistrationItem | RefusalCode {
  const body = registrationCodec.decode(bytes);
  const address = body && readAddress(body.address);
  if (body === undefined || address === undefined) return 'ITEM_MALFORMED';
  const { identityCommitment, nullifier, y } = body;
  if ([identityCommitment, nullifier, y].some((signal) => signal >= r)) return 'ITEM_SIGNAL_RANGE';
  if (identityCommitment === 0n || decodePoint(body.encryptionKey) === undefined) return 'ITEM_MALFORMED';
  return { ...body, address, kind: 'registration' };
}

/** Whom the possessions of a registration's keys are of. @param chainHash 32 bytes */
export const registrantOf = (
  chainHash: Uint8Array,
  { registryIndex, epoch }: Pick<RegistrationStatement, 'registryIndex' | 'epoch'>,
): Registrant => ({ chain: chainHash, registryIndex, epoch });

/**
 * A registration's name: the hash of all that it says, without the proof and the signatures, which could be made anew.
 * @param chainHash 32 bytes: the chain
 * @returns 32 bytes
 */
export function registrationHash(chainHash: Uint8Array, statement: RegistrationStatement): Uint8Array {
  const { address, encryptionKey, encryptionPossession, blsKey, possession, signKey } = statement;
  const words = [statement.identityCommitment, statement.nullifier, statement.y];
  return hashBytes(
    'registration',
    encodeRegistrant(registrantOf(chainHash, statement)),
    encryptionKey,
    encryptionPossession,
    blsKey,
    possession,
    signKey,
    ...words.map((word) => bigintToBytes(word, 32)),
    utf8(address),
  );
}

/**
 * What the member's permanent key and the network key sign: the registration's name and its proof, so that a false proof is its
 * author's and nobody else can put it there.
 * @returns 32 bytes
 */
export const registrationDigest = (
  chainHash: Uint8Array,
  item: RegistrationStatement & Pick<RegistrationItem, 'proof'>,
): Uint8Array => hashBytes('registrationProof', registrationHash(chainHash, item), item.proof);

/** A tree in which the registrant is alone: S1 proves membership of it. */
const treeOf = (identityCommitment: bigint): MerkleTree =>
  MerkleTree.from(COMMITTEE_TREE_DEPTH, [identityCommitment]);

/** F_r: hash of chain, registry index, epoch and network key. A proof copied into another registration is of another scope. */
const scopeOf = (registrant: Registrant, signKey: Uint8Array): bigint =>
  hashToField('registrationScope', encodeRegistrant(registrant), signKey);

/** S1's public signals in the circuit's order: nullifier, y, root of the registrant's own tree, scope, x. */
export function registrationSignals(chainHash: Uint8Array, statement: RegistrationStatement): bigint[] {
  const { identityCommitment, nullifier, y, signKey } = statement;
  const scope = scopeOf(registrantOf(chainHash, statement), signKey);
  return [nullifier, y, treeOf(identityCommitment).root, scope, SHARE_X];
}

/**
 * What the registrant proves of its identity secret.
 * @param identitySecret isk in F_r; secret
 * @param commitment     H(validator; isk)
 */
export function registrationWitness(
  identitySecret: bigint,
  commitment: bigint,
  registrant: Registrant,
  signKey: Uint8Array,
): BallotWitness {
  const tree = treeOf(commitment);
  return {
    identitySecret,
    path: tree.path(0),
    committeeRoot: tree.root,
    scope: scopeOf(registrant, signKey),
    x: SHARE_X,
  };
}

const KEY_KINDS = { encryption: 0, bls: 1, sign: 2, identity: 3 } as const;

const keyName = (kind: keyof typeof KEY_KINDS, key: Uint8Array): bigint =>
  bytesToBigint(hashBytes('registeredKey', Uint8Array.of(KEY_KINDS[kind]), key));

/** The four keys of a validator as numbers below 2^256: none of them ever serves a second epoch or a second member. */
export const keyNames = (keys: ValidatorKeys): readonly bigint[] => [
  keyName('encryption', keys.encryptionKey),
  keyName('bls', keys.blsKey),
  keyName('sign', keys.signKey),
  keyName('identity', bigintToBytes(keys.identityCommitment, 32)),
];
