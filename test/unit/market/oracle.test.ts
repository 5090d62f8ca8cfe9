import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clampMoves, isStale } from '../../../src/market/oracle.ts';
import type { MarketParams } from '../../../src/market/params.ts';
import { lowerMedian } from '../../../src/validator/oracle.ts';
import { market } from '../../helpers/market-fixtures.ts';

describe('the oracle', () => {
  const params: MarketParams = {
    ...market,
    oracle: { indexMovePpm: 100_000n, volMovePpm: 500_000n, staleAfterS: 60n },
  };

  test('is stale when its prices are older than the limit, not at the limit', () => {
    expect([isStale(params, 160n, 100n), isStale(params, 161n, 100n)]).toEqual([false, true]);
  });

  test('is followed up to the clamp a height, the index and the volatilities by their own', () => {
    expect(clampMoves(params, [1_000n, 1_000n], [1_100n, 1_500n])).toEqual([1_100n, 1_500n]);
    expect(clampMoves(params, [1_000n, 1_000n], [2_000n, 2_000n])).toEqual([1_100n, 1_500n]);
    expect(clampMoves(params, [1_000n, 1_000n], [1n, 1n])).toEqual([900n, 500n]);
  });

  test('is never stuck at a tiny price, and never below 1', () => {
    expect(clampMoves(params, [1n], [9n])).toEqual([2n]);
    expect(clampMoves(params, [1n], [1n])).toEqual([1n]);
  });

  test('with f liars among 3f + 1 or 2f + 1 reports has its median inside the honest range', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((f) =>
          fc.record({
            liars: fc.array(fc.bigInt(1n, 10n ** 18n), { minLength: f, maxLength: f }),
            honest: fc.array(fc.bigInt(10n ** 6n, 2n * 10n ** 6n), {
              minLength: f + 1,
              maxLength: 2 * f + 1,
            }),
          }),
        ),
        ({ liars, honest }) => {
          const median = lowerMedian([...liars, ...honest]);
          const sorted = [...honest].sort((a, b) => Number(a - b));
          expect(median >= sorted[0]! && median <= sorted.at(-1)!).toBe(true);
        },
      ),
    );
  });
});
