import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advanceIndex,
  type IndexHistory,
  type IndexSample,
  payExpiry,
  payout,
  SETTLEMENT_WINDOW_S,
  settlementIndex,
} from '../../../src/market/expiry.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { account, option } from '../../helpers/market-fixtures.ts';

const EXPIRY = 100_000n;

/** S_T of a run of samples, the first of genesis; the last one is the height that settles. */
function settle(samples: readonly IndexSample[]): bigint {
  let last = samples[0]!;
  let history: IndexHistory = advanceIndex({ integral: 0n, windows: [] }, last, last.timeS, [EXPIRY]);
  for (const sample of samples.slice(1, -1)) {
    history = advanceIndex(history, last, sample.timeS, [EXPIRY]);
    last = sample;
  }
  const { timeS } = samples.at(-1)!;
  history = advanceIndex(history, last, timeS, [EXPIRY]);
  return settlementIndex(history, last, timeS, history.windows[0]!);
}

/** The same, second by second. */
function bySeconds(samples: readonly IndexSample[]): bigint {
  const first = samples[0]!.timeS;
  const from = first > EXPIRY - SETTLEMENT_WINDOW_S ? first : EXPIRY - SETTLEMENT_WINDOW_S;
  let sum = 0n;
  for (let t = from; t < EXPIRY; t += 1n) sum += samples.findLast(({ timeS }) => timeS <= t)!.index;
  return sum / (EXPIRY - from);
}

describe('the settlement index', () => {
  test('is the index weighted by the time it held in the last 30 minutes', () => {
    const samples = [
      { timeS: 90_000n, index: 999n },
      { timeS: 98_000n, index: 100n }, // holds 900 s of the window, from 98,200 on
      { timeS: 99_100n, index: 200n },
      { timeS: 100_000n, index: 777n },
    ];
    expect(settle(samples)).toBe(150n);
  });

  test('equals the mean second by second, wherever heights fall', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ wait: fc.nat(700), index: fc.bigInt(1n, 10n ** 12n) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.nat(4_000),
        fc.nat(500),
        (steps, before, late) => {
          let timeS = EXPIRY - 1n - BigInt(before);
          const samples = [{ timeS, index: 5n }];
          for (const { wait, index } of steps) {
            timeS += BigInt(wait);
            if (timeS < EXPIRY) samples.push({ timeS, index });
          }
          samples.push({ timeS: EXPIRY + BigInt(late), index: 1n });
          expect(settle(samples)).toBe(bySeconds(samples));
        },
      ),
    );
  });
});

describe('an expiry', () => {
  const call = option('call', 100_000);

  test('pays the payoff at the settlement index, closes the position, and pays once', () => {
    const perLot = payout(call, 103_000_000_000n);
    expect(perLot).toBe(3_000_000n);
    expect(payout(option('put', 100_000), 103_000_000_000n)).toBe(0n);
    const long = account(10n, [[1, 4n, -5_000_000n]]);
    const paid = payExpiry(long, instrumentIndex(1), perLot);
    expect(paid).toEqual({ cash: 10n - 5_000_000n + 12_000_000n, sequence: 0n, positions: new Map() });
    expect(payExpiry(paid, instrumentIndex(1), perLot)).toBe(paid);
  });

  test('opens one window for an expiry that several options share', () => {
    const last = { timeS: EXPIRY - 2_000n, index: 7n };
    const history = advanceIndex({ integral: 0n, windows: [] }, last, EXPIRY - 1_000n, [
      EXPIRY,
      EXPIRY,
      EXPIRY + 10_000n,
    ]);
    expect(history.windows).toEqual([{ expiry: EXPIRY, fromS: EXPIRY - 1_800n, integral: 7n * 200n }]);
  });
});
