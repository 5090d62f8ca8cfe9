import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../../src/formats/decimal.ts';
import { expFixed, mulFixed, ONE } from '../../../src/market/fixed-point.ts';
import { greeks, NO_DISCOUNT } from '../../../src/market/greeks.ts';
import { max } from '../../../src/market/rounding.ts';

type Greek = 'price' | 'delta' | 'gamma' | 'vega' | 'theta';
interface Vectors {
  greeks: {
    published: Record<'forward' | 'strike' | 'years' | 'vol' | 'rate' | 'tolerance', string> &
      Record<'call' | 'put', Record<string, string>>;
    highPrecision: { rows: Record<string, string>[] };
  };
}
const { greeks: vectors }: Vectors = JSON.parse(
  readFileSync(new URL('../../vectors/market-black76.json', import.meta.url), 'utf8'),
);
const fixed = (text: string): bigint =>
  text.startsWith('-') ? -fixed(text.slice(1)) : parseDecimal(text, 18)!;
const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);

describe('the sensitivities', () => {
  test('are those of py_vollib', () => {
    const { published } = vectors;
    const [years, tolerance] = [fixed(published.years), fixed(published.tolerance)];
    const discount = expFixed(-mulFixed(fixed(published.rate), years));
    const input = {
      forward: fixed(published.forward),
      strike: fixed(published.strike),
      years,
      vol: fixed(published.vol),
    };
    for (const type of ['call', 'put'] as const) {
      const ours = greeks({ ...input, type }, discount);
      const theirs: Record<string, bigint> = {
        delta: ours.delta,
        gamma: ours.gamma,
        vegaPercent: ours.vega / 100n,
        thetaDay: ours.theta / 365n,
      };
      for (const [what, value] of Object.entries(published[type]))
        expect([type, what, distance(theirs[what]!, fixed(value)) <= tolerance]).toEqual([type, what, true]);
    }
  });

  test('agree with mpmath to 10⁻¹²: delta absolutely, the others of their largest size at that forward and time', () => {
    expect(vectors.highPrecision.rows.length).toBeGreaterThanOrEqual(40);
    for (const row of vectors.highPrecision.rows) {
      const of = (key: string): bigint => BigInt(row[key]!);
      const [forward, strike, years, vol, discount] = ['forward', 'strike', 'years', 'vol', 'discount'].map(
        of,
      );
      const larger = max(forward!, strike!);
      // vega ≤ F·√T·0.4; theta ≤ F·σ/√T + r·price: a bound that grows with F and with 1/T.
      const scale: Record<Greek, bigint> = {
        price: larger,
        delta: ONE,
        gamma: of('gamma') + 1_000n,
        vega: of('vega') + larger,
        theta: distance(of('callTheta'), 0n) + larger,
      };
      for (const type of ['call', 'put'] as const) {
        const ours = greeks(
          { type, forward: forward!, strike: strike!, years: years!, vol: vol! },
          discount!,
        );
        const theirs: Record<Greek, bigint> = {
          price: of(type),
          delta: of(`${type}Delta`),
          gamma: of('gamma'),
          vega: of('vega'),
          theta: of(`${type}Theta`),
        };
        for (const what of Object.keys(scale) as Greek[]) {
          const off = distance(ours[what], theirs[what]);
          const allowed = scale[what] / 10n ** 12n + 2n;
          expect(
            off <= allowed ? 'near' : `${type} ${what} off by ${off} of ${allowed}: ${JSON.stringify(row)}`,
          ).toBe('near');
        }
      }
    }
  });

  test('are 0 but for price and delta when nothing can move any more', () => {
    const at = { type: 'call', forward: 105n * ONE, strike: 100n * ONE, years: 0n, vol: ONE } as const;
    expect(greeks(at, NO_DISCOUNT)).toEqual({ price: 5n * ONE, delta: ONE, gamma: 0n, vega: 0n, theta: 0n });
  });
});
