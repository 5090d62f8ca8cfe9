import { mod } from '@noble/curves/abstract/modular.js';
import { bigintToBytes, bytesToBigint, concatBytes } from '../base/bytes.ts';
import type { RandomBytes } from '../base/random.ts';
import { l } from '../params/fields.ts';
import { BASE, clearCofactor, encodePoint, isIdentity, multiplyBase, type Point } from './babyjub.ts';
import { type BatchKernels, NOBLE } from './batch-kernels.ts';
import { CryptoError } from './errors.ts';
import { hashBytes, hashToScalar } from './hash.ts';
import { randomScalar } from './random.ts';

/**
 * Proofs that log_B A = log_Hᵢ Dᵢ for a whole list of pairs, 64 bytes whatever its length: Chaum–Pedersen on the
 * composites M = 8·Σ wᵢ·Hᵢ and Z = 8·Σ wᵢ·Dᵢ.
 * Deviation D1 from RFC 9497: the weights come from one hash of the context and the WHOLE statement, and have 128
 * bits (a false pair survives with probability 2^−128), which halves the work.
 * Deviation D2: RFC 9497 has groups of prime order; here the composites are cleared of the cofactor, so what is proved is
 * 8·Dᵢ = x·8·Hᵢ. Without the 8, a Dᵢ with a part T of small order would pass whenever the challenge or the weight
 * happens to kill T. Whoever uses Dᵢ must multiply by 8 as well: combineDecryption and combineCoin do.
 * @see Chaum and Pedersen, CRYPTO '92; RFC 9497 §2.2
 */
export interface DleqStatement {
  /** [x]B, a public key share. */
  readonly A: Point;
  /** D = [x]H each; at least one. */
  readonly pairs: readonly { readonly H: Point; readonly D: Point }[];
}

const DLEQ_BYTES = 64;
const WEIGHT_BYTES = 16;

/** Binds context and statement; the context comes last, as the only part of free length. */
function seedOf(statement: DleqStatement, context: Uint8Array): Uint8Array {
  return hashBytes(
    'dleqStatement',
    bigintToBytes(BigInt(statement.pairs.length), 4),
    encodePoint(statement.A),
    ...statement.pairs.flatMap(({ H, D }) => [encodePoint(H), encodePoint(D)]),
    context,
  );
}

/** 8·Σ wᵢ·Pᵢ with wᵢ = the first 128 bits of SHA-256(tag ‖ seed ‖ i). RFC 9497 §2.2.1, ComputeComposites. */
function composite(seed: Uint8Array, points: readonly Point[], kernels: BatchKernels): Point {
  const weight = (i: number): bigint =>
    bytesToBigint(hashBytes('dleqComposite', seed, bigintToBytes(BigInt(i), 4)).subarray(0, WEIGHT_BYTES));
  return clearCofactor(kernels.sumPublic(points.map((P, i) => [weight(i), P])));
}

/** c = H(seed, M, Z, R₁, R₂) mod l; the seed stands for context, A and all pairs. */
function challenge(seed: Uint8Array, ...points: readonly [M: Point, Z: Point, R1: Point, R2: Point]): bigint {
  return hashToScalar('dleq', seed, ...points.map(encodePoint));
}

/**
 * Proves log_B A = log_Hᵢ Dᵢ = x without revealing x (Fiat–Shamir):
 * R₁ = [k]B, R₂ = [k]M, c = H(seed, M, Z, R₁, R₂) mod l, s = k − c·x mod l.
 * @param x         secret, 1 ≤ x < l; noble does not blind [k]M and [x]M on cofactor-8 curves
 * @param statement what is true of x; a false one gives a proof that fails
 * @param context   public; says which use of the key share this is
 * @param random    called with n = 64; a repeated k reveals x
 * @param kernels   who multiplies; the proof does not depend on it
 * @returns         c ‖ s, 32 bytes big-endian each
 * @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE if x is 0 or not below l; CRYPTO_INPUT if there are no pairs
 * @see RFC 9497 §2.2.1
 */
export function proveDleq(
  x: bigint,
  statement: DleqStatement,
  context: Uint8Array,
  random: RandomBytes,
  kernels: BatchKernels = NOBLE,
): Uint8Array {
  if (statement.pairs.length === 0) throw new CryptoError('CRYPTO_INPUT', 'a DLEQ statement has a pair');
  const seed = seedOf(statement, context);
  const M = composite(
    seed,
    statement.pairs.map(({ H }) => H),
    kernels,
  );
  const [Z] = kernels.multiplyEach([M], x) as [Point];
  const k = randomScalar(random);
  const [kM] = kernels.multiplyEach([M], k) as [Point];
  const c = challenge(seed, M, Z, multiplyBase(k), kM);
  return concatBytes(bigintToBytes(c, 32), bigintToBytes(mod(k - c * x, l), 32));
}

/**
 * Checks c = H(seed, M, Z, [s]B + [c]A, [s]M + [c]Z): then 8·Dᵢ = x·8·Hᵢ for every pair, x being the logarithm of A.
 * @param statement decoded points, on the curve; subgroup not required (see D2)
 * @param proof     64 bytes from outside; scalars not below l are refused
 * @returns         false for anything else, and if A, an H or a D is of small order. Never throws.
 * @see RFC 9497 §2.2.2
 */
export function verifyDleq(
  statement: DleqStatement,
  context: Uint8Array,
  proof: Uint8Array,
  kernels: BatchKernels = NOBLE,
): boolean {
  const { A, pairs } = statement;
  if (proof.length !== DLEQ_BYTES || pairs.length === 0) return false;
  const c = bytesToBigint(proof.subarray(0, 32));
  const s = bytesToBigint(proof.subarray(32));
  if (c >= l || s >= l) return false;
  const points = [A, ...pairs.flatMap(({ H, D }) => [H, D])];
  if (points.some((P) => isIdentity(clearCofactor(P)))) return false;
  const seed = seedOf(statement, context);
  const M = composite(
    seed,
    pairs.map(({ H }) => H),
    kernels,
  );
  const Z = composite(
    seed,
    pairs.map(({ D }) => D),
    kernels,
  );
  const R1 = kernels.sumPublic([
    [s, BASE],
    [c, A],
  ]);
  const R2 = kernels.sumPublic([
    [s, M],
    [c, Z],
  ]);
  return challenge(seed, M, Z, R1, R2) === c;
}
