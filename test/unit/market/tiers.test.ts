import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkEntry } from '../../../src/market/entry.ts';
import { initialMargin, openingEquity } from '../../../src/market/margin.ts';
import type { MarketParams } from '../../../src/market/params.ts';
import { marginalRatePpm, tieredRequirement } from '../../../src/market/tiers.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { account, INDEX, MARKS, market } from '../../helpers/market-fixtures.ts';

const usd = (amount: number): bigint => BigInt(amount) * 1_000_000n;
/** Binance's first BTCUSDT brackets as published in 2023: up to 50,000 0.4 %, to 500,000 0.5 %, to 10,000,000 1 %. */
const binance: MarketParams = {
  ...market,
  imfPpm: 8_000n,
  mmfPpm: 4_000n,
  tiers: [
    { fromNotional: usd(50_000), imfPpm: 10_000n, mmfPpm: 5_000n },
    { fromNotional: usd(500_000), imfPpm: 20_000n, mmfPpm: 10_000n },
  ],
};

describe('size tiers', () => {
  test('give notional · rate − maintenance amount, with the published amounts 0, 50 and 2,550 USD', () => {
    const of = (notional: number): bigint => tieredRequirement(binance, usd(notional)).maintenance;
    expect(of(40_000)).toBe(usd(160));
    expect(of(50_000)).toBe(usd(200));
    expect(of(100_000)).toBe(usd(100_000 * 0.005 - 50));
    expect(of(1_000_000)).toBe(usd(1_000_000 * 0.01 - 2_550));
  });

  test('never cost more for an additional unit than the marginal rate', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, usd(2_000_000)), fc.bigInt(0n, usd(2_000_000)), (held, more) => {
        const grown = tieredRequirement(binance, held + more).initial;
        const rate = marginalRatePpm(binance, held + more);
        expect(
          grown <= tieredRequirement(binance, held).initial + (more * rate + 999_999n) / 1_000_000n,
        ).toBe(true);
      }),
    );
  });

  test('leave an account that entered with opening equity ≥ IM, whatever it splits its orders into', () => {
    let entered = 0;
    fc.assert(
      fc.property(
        fc.bigInt(0n, usd(60_000)),
        fc.bigInt(-9_000n, 9_000n),
        fc.array(fc.bigInt(1n, 9_000n), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (cash, lots, sizes, isBuy) => {
          const before = account(cash, lots === 0n ? [] : [[0, lots, -lots * MARKS[0]!]]);
          const orders = sizes.map((size) => ({
            side: isBuy ? ('buy' as const) : ('sell' as const),
            instrument: instrumentIndex(0),
            price: MARKS[0]!,
            lots: size,
            reduceOnly: false,
          }));
          const entry = checkEntry({ params: binance, account: before, orders, marks: MARKS, index: INDEX });
          if (entry.entered.length === 0) return;
          entered++;
          const total = sizes.reduce((a, b) => a + b, 0n) * (isBuy ? 1n : -1n);
          const fees = orders.reduce(
            (sum, o) => sum + (o.lots * o.price * binance.feePpm + 999_999n) / 1_000_000n,
            0n,
          );
          const after = account(
            cash - fees,
            lots + total === 0n ? [] : [[0, lots + total, -(lots + total) * MARKS[0]!]],
          );
          expect(openingEquity(binance, after, MARKS) >= initialMargin(binance, after, MARKS, INDEX)).toBe(
            true,
          );
        },
      ),
      { numRuns: 1_000 },
    );
    expect(entered).toBeGreaterThan(100);
  });
});
