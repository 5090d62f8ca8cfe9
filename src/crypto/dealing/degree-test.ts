import { invert, mod } from '@noble/curves/abstract/modular.js';
import { bigintToBytes } from '../../base/bytes.ts';
import { l } from '../../params/fields.ts';
import { isIdentity, type Point } from '../babyjub.ts';
import { type BatchKernels, NOBLE } from '../batch-kernels.ts';
import { hashToScalar } from '../hash.ts';
import { evaluatePolynomial } from '../sharing.ts';

/**
 * Whether n points are [f(1)]B … [f(n)]B for one f of a degree: their logarithms are a word of a Reed–Solomon code, so every
 * word of the dual code is orthogonal to them, and a random one is to nothing else but with probability 1/l. The dual's words are
 * v₁·m(1) … vₙ·m(n) with vᵢ = Π_{j≠i} 1/(i − j) and m of degree ≤ n − degree − 2. With n = degree + 1 there is nothing to test:
 * so many points lie on some polynomial of that degree.
 * @see Cascudo and David, SCRAPE, ACNS 2017, §2.1 and Lemma 1
 */

/**
 * vᵢ·m(i) mod l for i = 1 … n.
 * @param m coefficients of the random polynomial, constant term first
 */
export function dualWord(n: number, m: readonly bigint[]): bigint[] {
  return Array.from({ length: n }, (_, at) => {
    const i = at + 1;
    let denominator = 1n;
    for (let j = 1; j <= n; j++) if (j !== i) denominator *= BigInt(i - j);
    return mod(invert(mod(denominator, l), l) * evaluatePolynomial(m, BigInt(i)), l);
  });
}

/** The coefficients of m, hashed from the seed. */
export const testPolynomial = (seed: Uint8Array, length: number): bigint[] =>
  Array.from({ length }, (_, at) => hashToScalar('dealingWeight', bigintToBytes(BigInt(at), 4), seed));

/**
 * Σ vᵢ·m(i)·Pᵢ = O.
 * @param points by recipient, in the subgroup
 * @param seed   binds the points and everything else that their author chose; m is hashed from it
 */
export function hasDegree(
  points: readonly Point[],
  degree: number,
  seed: Uint8Array,
  kernels: BatchKernels = NOBLE,
): boolean {
  const n = points.length;
  if (n <= degree + 1) return true;
  const word = dualWord(n, testPolynomial(seed, n - degree - 1));
  return isIdentity(kernels.sumPublic(points.map((P, i) => [word[i]!, P] as const)));
}
