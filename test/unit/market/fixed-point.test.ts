import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  divFixed,
  expFixed,
  integerSqrt,
  lnFixed,
  mulFixed,
  normalCdf,
  ONE,
  sqrtFixed,
} from '../../../src/market/fixed-point.ts';

type Rows = [x: string, y: string][];
const vectors: Record<'ln' | 'exp' | 'sqrt' | 'normalCdf', Rows> = JSON.parse(
  readFileSync(new URL('../../vectors/market-fixed-point.json', import.meta.url), 'utf8'),
);

/** Largest |f(x) − y| over the rows, in 10⁻¹⁸. */
const worst = (rows: Rows, f: (x: bigint) => bigint): bigint =>
  rows.reduce((most, [x, y]) => {
    const error = f(BigInt(x)) - BigInt(y);
    const size = error < 0n ? -error : error;
    return size > most ? size : most;
  }, 0n);

describe('fixed point agrees with mpmath', () => {
  test('ln to the last digit', () => expect(worst(vectors.ln, lnFixed)).toBeLessThanOrEqual(1n));
  test('exp to the last digit', () => expect(worst(vectors.exp, expFixed)).toBeLessThanOrEqual(1n));
  test('sqrt exactly', () => expect(worst(vectors.sqrt, sqrtFixed)).toBe(0n));
  test('the normal distribution far below the promised 10⁻¹²', () =>
    expect(worst(vectors.normalCdf, normalCdf)).toBeLessThanOrEqual(1n));
});

describe('fixed point', () => {
  test('products and quotients are rounded to nearest, halves away from zero', () => {
    expect(mulFixed(ONE / 2n, 1n)).toBe(1n);
    expect(mulFixed(ONE / 2n, -1n)).toBe(-1n);
    expect(mulFixed(ONE / 2n - 1n, 1n)).toBe(0n);
    expect(divFixed(1n, 3n * ONE)).toBe(0n);
    expect(divFixed(2n, -3n * ONE)).toBe(-1n);
    expect(divFixed(-6n * ONE, -3n * ONE)).toBe(2n * ONE);
  });

  test('integerSqrt is the floor of the root', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 300n), (n) => {
        const root = integerSqrt(n);
        expect(root * root <= n && n < (root + 1n) * (root + 1n)).toBe(true);
      }),
    );
    for (const n of [0n, 1n, 2n, 3n, 4n, 8n, 9n]) expect(integerSqrt(n) ** 2n <= n).toBe(true);
  });

  test('exp undoes ln', () => {
    fc.assert(
      fc.property(fc.bigInt(ONE / 1000n, 1000n * ONE), (x) => {
        const back = expFixed(lnFixed(x));
        expect(back - x < 1001n && x - back < 1001n).toBe(true);
      }),
    );
  });

  test('N(x) + N(−x) = 1 and N never falls', () => {
    fc.assert(
      fc.property(fc.bigInt(-12n * ONE, 12n * ONE), fc.bigInt(0n, ONE), (x, step) => {
        const total = normalCdf(x) + normalCdf(-x);
        expect(total - ONE <= 1n && ONE - total <= 1n).toBe(true);
        expect(normalCdf(x + step) + 1n >= normalCdf(x)).toBe(true);
      }),
    );
  });
});
