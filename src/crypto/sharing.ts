import { invert, mod } from '@noble/curves/abstract/modular.js';
import { assert } from '../base/errors.ts';
import type { RandomBytes } from '../base/random.ts';
import { l } from '../params/fields.ts';
import { INTEGER_LAGRANGE_MAX } from '../params/sizes.ts';
import { CryptoError } from './errors.ts';
import { randomScalar } from './random.ts';

/**
 * Shamir's secret sharing. Polynomials and Lagrange coefficients work over any prime modulus (the tests run them on
 * another protocol's vectors); the protocol itself uses l, the order of the BabyJubJub subgroup.
 * @see Shamir, CACM 22 (1979); RFC 9591 appendix C.1 and §4.2
 */

/**
 * f(x) = Σ coefficients[k]·x^k mod modulus, by Horner's rule.
 * @param coefficients constant term first; secret
 * @param x            public
 */
export function evaluatePolynomial(coefficients: readonly bigint[], x: bigint, modulus = l): bigint {
  return coefficients.reduceRight((value, coefficient) => mod(value * x + coefficient, modulus), 0n);
}

/**
 * Shares f(1), …, f(n) of a random polynomial of the given degree with f(0) = secret.
 * @param secret Z_l
 * @param degree any degree + 1 shares give the secret, any `degree` of them say nothing of it
 * @returns      n elements of Z_l, secret: the i-th (from 0) belongs to validator i
 * @throws {CryptoError} CRYPTO_INPUT unless 0 ≤ degree < n; CRYPTO_SCALAR_OUT_OF_RANGE
 */
export function splitSecret(secret: bigint, degree: number, n: number, random: RandomBytes): bigint[] {
  if (degree < 0 || degree >= n) {
    throw new CryptoError('CRYPTO_INPUT', 'a sharing needs 0 ≤ degree < n', { degree, n });
  }
  if (secret < 0n || secret >= l) {
    throw new CryptoError('CRYPTO_SCALAR_OUT_OF_RANGE', 'a secret to be shared is not in Z_l');
  }
  const coefficients = [secret, ...Array.from({ length: degree }, () => randomScalar(random))];
  return Array.from({ length: n }, (_, i) => evaluatePolynomial(coefficients, BigInt(i + 1)));
}

/** Numerators and denominators of λᵢ = Π_{j≠i} xⱼ/(xⱼ − xᵢ), as integers. */
function lagrangeFractions(points: readonly number[]): { numerator: bigint; denominator: bigint }[] {
  if (new Set(points).size !== points.length || points.some((x) => !Number.isSafeInteger(x) || x < 1)) {
    throw new CryptoError('CRYPTO_INPUT', 'interpolation points are distinct positive integers', { points });
  }
  return points.map((xi) => {
    const others = points.filter((xj) => xj !== xi);
    return {
      numerator: others.reduce((product, xj) => product * BigInt(xj), 1n),
      denominator: others.reduce((product, xj) => product * BigInt(xj - xi), 1n),
    };
  });
}

/**
 * Lagrange coefficients at 0: f(0) = Σ λᵢ·f(xᵢ) for every polynomial of a degree below points.length.
 * @param points distinct, 1 ≤ x < modulus; public
 * @returns      λᵢ mod modulus, in the points' order
 * @throws {CryptoError} CRYPTO_INPUT if points repeat or are not positive integers
 */
export function lagrangeAtZero(points: readonly number[], modulus = l): bigint[] {
  return lagrangeFractions(points).map(({ numerator, denominator }) =>
    mod(numerator * invert(mod(denominator, modulus), modulus), modulus),
  );
}

/** 16!: n!·λᵢ is an integer for points from 1 … n, and n! divides 16!. */
const SCALE = Array.from({ length: INTEGER_LAGRANGE_MAX }, (_, i) => BigInt(i + 1)).reduce((a, b) => a * b);

/** Δ: 16! for committees of at most 16, 1 beyond. Fixed with the key, since it enters the encryption key Y = Δ·PK. */
export function scaleOf(n: number): bigint {
  return n <= INTEGER_LAGRANGE_MAX ? SCALE : 1n;
}

/**
 * Δ·λᵢ for Δ = scaleOf(n): up to n = 16 signed integers of at most 61 bits, so that a combination multiplies points by
 * short scalars; beyond, λᵢ mod l.
 * @param points distinct, 1 ≤ x ≤ n; public
 * @returns      |Δ·λᵢ| < l, in the points' order
 * @throws {CryptoError} CRYPTO_INPUT if points repeat or lie outside 1 … n
 * @see Shoup, Practical threshold signatures, EUROCRYPT 2000, §2 (Δ = n!)
 */
export function integerLagrangeAtZero(points: readonly number[], n: number): bigint[] {
  if (points.some((x) => x > n)) {
    throw new CryptoError('CRYPTO_INPUT', 'an interpolation point lies outside 1 … n', { points, n });
  }
  if (n > INTEGER_LAGRANGE_MAX) return lagrangeAtZero(points);
  return lagrangeFractions(points).map(({ numerator, denominator }) => {
    const scaled = SCALE * numerator;
    assert(scaled % denominator === 0n, 'Δ·λ is an integer');
    return scaled / denominator;
  });
}
