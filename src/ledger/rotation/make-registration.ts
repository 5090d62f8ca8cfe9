import { equalBytes } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/random.ts';
import { encodePoint, multiplyBase } from '../../crypto/babyjub.ts';
import { blsKeyFromSeed, provePossession } from '../../crypto/certificate.ts';
import { encodeRegistrant, proveKeyPossession, type Registrant } from '../../crypto/dealing/possession.ts';
import { type BallotWitness, ballotShare, identityCommitment } from '../../crypto/identity.ts';
import { randomField, randomScalar } from '../../crypto/random.ts';
import { sign, signKeyFromSeed } from '../../crypto/signature.ts';
import type { ValidatorKeys } from '../validator-keys.ts';
import {
  type RegistrationItem,
  type RegistrationStatement,
  registrationDigest,
  registrationWitness,
} from './registration.ts';

/** Secrets that a registrant draws for one epoch; erased when it is over. */
export interface RegistrantSecrets {
  /** isk in F_r. */
  readonly identitySecret: bigint;
  /** BLS12-381 secret key, 32 bytes. */
  readonly blsSecret: Uint8Array;
  /** Ed25519 seed of the network key, 32 bytes. */
  readonly signSecret: Uint8Array;
  /** sk in Z_l: opens what is dealt to this registrant for the epoch. */
  readonly encryptionSecret: bigint;
}

/** Whether keys that a chain has of a member are those that these secrets are of: a member that registered twice has others than it said first. */
export const isRegistrant = (
  { encryptionSecret }: RegistrantSecrets,
  { encryptionKey }: Pick<ValidatorKeys, 'encryptionKey'>,
): boolean => equalBytes(encodePoint(multiplyBase(encryptionSecret)), encryptionKey);

/** A registration that lacks its proof and its signatures. */
export interface DraftedRegistration {
  readonly secrets: RegistrantSecrets;
  readonly statement: RegistrationStatement;
  /** What circuit S1 is to be proved on; secret. */
  readonly witness: BallotWitness;
}

/**
 * Draws all keys of a member for one epoch.
 * @param random uniform; nothing that it gave may be used for anything else
 */
export function draftRegistration(
  registrant: Registrant,
  address: string,
  random: RandomBytes,
): DraftedRegistration {
  const identitySecret = randomField(random);
  const bls = blsKeyFromSeed(random(32));
  const network = signKeyFromSeed(random(32));
  const encryptionSecret = randomScalar(random);
  const commitment = identityCommitment(identitySecret);
  const witness = registrationWitness(identitySecret, commitment, registrant, network.publicKey);
  return {
    secrets: { identitySecret, blsSecret: bls.secret, signSecret: network.secret, encryptionSecret },
    witness,
    statement: {
      kind: 'registration',
      registryIndex: registrant.registryIndex,
      epoch: registrant.epoch,
      address,
      encryptionKey: encodePoint(multiplyBase(encryptionSecret)),
      encryptionPossession: proveKeyPossession(encryptionSecret, registrant, random),
      blsKey: bls.publicKey,
      possession: provePossession(bls, encodeRegistrant(registrant)),
      signKey: network.publicKey,
      identityCommitment: commitment,
      ...ballotShare(identitySecret, witness.scope, witness.x),
    },
  };
}

/**
 * The registration as it is sent.
 * @param proof      of S1 on the witness, 256 bytes
 * @param rootSecret Ed25519 seed of the member's permanent key, 32 bytes
 */
export function signRegistration(
  chainHash: Uint8Array,
  { statement, secrets }: Pick<DraftedRegistration, 'statement' | 'secrets'>,
  proof: Uint8Array,
  rootSecret: Uint8Array,
): RegistrationItem {
  const digest = registrationDigest(chainHash, { ...statement, proof });
  const keySignature = sign(secrets.signSecret, digest);
  return { ...statement, proof, keySignature, signature: sign(rootSecret, digest) };
}
