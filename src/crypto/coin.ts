import { bytesToBigint, concatBytes, equalBytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { RandomBytes } from '../base/random.ts';
import { r } from '../params/fields.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { clearCofactor, decodePoint, encodePoint, isIdentity, type Point, pointFromY } from './babyjub.ts';
import { type BatchKernels, NOBLE } from './batch-kernels.ts';
import { proveDleq, verifyDleq } from './dleq.ts';
import { CryptoError } from './errors.ts';
import { hashWide } from './hash.ts';
import { lagrangeAtZero } from './sharing.ts';

/**
 * A threshold coin: P = hashToCurve(id), σᵢ = [sᵢ]P with a DLEQ proof, value = SHA-512(8·Σ λᵢ·σᵢ). Unique: every set of
 * sharesRequired valid shares gives the same value, and fewer say nothing of it.
 * Deviation: the sum is cleared of the cofactor before it is hashed, because a DLEQ proof does not see a part of small
 * order in σᵢ, with which one faulty validator could otherwise make two combinations differ.
 * @see Cachin, Kursawe and Shoup, Random oracles in Constantinople, J. Cryptology 18 (2005), §4.3
 */

const SHARE_BYTES = 128;

/**
 * P = 8·(a point whose y is SHA-512(tag ‖ id ‖ counter) mod r), counter 0, 1, … until there is such a point (half of all y
 * have one) and P ≠ O: of prime order, with a logarithm that nobody knows.
 * Try-and-increment takes a time that depends on the id. An id is public and known before any share is made (chain,
 * epoch, height, instance, round), so its timing says nothing that is secret; no secret enters this function.
 * The last point is remembered, for the shares of one coin come together and all need it.
 * @param id public; one coin each
 */
export function coinPoint(id: Uint8Array): Point {
  if (last !== undefined && equalBytes(last.id, id)) return last.P;
  last = { id: Uint8Array.from(id), P: hashToPoint(id) };
  return last.P;
}

let last: { readonly id: Uint8Array; readonly P: Point } | undefined;

function hashToPoint(id: Uint8Array): Point {
  for (let counter = 0; counter < 256; counter++) {
    const bytes = hashWide('coin', id, Uint8Array.of(counter));
    const candidate = pointFromY(bytesToBigint(bytes) % r, (bytes[0]! & 1) === 1);
    if (candidate === undefined) continue;
    const P = clearCofactor(candidate);
    if (!isIdentity(P)) return P;
  }
  assert(false, 'one of 256 hashes is the y of a point');
}

/**
 * One validator's share σ = [s]P and its proof that log_B A = log_P σ.
 * @param secret s, 1 ≤ s < l; noble does not blind [s]P
 * @param A      [s]B, its public key share
 * @param random called with n = 64; a repeated nonce reveals s
 * @returns      σ ‖ proof, 64 bytes each; public once released
 * @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE
 */
export function coinShare(
  secret: bigint,
  A: Point,
  id: Uint8Array,
  random: RandomBytes,
  kernels: BatchKernels = NOBLE,
): Uint8Array {
  const H = coinPoint(id);
  const [D] = kernels.multiplyEach([H], secret) as [Point];
  return concatBytes(encodePoint(D), proveDleq(secret, { A, pairs: [{ H, D }] }, id, random, kernels));
}

/**
 * @param A     public key share of the validator that sent the share
 * @param share from outside
 * @returns     σ if the share is right (up to a part of small order, which combineCoin removes), else undefined
 */
export function verifyCoinShare(
  A: Point,
  id: Uint8Array,
  share: Uint8Array,
  kernels: BatchKernels = NOBLE,
): Point | undefined {
  if (share.length !== SHARE_BYTES) return undefined;
  const D = decodePoint(share.subarray(0, 64));
  if (D === undefined) return undefined;
  const statement = { A, pairs: [{ H: coinPoint(id), D }] };
  return verifyDleq(statement, id, share.subarray(64), kernels) ? D : undefined;
}

/**
 * The coin's value SHA-512(tag ‖ 8·Σ λᵢ·σᵢ).
 * @param sigmas verified, at least sharesRequired of them: the value does not depend on which
 * @returns      64 bytes, uniform and unknown to anyone before degree + 1 shares exist
 * @throws {CryptoError} CRYPTO_INPUT if there is none
 */
export function combineCoin(
  sigmas: ReadonlyMap<ValidatorIndex, Point>,
  kernels: BatchKernels = NOBLE,
): Uint8Array {
  if (sigmas.size === 0) throw new CryptoError('CRYPTO_INPUT', 'no coin share to combine');
  const coefficients = lagrangeAtZero([...sigmas.keys()].map((index) => index + 1));
  const [sum] = kernels.clearedSums(coefficients, [[...sigmas.values()]]) as [Point];
  return hashWide('coinValue', encodePoint(sum));
}
