import fc from 'fast-check';
import { expect, test } from 'vitest';
import { multiplyBase } from '../../../../src/crypto/babyjub.ts';
import { dualWord, hasDegree, testPolynomial } from '../../../../src/crypto/dealing/degree-test.ts';
import { evaluatePolynomial } from '../../../../src/crypto/sharing.ts';
import { l } from '../../../../src/params/fields.ts';
import { scalars } from '../../../helpers/arbitraries.ts';

const seed = new Uint8Array(32).fill(3);
const points = (values: readonly bigint[]) => values.map((value) => multiplyBase(value));
const valuesOf = (n: number, f: readonly bigint[]): bigint[] =>
  Array.from({ length: n }, (_, i) => evaluatePolynomial(f, BigInt(i + 1)));

test('the dual word of (1, 2, 3) for m = 1 is (1/2, −1, 1/2): second differences of a line vanish', () => {
  const half = (l + 1n) / 2n;
  expect(dualWord(3, [1n])).toEqual([half, l - 1n, half]);
});

test('dual words are orthogonal to polynomials of the degree, and to no other value at one place', () => {
  const cases = fc
    .integer({ min: 2, max: 12 })
    .chain((n) => fc.integer({ min: 0, max: n - 2 }).map((degree) => ({ n, degree })));
  fc.assert(
    fc.property(
      cases,
      fc.array(scalars, { minLength: 24, maxLength: 24 }),
      fc.nat(),
      ({ n, degree }, drawn, at) => {
        const word = dualWord(n, drawn.slice(0, n - degree - 1));
        const values = valuesOf(n, drawn.slice(12, 13 + degree));
        const inner = (given: readonly bigint[]): bigint =>
          given.reduce((sum, value, i) => sum + value * word[i]!, 0n) % l;
        expect(inner(values)).toBe(0n);
        expect(inner(values.map((value, i) => (i === at % n ? value + 1n : value)))).toBe(word[at % n]!);
      },
    ),
    { numRuns: 60 },
  );
});

test('points of a polynomial one degree too high fail for every n that leaves room', () => {
  for (const n of [2, 3, 4, 7, 10]) {
    const degree = 2 * Math.floor((n - 1) / 3);
    const f = Array.from({ length: degree + 1 }, (_, i) => 1_000n + BigInt(i));
    expect(hasDegree(points(valuesOf(n, f)), degree, seed)).toBe(true);
    expect(hasDegree(points(valuesOf(n, [...f, 1n])), degree, seed)).toBe(false);
  }
});

test('one point alone is on a polynomial of degree 0: there is nothing to test', () => {
  expect(hasDegree(points([7n]), 0, seed)).toBe(true);
});

test('weights follow from the seed: who knows them could choose points that pass under these and fail under others', () => {
  const [n, degree] = [7, 4];
  const word = dualWord(n, testPolynomial(seed, n - degree - 1));
  const values = valuesOf(n, [5n, 1n, 1n, 1n, 1n]);
  // Two places move, so that the sum under the known word stays 0.
  const [first, second] = [word[0]!, word[1]!];
  const moved = values.map(
    (value, i) => (i === 0 ? value + second : i === 1 ? value + l - first : value) % l,
  );
  expect(hasDegree(points(moved), degree, seed)).toBe(true);
  expect(hasDegree(points(moved), degree, new Uint8Array(32).fill(4))).toBe(false);
});
