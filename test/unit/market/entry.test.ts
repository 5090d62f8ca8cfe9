import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, equity } from '../../../src/market/account.ts';
import { bandsOf } from '../../../src/market/band.ts';
import { checkEntry, checkOpenInterest, type Entry, type EntryInput } from '../../../src/market/entry.ts';
import { marginRequirement, positionRequirement } from '../../../src/market/margin.ts';
import type { Order, Side } from '../../../src/market/order.ts';
import { pricesOf } from '../../../src/market/prices.ts';
import { type InstrumentIndex, instrumentIndex } from '../../../src/params/ids.ts';
import {
  fillSome,
  lotsOfEach,
  nearOrders,
  portfolio,
  priced,
  sixteenths,
} from '../../helpers/market-fills.ts';
import { account, INDEX, MARKS, market, orders, ratedMarkets } from '../../helpers/market-fixtures.ts';

const PRICES = pricesOf(market, MARKS, INDEX);
const BANDS = bandsOf(PRICES, MARKS);
const NOBODY: ReadonlyMap<InstrumentIndex, bigint> = new Map();

const order = (side: Side, instrument: number, lots: bigint, price: bigint, reduceOnly = false): Order => ({
  side,
  instrument: instrumentIndex(instrument),
  price,
  lots,
  reduceOnly,
});
const inputOf = (of: Account, batch: readonly Order[], liquidating = NOBODY): EntryInput => ({
  prices: PRICES,
  bands: BANDS,
  account: of,
  orders: batch,
  liquidating,
});
const enter = (of: Account, ...batch: Order[]): Entry => checkEntry(inputOf(of, batch));
const PERP = MARKS[0]!;

/** The least cash with which the account's orders enter. */
function leastCash(positions: [number, bigint, bigint?][], ...batch: Order[]): bigint {
  let [fails, enters] = [-(1n << 60n), 1n << 60n];
  while (enters - fails > 1n) {
    const cash = (fails + enters) >> 1n;
    if (enter(account(cash, positions), ...batch).entered.length > 0) enters = cash;
    else fails = cash;
  }
  return enters;
}

describe('the entry check', () => {
  test('asks for IM, the loss at the worst limit and the fee of an opening order', () => {
    const price = PERP + 1_000n;
    expect(leastCash([], order('buy', 0, 2n, price))).toBe(10_010_000n + 2_000n + 100_101n);
    expect(leastCash([], order('sell', 0, 2n, PERP - 1_000n))).toBe(10_010_000n + 2_000n + 100_099n);
  });

  test('a bought option asks for its whole price and the fee', () => {
    expect(leastCash([], order('buy', 2, 3n, 6_200_000n))).toBe(18_600_000n + 9_300n);
  });

  test('a limit beyond the band counts as the edge of the band', () => {
    const { low, high } = BANDS[0]!;
    expect(leastCash([], order('buy', 0, 2n, 2n * PERP))).toBe(leastCash([], order('buy', 0, 2n, high)));
    expect(leastCash([], order('sell', 0, 2n, 1n))).toBe(leastCash([], order('sell', 0, 2n, low)));
  });

  test('a limit that no price of the band satisfies enters for nothing', () => {
    const { low, high } = BANDS[0]!;
    expect(leastCash([], order('buy', 0, 2n, low - 1n))).toBe(0n);
    expect(leastCash([], order('sell', 0, 2n, high + 1n))).toBe(0n);
  });

  test('a limit that would be a gain never pays for another leg', () => {
    const opening = order('sell', 0, 2n, PERP);
    const dream = order('buy', 0, 1_000n, BANDS[0]!.low);
    expect(leastCash([], opening, dream) >= leastCash([], dream)).toBe(true);
  });

  test('an option that is bought beside one that is sold does not cover it: it may not fill', () => {
    const short = order('sell', 1, 1n, MARKS[1]!);
    const long = order('buy', 2, 1n, MARKS[2]!);
    expect(leastCash([], short, long)).toBe(leastCash([], short) + leastCash([], long));
  });

  test('orders on both sides of a perpetual require what the larger one could leave, and the costs of both', () => {
    const [buy, sell] = [order('buy', 0, 3n, PERP), order('sell', 0, 2n, PERP)];
    expect(positionRequirement(PRICES, account(0n, [[0, 3n]]).positions).initial).toBe(15_015_000n);
    expect(leastCash([], buy, sell)).toBe(15_015_000n + 150_150n + 100_100n);
  });

  test('sales of options are judged with what is held: a covered call asks for its spread', () => {
    const held: [number, bigint, bigint][] = [[2, 5n, -5n * MARKS[2]!]];
    // Short 90 against long 100: 10 a lot of loss; the long ones lend three quarters of what they stand in for.
    const cash = leastCash(held, order('sell', 1, 1n, MARKS[1]!));
    expect(cash).toBeLessThan(leastCash([], order('sell', 1, 1n, MARKS[1]!)));
  });

  test('a held spread that is extended by naked puts asks for the puts beside the spread', () => {
    const spread: [number, bigint, bigint][] = [
      [1, -1n, MARKS[1]!],
      [2, 1n, -MARKS[2]!],
    ];
    const naked = positionRequirement(PRICES, account(0n, [[5, -7n]]).positions).initial;
    const cash = leastCash(spread, order('sell', 5, 7n, MARKS[5]!));
    expect(cash).toBe(10_000_000n + naked + 21_350n);
  });

  test('all orders of the account are dropped together', () => {
    const entry = enter(account(1n), order('buy', 0, 1n, PERP), order('buy', 2, 1n, MARKS[2]!));
    expect(entry).toEqual({
      entered: [],
      dropped: [
        { leg: 0, code: 'ENTRY_MARGIN' },
        { leg: 1, code: 'ENTRY_MARGIN' },
      ],
    });
  });

  test('opening orders that fail take no reducing order with them', () => {
    const long = account(0n, [[0, 10n, -9n * PERP]]);
    const entry = enter(long, order('buy', 0, 1_000n, PERP), order('sell', 0, 4n, PERP, true));
    expect(entry.dropped).toEqual([{ leg: 0, code: 'ENTRY_MARGIN' }]);
    expect(entry.entered.map(({ leg, lots }) => [leg, lots])).toEqual([[1, 4n]]);
  });

  test('open interest drops the opening orders that its margin is too much for, and leaves the others', () => {
    const holder = account(20_000_000n, [[2, 1n, -MARKS[2]!]]);
    const input = inputOf(holder, [order('buy', 0, 2n, PERP), order('sell', 2, 1n, MARKS[2]!, true)]);
    const first = checkEntry(input);
    expect(first.dropped).toEqual([]);
    const loads = MARKS.map(() => 500_000n);
    expect(checkOpenInterest(input, first, pricesOf(market, MARKS, INDEX, loads))).toEqual({
      entered: [{ ...input.orders[1]!, leg: 1 }],
      dropped: [{ leg: 0, code: 'ENTRY_OPEN_INTEREST' }],
    });
    expect(checkOpenInterest(input, first, PRICES)).toEqual(first);
  });
});

describe('reduce-only orders', () => {
  const long = account(10_000_000n, [[0, 10n, -10n * PERP]]);

  test('are cut to the position in id order, over all batches of the account', () => {
    const entry = enter(
      long,
      order('sell', 0, 6n, PERP, true),
      order('sell', 0, 6n, PERP, true),
      order('sell', 0, 6n, PERP, true),
    );
    expect(entry.entered.map(({ leg, lots }) => [leg, lots])).toEqual([
      [0, 6n],
      [1, 4n],
    ]);
    expect(entry.dropped).toEqual([{ leg: 2, code: 'ENTRY_REDUCE_ONLY' }]);
  });

  test('must be on the opposite side of a position', () => {
    const codes = [order('buy', 0, 1n, PERP, true), order('sell', 2, 1n, PERP, true)].map(
      (o) => enter(long, o).dropped[0]?.code,
    );
    expect(codes).toEqual(['ENTRY_REDUCE_ONLY', 'ENTRY_REDUCE_ONLY']);
    const short = account(10_000_000n, [[0, -10n, 10n * PERP]]);
    expect(enter(short, order('buy', 0, 99n, PERP, true)).entered[0]?.lots).toBe(10n);
  });

  test('are cut by what liquidation offers and by opening orders of their side: no fill flips a position', () => {
    const batch = [order('sell', 0, 3n, PERP), order('sell', 0, 9n, PERP, true)];
    const rich = account(10n ** 12n, [[0, 10n, -10n * PERP]]);
    const entry = checkEntry(inputOf(rich, batch, new Map([[instrumentIndex(0), 2n]])));
    expect(entry.entered.map(({ lots }) => lots)).toEqual([3n, 5n]);
    const covered = checkEntry(inputOf(rich, batch, new Map([[instrumentIndex(0), 7n]])));
    expect(covered.dropped).toEqual([{ leg: 1, code: 'ENTRY_REDUCE_ONLY' }]);
  });

  test('cost at most their share of the equity, or leave E ≥ IM', () => {
    // 1,000 lots at 100.1 require 3,003 at maintenance; equity 4,004 is below IM 5,005.
    const long: [number, bigint, bigint?][] = [[0, 1_000n, -1_000n * PERP]];
    const half = (price: bigint) => order('sell', 0, 500n, price, true);
    const entersAt = (price: bigint): boolean =>
      enter(account(4_004_000_000n, long), half(price)).entered.length > 0;
    // Half of the position may cost half of the equity: 2,002 with the fee, 3.953… a lot.
    const worst = PERP - 3_955_000n;
    expect([entersAt(PERP), entersAt(worst + 10_000n), entersAt(worst - 10_000n)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('never leave equity below 0', () => {
    const long: [number, bigint, bigint?][] = [[0, 10n, -10n * PERP]];
    const close = order('sell', 0, 10n, PERP - 1_000n, true);
    expect(leastCash(long, close)).toBe(10_000n + 500_495n);
  });

  test('that sell the cover of a short option have to leave E ≥ IM of the short one', () => {
    const spread: [number, bigint, bigint?][] = [
      [1, -1n, MARKS[1]!],
      [2, 1n, -MARKS[2]!],
    ];
    const naked = positionRequirement(PRICES, account(0n, [[1, -1n]]).positions).initial;
    expect(leastCash(spread, order('sell', 2, 1n, MARKS[2]!, true))).toBe(naked + 3_050n);
    // Buying the short leg back may cost its share: the fee of 6,150.
    expect(leastCash(spread, order('buy', 1, 1n, MARKS[1]!, true))).toBeLessThan(8_000n);
  });

  test('that sell a long option which covers nothing only reduce', () => {
    const sale = order('sell', 2, 1n, MARKS[2]!, true);
    expect(leastCash([[2, 1n, -MARKS[2]!]], sale)).toBe(3_050n);
  });
});

describe('whatever part of the entered orders fills, at whatever price they accept', () => {
  test('an account whose opening orders entered has E ≥ IM afterwards, with whatever it held', () => {
    let entered = 0;
    fc.assert(
      fc.property(
        lotsOfEach,
        nearOrders(fc.constantFrom(false, false, true)),
        fc.bigInt(0n, 3_000_000_000n),
        sixteenths,
        sixteenths,
        (sizes, rows, cash, parts, better) => {
          const input = inputOf(portfolio(cash, sizes, MARKS), priced(rows, MARKS));
          const entry = checkEntry(input);
          if (entry.entered.every(({ reduceOnly }) => reduceOnly)) return;
          entered++;
          const after = fillSome(input, entry, parts, better);
          expect(equity(after, MARKS) >= marginRequirement(PRICES, after).initial).toBe(true);
        },
      ),
      { numRuns: 10_000 },
    );
    expect(entered).toBeGreaterThan(1_000);
  });

  test('so has one that held nothing, in any market', () => {
    fc.assert(
      fc.property(
        ratedMarkets,
        orders(fc.constant(false)),
        sixteenths,
        sixteenths,
        fc.bigInt(0n, 1n << 62n),
        ({ params, marks, index }, batch, parts, better, cash) => {
          const prices = pricesOf(params, marks, index);
          const bands = bandsOf(prices, marks);
          const input = { prices, bands, account: account(cash), orders: batch, liquidating: NOBODY };
          const entry = checkEntry(input);
          if (entry.entered.length === 0) return;
          const after = fillSome(input, entry, parts, better);
          expect(equity(after, marks) >= marginRequirement(prices, after).initial).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
