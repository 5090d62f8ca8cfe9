import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { black76 } from '../../../src/market/black76.ts';
import { expFixed, mulFixed, ONE } from '../../../src/market/fixed-point.ts';

interface Published {
  source: string;
  type: 'call' | 'put';
  forward: string;
  strike: string;
  years: string;
  vol: string;
  rate?: string;
  price: string;
  tolerance: string;
}
interface Row {
  forward: string;
  strike: string;
  years: string;
  vol: string;
  call: string;
  put: string;
  callDelta: string;
}
const vectors: { published: Published[]; highPrecision: { rows: Row[] } } = JSON.parse(
  readFileSync(new URL('../../vectors/market-black76.json', import.meta.url), 'utf8'),
);

/** A decimal string scaled by 10^18. */
function fixed(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(18, '0'));
}
const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);

describe('black76', () => {
  test.each(vectors.published)('agrees with $source', (v) => {
    const { price } = black76({
      type: v.type,
      forward: fixed(v.forward),
      strike: fixed(v.strike),
      years: fixed(v.years),
      vol: fixed(v.vol),
    });
    const discount = v.rate === undefined ? ONE : expFixed(-mulFixed(fixed(v.rate), fixed(v.years)));
    expect(distance(mulFixed(price, discount), fixed(v.price))).toBeLessThanOrEqual(fixed(v.tolerance));
  });

  test('prices and deltas agree with mpmath to 10⁻¹² of the forward or strike', () => {
    for (const row of vectors.highPrecision.rows) {
      const forward = BigInt(row.forward);
      const strike = BigInt(row.strike);
      const input = { forward, strike, years: BigInt(row.years), vol: BigInt(row.vol) };
      const allowed = (forward > strike ? forward : strike) / 10n ** 12n + 1n;
      const call = black76({ ...input, type: 'call' });
      const put = black76({ ...input, type: 'put' });
      expect(distance(call.price, BigInt(row.call))).toBeLessThanOrEqual(allowed);
      expect(distance(put.price, BigInt(row.put))).toBeLessThanOrEqual(allowed);
      expect(put.delta).toBe(call.delta - ONE);
    }
  });

  test('without time or volatility an option is worth its intrinsic value', () => {
    const at = { forward: 105n * ONE, strike: 100n * ONE };
    for (const rest of [
      { years: 0n, vol: ONE },
      { years: ONE, vol: 0n },
    ]) {
      expect(black76({ ...at, ...rest, type: 'call' })).toEqual({ price: 5n * ONE, delta: ONE });
      expect(black76({ ...at, ...rest, type: 'put' })).toEqual({ price: 0n, delta: 0n });
    }
    const worthless = black76({ forward: 0n, strike: ONE, years: ONE, vol: ONE, type: 'call' });
    expect(worthless).toEqual({ price: 0n, delta: 0n });
  });

  test('call − put = forward − strike, and more volatility never costs less', () => {
    const amount = fc.bigInt(ONE / 100n, 10n ** 12n * ONE);
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.bigInt(1n, 5n * ONE),
        fc.bigInt(1n, 5n * ONE),
        (forward, strike, years, vol) => {
          const price = (type: 'call' | 'put', v: bigint): bigint =>
            black76({ type, forward, strike, years, vol: v }).price;
          const allowed = (forward + strike) / 10n ** 17n + 4n;
          expect(distance(price('call', vol) - price('put', vol), forward - strike)).toBeLessThanOrEqual(
            allowed,
          );
          expect(price('call', vol + ONE / 100n) + allowed >= price('call', vol)).toBe(true);
        },
      ),
    );
  });
});
