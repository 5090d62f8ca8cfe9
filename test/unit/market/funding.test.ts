import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accrue,
  damped,
  fundingPerLot,
  fundingRate,
  impactPrice,
  isFundingDue,
  payFunding,
  premiumSample,
  type RestingOrder,
  rateCap,
  withinBand,
} from '../../../src/market/funding.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { account, market } from '../../helpers/market-fixtures.ts';

const bid = (price: bigint, lots: bigint): RestingOrder => ({ side: 'buy', price, lots });
const ask = (price: bigint, lots: bigint): RestingOrder => ({ side: 'sell', price, lots });

describe('impact prices', () => {
  // 600 = 2·100 + 4·90 + 40 of the third level: 600/(2 + 4 + 0.5) = 92.3…
  const book = [bid(80n, 5n), bid(100n, 2n), bid(90n, 4n), ask(110n, 1n), ask(120n, 10n)];

  test('are averages over the depth they need, bids rounded down, asks up', () => {
    expect(impactPrice(book, 'buy', 600n)).toBe(92n);
    // 350 = 110 + 240 of the second level: 350/(1 + 2) = 116.7
    expect(impactPrice(book, 'sell', 350n)).toBe(117n);
  });

  test('are none without the depth', () => {
    expect(impactPrice(book, 'buy', 961n)).toBeUndefined();
    expect(impactPrice(book, 'buy', 960n)).toBe(87n);
    expect(impactPrice([], 'sell', 1n)).toBeUndefined();
  });
});

describe('the premium', () => {
  test('is (max(0, bid − S) − max(0, S − ask))/S, and 0 inside the spread', () => {
    const sample = (below: bigint | undefined, above: bigint | undefined) =>
      premiumSample(below, above, 10_000n, 100_000n);
    expect(sample(10_010n, 10_020n)).toBe(1_000n);
    expect(sample(9_980n, 9_990n)).toBe(-1_000n);
    expect(sample(9_990n, 10_010n)).toBe(0n);
  });

  test('needs both sides: a book with one says nothing', () => {
    expect(premiumSample(undefined, 9_990n, 10_000n, 100_000n)).toBe(0n);
    expect(premiumSample(10_010n, undefined, 10_000n, 100_000n)).toBe(0n);
  });

  test('is clamped as dYdX clamps its votes: a bid of 9,999.9 at an index of 6,000 is worth 10 %', () => {
    // dYdX v4 documentation, Funding: premium votes are clamped to the market's limit
    expect(premiumSample(9_999_900_000n, 10_000_000_000n, 6_000_000_000n, 100_000n)).toBe(100_000n);
    expect(premiumSample(1n, 2n, 6_000_000_000n, 100_000n)).toBe(-100_000n);
  });

  test('counts limits at the edge of the band, and no order that the band excludes', () => {
    const book = [bid(1n << 32n, 3n), bid(1n, 50n), ask(1n, 2n), ask(1n << 32n, 9n)];
    expect(withinBand(book, { low: 90n, high: 110n })).toEqual([bid(110n, 3n), ask(90n, 2n)]);
  });

  test('is damped as Deribit writes it: within ±0.025 % nothing, beyond it what exceeds', () => {
    // support.deribit.com, "Funding specifications"
    for (const [premium, rate] of [
      [1_000n, 750n],
      [250n, 0n],
      [200n, 0n],
      [-250n, 0n],
      [-600n, -350n],
    ] as const) {
      expect(damped(premium, 250n)).toBe(rate);
    }
  });

  test('becomes the hourly mean, damped, and at most ±6·(imf − mmf)', () => {
    expect(rateCap(market.funding, market)).toBe(120_000n);
    expect(fundingRate({ damperPpm: 250n }, 120_000n, 3_600_000n, 3_600n)).toBe(750n);
    expect(fundingRate({ damperPpm: 250n }, 120_000n, 900_000_000n, 3_000n)).toBe(120_000n);
    expect(fundingRate({ damperPpm: 250n }, 120_000n, -900_000_000n, 3_000n)).toBe(-120_000n);
    expect(fundingRate({ damperPpm: 250n }, 120_000n, 0n, 0n)).toBe(0n);
  });

  test('of a height holds to the next one, as long as a price stays fresh; the rest of the time counts as 0', () => {
    const state = { lastS: 0n, sums: [5n, 0n], samples: [100n, 0n] };
    expect(accrue(state, 20n, 60n).sums).toEqual([2_005n, 0n]);
    expect(accrue(state, 28_800n, 60n).sums).toEqual([6_005n, 0n]);
    // Eight silent hours after a sample of 10 %: 60 s of it are damped away.
    const silent = accrue({ lastS: 0n, sums: [0n], samples: [100_000n] }, 28_800n, 60n);
    expect(fundingRate({ damperPpm: 250n }, 120_000n, silent.sums[0]!, 28_800n)).toBe(0n);
  });
});

describe('funding', () => {
  test('is due when block time enters another hour', () => {
    expect([isFundingDue(3_599n, 3_600n), isFundingDue(3_600n, 7_199n), isFundingDue(0n, 9_000n)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('of 0.08 % in eight hours on 100 USDC is 0.01 USDC an hour', () => {
    expect(fundingPerLot(800n, 100_000_000n, 3_600n)).toBe(10_000n);
    expect(fundingPerLot(-800n, 100_000_000n, 3_600n)).toBe(-10_000n);
  });

  test('I7 sums to zero to the unit over positions that sum to zero', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(-(10n ** 9n), 10n ** 9n), { maxLength: 8 }),
        fc.bigInt(-120_000n, 120_000n),
        (lots, rate) => {
          const all = [...lots, -lots.reduce((a, b) => a + b, 0n)].filter((q) => q !== 0n);
          const perLot = fundingPerLot(rate, 62_123_457n, 3_599n);
          const paid = all.map((q) => {
            const after = payFunding(account(0n, [[0, q]]), instrumentIndex(0), perLot);
            return after.positions.get(instrumentIndex(0))!.quote;
          });
          expect(paid.reduce((a, b) => a + b, 0n)).toBe(0n);
        },
      ),
    );
  });
});
