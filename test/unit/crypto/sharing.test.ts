import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToBigint, fromHex } from '../../../src/base/bytes.ts';
import {
  evaluatePolynomial,
  integerLagrangeAtZero,
  lagrangeAtZero,
  scaleOf,
  splitSecret,
} from '../../../src/crypto/sharing.ts';
import { l } from '../../../src/params/fields.ts';
import { randomSources, scalars, subsets } from '../../helpers/arbitraries.ts';
import vectors from '../../vectors/rfc9591-shamir.json' with { type: 'json' };

const mod = (a: bigint): bigint => ((a % l) + l) % l;
const dot = (a: readonly bigint[], b: readonly bigint[]): bigint =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0n);

/** A committee of n with a degree and degree + 1 of its members, as Shamir points. */
const committees = fc
  .integer({ min: 1, max: 20 })
  .chain((n) => fc.integer({ min: 0, max: n - 1 }).map((degree) => ({ n, degree })))
  .chain(({ n, degree }) =>
    subsets(n, degree + 1).map((members) => ({ n, degree, points: members.map((i) => i + 1) })),
  );

describe('Shamir sharing against RFC 9591', () => {
  const littleEndian = (hex: string): bigint => bytesToBigint(fromHex(hex)!.reverse());
  const modulus = BigInt(vectors.modulus);
  const secret = littleEndian(vectors.groupSecretKey);
  const polynomial = [secret, ...vectors.coefficients.map(littleEndian)];

  test.each(vectors.shares)('participant $identifier has the share of the RFC', ({ identifier, share }) => {
    expect(evaluatePolynomial(polynomial, BigInt(identifier), modulus)).toBe(littleEndian(share));
  });

  test.each([
    [1, 2],
    [1, 3],
    [3, 2],
  ])('participants %i and %i interpolate the group secret key', (...points) => {
    const shares = points.map((point) => littleEndian(vectors.shares[point - 1]!.share));
    expect(dot(lagrangeAtZero(points, modulus), shares) % modulus).toBe(secret);
  });
});

describe('Shamir sharing over Z_l', () => {
  test('any degree + 1 shares give the secret, by λ mod l and by Δ·λ', () => {
    fc.assert(
      fc.property(committees, scalars, randomSources, ({ n, degree, points }, secret, random) => {
        const shares = splitSecret(secret, degree, n, random);
        expect(shares).toHaveLength(n);
        const used = points.map((x) => shares[x - 1]!);
        expect(mod(dot(lagrangeAtZero(points), used))).toBe(secret);
        expect(mod(dot(integerLagrangeAtZero(points, n), used))).toBe(mod(scaleOf(n) * secret));
      }),
      { numRuns: 60 },
    );
  });

  test('fewer shares interpolate something else, and fit every secret', () => {
    fc.assert(
      fc.property(scalars, scalars, randomSources, (secret, other, random) => {
        fc.pre(secret !== other);
        const shares = splitSecret(secret, 2, 4, random);
        expect(mod(dot(lagrangeAtZero([1, 2]), shares.slice(0, 2)))).not.toBe(secret);
        // The polynomial through (0, other) and two shares gives a third share that makes `other` the secret.
        const third = mod(
          [other, shares[0]!, shares[1]!].reduce((sum, y, i) => {
            const factor = [0, 1, 2]
              .filter((j) => j !== i)
              .reduce((product, j) => product * ((3 - j) / (i - j)), 1);
            return sum + BigInt(factor) * y;
          }, 0n),
        );
        expect(mod(dot(lagrangeAtZero([1, 2, 3]), [shares[0]!, shares[1]!, third]))).toBe(other);
      }),
      { numRuns: 20 },
    );
  });

  test('integer coefficients are small and signed up to 16 validators, mod l beyond', () => {
    const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
    expect(scaleOf(16)).toBe(20922789888000n);
    expect(scaleOf(17)).toBe(1n);
    expect(integerLagrangeAtZero([1, 2, 3], 4)).toEqual([3n, -3n, 1n].map((x) => x * 20922789888000n));
    for (const x of integerLagrangeAtZero(all(16), 16)) expect(x < 1n << 61n && x > -(1n << 61n)).toBe(true);
    expect(integerLagrangeAtZero(all(17), 17)).toEqual(lagrangeAtZero(all(17)));
  });

  test('refuses impossible degrees, secrets and points', () => {
    const random = (n: number): Uint8Array => new Uint8Array(n).fill(1);
    expect(() => splitSecret(1n, 4, 4, random)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => splitSecret(1n, -1, 4, random)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => splitSecret(l, 1, 4, random)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }),
    );
    expect(() => lagrangeAtZero([1, 1])).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => lagrangeAtZero([0, 1])).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => integerLagrangeAtZero([1, 5], 4)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
  });
});
