import { mod } from '@noble/curves/abstract/modular.js';
import { bigintToBytes, bytesToBigint, concatBytes } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/random.ts';
import { l } from '../../params/fields.ts';
import {
  BASE,
  encodePoint,
  isIdentity,
  isInSubgroup,
  multiplyBase,
  multiplySumPublic,
  type Point,
} from '../babyjub.ts';
import { CryptoError } from '../errors.ts';
import { hashToScalar } from '../hash.ts';
import { randomScalar } from '../random.ts';

/**
 * Proofs that the secret of a key is known, by one registrant for one epoch: a key copied from somebody else's registration, or
 * made from others' keys, has none. An encryption key serves one epoch, because whoever reads its secret opens what was logged.
 * @see Schnorr, J. Cryptology 4 (1991); RFC 8235
 */

/** Who registers, and for which epoch: a possession means nothing for another registrant or another epoch. */
export interface Registrant {
  /** 32 bytes: hash of what makes the chain. */
  readonly chain: Uint8Array;
  /** Position in the registry, below 2^32. */
  readonly registryIndex: number;
  /** The one that the key is for. */
  readonly epoch: number;
}

const CHAIN_BYTES = 32;
const POSSESSION_BYTES = 64;

/** 32 + 4 + 8 bytes; what possessions of all kinds of keys sign beside the key. @throws {CryptoError} CRYPTO_INPUT for another chain */
export function encodeRegistrant({ chain, registryIndex, epoch }: Registrant): Uint8Array {
  if (chain.length !== CHAIN_BYTES) throw new CryptoError('CRYPTO_INPUT', 'a chain is named by 32 bytes');
  return concatBytes(chain, bigintToBytes(BigInt(registryIndex), 4), bigintToBytes(BigInt(epoch), 8));
}

const challenge = (PK: Point, R: Point, registrant: Registrant): bigint =>
  hashToScalar('keyPossession', encodePoint(PK), encodePoint(R), encodeRegistrant(registrant));

/**
 * R = [k]B, c = H(PK, R, registrant) mod l, s = k − c·sk mod l.
 * @param secret sk, 1 ≤ sk < l, drawn for this epoch
 * @param random called with n = 64; a repeated k reveals sk
 * @returns      c ‖ s, 32 bytes big-endian each
 * @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE
 */
export function proveKeyPossession(secret: bigint, registrant: Registrant, random: RandomBytes): Uint8Array {
  const PK = multiplyBase(secret);
  const k = randomScalar(random);
  const c = challenge(PK, multiplyBase(k), registrant);
  return concatBytes(bigintToBytes(c, 32), bigintToBytes(mod(k - c * secret, l), 32));
}

/**
 * Checks c = H(PK, [s]B + [c]PK, registrant), and that PK is in the subgroup and not O: else two keys would have one 8·PK, and
 * nobody could deal to 8·PK = O.
 * @param PK         on the curve, from outside
 * @param possession from outside
 * @returns          false for anything malformed. Never throws.
 */
export function verifyKeyPossession(PK: Point, registrant: Registrant, possession: Uint8Array): boolean {
  if (possession.length !== POSSESSION_BYTES || isIdentity(PK) || !isInSubgroup(PK)) return false;
  const c = bytesToBigint(possession.subarray(0, 32));
  const s = bytesToBigint(possession.subarray(32));
  if (c >= l || s >= l) return false;
  const R = multiplySumPublic([
    [s, BASE],
    [c, PK],
  ]);
  return challenge(PK, R, registrant) === c;
}
