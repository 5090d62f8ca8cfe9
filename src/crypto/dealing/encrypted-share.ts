import { mod } from '@noble/curves/abstract/modular.js';
import { l, r, SCALAR_BITS } from '../../params/fields.ts';
import { BASE, clearCofactor, multiply, multiplyBase, multiplySumPublic, type Point } from '../babyjub.ts';
import { dealingStream } from '../hash.ts';
import type { PerKey } from './session.ts';

/** What a dealing holds for one recipient. */
export interface EncryptedShares {
  /** A = [f(i)]B and A' = [g(i)]B. */
  readonly commitments: PerKey<Point>;
  /** F_r: the shares, padded. */
  readonly ciphertexts: PerKey<bigint>;
}

const TOP = 1n << BigInt(SCALAR_BITS);

/** [2^251]B: the circuit proves R' = [t]B, and the randomness is k = 2^251 + t. */
const SHIFT = multiplySumPublic([[TOP - l, BASE]]);

/** R = R' + [2^251]B = [k]B. */
export const randomnessPoint = (ephemeral: Point): Point => ephemeral.add(SHIFT);

const WINDOWS = 83n;
/** What the lowest 249 bits must not be: there the fixed base adds a point to its negative. See circuits/README.md, Encapsulation. */
const UNPROVABLE = l - 2n * 8n ** WINDOWS - (8n ** WINDOWS - 1n) / 7n;

/**
 * Whether statement S4r has a proof for this share: 1 ≤ s < l and not one of few numbers that the circuit's fixed base cannot add up.
 * All but 2^−249 of them have.
 */
export const isProvableShare = (s: bigint): boolean => s > 0n && s < l && s % 8n ** WINDOWS !== UNPROVABLE;

/** t of k = 2^251 + t mod l. @param k secret, 1 ≤ k < l. @returns undefined if the circuit has no witness for it */
export function ephemeralOf(k: bigint): bigint | undefined {
  if (k < 2n || k > l - 3n) return undefined;
  const t = mod(k - TOP, l);
  return isProvableShare(t) ? t : undefined;
}

/**
 * Statement S4r for one recipient: A = [s]B, A' = [s']B, E = [k]·PK8, (z₀, z₁, z₂) = PoseidonEx(3 → 3)(E.x, E.y, context),
 * c = s + z₁, c' = s' + z₂ mod r. A hashed ElGamal encryption of two scalars with a one-time pad; z₀ stays hidden.
 * @param t      secret, of `ephemeralOf`: k = 2^251 + t
 * @param shares secret, provable
 * @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE if a share is 0 or not below l
 */
export function encryptShares(
  key8: Point,
  context: bigint,
  t: bigint,
  shares: PerKey<bigint>,
): EncryptedShares {
  const [z1, z2] = pads(multiply(key8, mod(TOP + t, l)), context);
  return {
    commitments: { decryption: multiplyBase(shares.decryption), coin: multiplyBase(shares.coin) },
    ciphertexts: { decryption: mod(shares.decryption + z1, r), coin: mod(shares.coin + z2, r) },
  };
}

/**
 * s = c − z₁, s' = c' − z₂ mod r, then mod l: the circuit bounds a share by 2^251 and not by l. Only those that belong to the
 * commitments are returned.
 * @param D what the recipient alone can compute: [sk]R, R = `randomnessPoint`; the pads are of E = 8·D
 * @returns undefined unless [s]B = A and [s']B = A'
 */
export function decryptShares(
  D: Point,
  context: bigint,
  encrypted: EncryptedShares,
): PerKey<bigint> | undefined {
  const { commitments, ciphertexts } = encrypted;
  const [z1, z2] = pads(clearCofactor(D), context);
  const decryption = mod(mod(ciphertexts.decryption - z1, r), l);
  const coin = mod(mod(ciphertexts.coin - z2, r), l);
  if (!isCommitted(decryption, commitments.decryption) || !isCommitted(coin, commitments.coin))
    return undefined;
  return { decryption, coin };
}

/** A cheating dealer may share 0. */
const isCommitted = (s: bigint, A: Point): boolean => (s === 0n ? A.is0() : multiplyBase(s).equals(A));

function pads(E: Point, context: bigint): readonly [bigint, bigint] {
  const { x, y } = E.toAffine();
  return dealingStream(x, y, context);
}
