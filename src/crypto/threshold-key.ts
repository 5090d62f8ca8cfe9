import type { RandomBytes } from '../base/random.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import {
  isIdentity,
  isInSubgroup,
  multiply,
  multiplyBase,
  multiplySumPublic,
  type Point,
} from './babyjub.ts';
import { type BatchKernels, NOBLE } from './batch-kernels.ts';
import { CryptoError } from './errors.ts';
import { randomScalar } from './random.ts';
import { integerLagrangeAtZero, lagrangeAtZero, scaleOf, splitSecret } from './sharing.ts';

/** The public side of a key whose secret is shared by a polynomial f: PK = [f(0)]B. */
export interface ThresholdKey {
  readonly n: number;
  /** Degree of f: so many shares together say nothing. */
  readonly degree: number;
  /** degree + 1 shares do what the secret would. */
  readonly sharesRequired: number;
  /** PK = [f(0)]B. */
  readonly publicKey: Point;
  /** PKᵢ = [sᵢ]B with sᵢ = f(i + 1), by validator index. */
  readonly shareKeys: readonly Point[];
}

/**
 * A dealer's key: draws f, gives every validator its share. The dealer knows the secret, and anyone who reads what it
 * held can open every batch: a distributed generation replaces it behind the same interface.
 * @param n      validators
 * @param degree of f, 0 ≤ degree < n; 2f for both keys of the protocol
 * @returns      the public key and the secrets sᵢ in Z_l by validator index
 * @throws {CryptoError} CRYPTO_INPUT unless 0 ≤ degree < n
 */
export function dealThresholdKey(
  n: number,
  degree: number,
  random: RandomBytes,
): { readonly key: ThresholdKey; readonly secrets: readonly bigint[] } {
  const secret = randomScalar(random);
  const secrets = splitSecret(secret, degree, n, random);
  const key = {
    n,
    degree,
    sharesRequired: degree + 1,
    publicKey: multiplyBase(secret),
    shareKeys: secrets.map(multiplyBase),
  };
  return { key, secrets };
}

/**
 * Whether a key is one: PK ≠ O and all its points lie in the subgroup, and one polynomial of degree `degree` in the exponent gives
 * PK at 0 and PKᵢ at i + 1. Every window of degree + 1 neighbouring share keys must interpolate to PK: two neighbouring
 * windows share `degree` points and the one at 0, so they lie on the same polynomial.
 * @param key public, from outside
 */
export function isThresholdKey(key: ThresholdKey): boolean {
  const { n, degree, sharesRequired, publicKey, shareKeys } = key;
  if (degree < 0 || degree >= n || sharesRequired !== degree + 1 || shareKeys.length !== n) return false;
  if (isIdentity(publicKey) || ![publicKey, ...shareKeys].every(isInSubgroup)) return false;
  for (let first = 0; first + sharesRequired <= n; first++) {
    const points = Array.from({ length: sharesRequired }, (_, i) => first + i + 1);
    const terms = lagrangeAtZero(points).map((lambda, i) => [lambda, shareKeys[first + i]!] as const);
    if (!multiplySumPublic(terms).equals(publicKey)) return false;
  }
  return true;
}

/**
 * Y = Δ·PK: with the scale inside the key, combining needs integer Lagrange coefficients only.
 * Circuits and sealWords take Y8 = clearCofactor(Y).
 */
export function encryptionKey(key: ThresholdKey): Point {
  return multiplySumPublic([[scaleOf(key.n), key.publicKey]]);
}

/**
 * D = [s]U. Never for a U that no verified proof covers: D(U + aB) − a·PKᵢ = D(U) makes a share oracle.
 * @param secret the validator's share of the key, 1 ≤ s < l
 * @param U      = [r]B of a sealed batch, public
 * @returns      public once the batch is ordered
 * @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE
 */
export function decryptionShare(secret: bigint, U: Point): Point {
  return multiply(U, secret);
}

/**
 * K = 8·Σ (Δ·λᵢ)·Dᵢ = [r] (8·Δ·PK) = [r]Y8. The 8 also removes what a faulty validator could add of small order, which a
 * DLEQ does not see. A wrong share gives a wrong K: the ciphertext's tag tells.
 * @param shares any sharesRequired of them (more are right as well, and slower); points from outside, on the curve
 * @param n      the key's number of validators: fixes Δ
 * @throws {CryptoError} CRYPTO_INPUT if there is no share, or one of an index ≥ n
 */
export function combineDecryption(shares: ReadonlyMap<ValidatorIndex, Point>, n: number): Point {
  const [K] = combineDecryptions(new Map([...shares].map(([index, D]) => [index, [D]])), n) as [Point];
  return K;
}

/**
 * `combineDecryption` of each of many batches that the same validators opened.
 * @param shares as many points of each validator, in the batches' order
 * @throws {CryptoError} CRYPTO_INPUT if there is no share, or one of an index ≥ n
 */
export function combineDecryptions(
  shares: ReadonlyMap<ValidatorIndex, readonly Point[]>,
  n: number,
  kernels: BatchKernels = NOBLE,
): Point[] {
  const [first] = shares.values();
  if (first === undefined) throw new CryptoError('CRYPTO_INPUT', 'no decryption share to combine');
  const coefficients = integerLagrangeAtZero(
    [...shares.keys()].map((index) => index + 1),
    n,
  );
  const lists = [...shares.values()];
  return kernels.clearedSums(
    coefficients,
    first.map((_, batch) => lists.map((points) => points[batch]!)),
  );
}
