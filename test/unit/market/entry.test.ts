import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bandOf } from '../../../src/market/band.ts';
import { checkEntry, type Entry } from '../../../src/market/entry.ts';
import { applyFill } from '../../../src/market/fill.ts';
import { type Account, equity, initialMargin, openingEquity } from '../../../src/market/margin.ts';
import type { Order, Side } from '../../../src/market/order.ts';
import { clamp } from '../../../src/market/rounding.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { account, INDEX, MARKS, market, orders, ratedMarkets } from '../../helpers/market-fixtures.ts';

const order = (side: Side, instrument: number, lots: bigint, price: bigint, reduceOnly = false): Order => ({
  side,
  instrument: instrumentIndex(instrument),
  price,
  lots,
  reduceOnly,
});
const enter = (of: Account, ...batch: Order[]): Entry =>
  checkEntry({ params: market, marks: MARKS, index: INDEX, account: of, orders: batch });
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
    const { low, high } = bandOf(PERP, market.bandPpm);
    expect(leastCash([], order('buy', 0, 2n, 2n * PERP))).toBe(leastCash([], order('buy', 0, 2n, high)));
    expect(leastCash([], order('sell', 0, 2n, 1n))).toBe(leastCash([], order('sell', 0, 2n, low)));
  });

  test('a limit that no price of the band satisfies enters for nothing', () => {
    const { low, high } = bandOf(PERP, market.bandPpm);
    expect(leastCash([], order('buy', 0, 2n, low - 1n))).toBe(0n);
    expect(leastCash([], order('sell', 0, 2n, high + 1n))).toBe(0n);
  });

  test('a limit that would be a gain never pays for another leg (D1)', () => {
    const opening = order('sell', 0, 2n, PERP);
    const dream = order('buy', 0, 1_000n, bandOf(PERP, market.bandPpm).low);
    expect(leastCash([], opening, dream)).toBe(leastCash([], opening));
  });

  test('two legs that would hedge each other are counted apart', () => {
    const short = order('sell', 1, 1n, MARKS[1]!);
    const long = order('buy', 2, 1n, MARKS[2]!);
    expect(leastCash([], short, long)).toBe(leastCash([], short) + leastCash([], long));
  });

  test('offsets of positions already held count', () => {
    const spread: [number, bigint][] = [
      [1, -1n],
      [2, 1n],
    ];
    const opening = order('buy', 0, 1n, PERP);
    const own = 10_000_000n - (MARKS[2]! - MARKS[1]!);
    expect(leastCash(spread, opening)).toBe(leastCash([], opening) + own);
  });

  test('the value of a bought option backs no other order', () => {
    const holds: [number, bigint, bigint][] = [[2, 5n, -5n * MARKS[2]!]];
    const opening = order('buy', 0, 1n, PERP);
    expect(leastCash(holds, opening)).toBe(leastCash([], opening) + 5n * MARKS[2]!);
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

  test('an unknown instrument is dropped by itself', () => {
    const entry = enter(account(1n << 40n), order('buy', 8, 1n, PERP), order('buy', 0, 1n, PERP));
    expect(entry.dropped).toEqual([{ leg: 0, code: 'ENTRY_INSTRUMENT' }]);
    expect(entry.entered.map(({ leg }) => leg)).toEqual([1]);
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

  test('need only that equity stays ≥ 0, also below IM', () => {
    const close = order('sell', 0, 10n, PERP - 1_000n, true);
    const fee = 500_495n;
    expect(leastCash([[0, 10n, -10n * PERP]], close)).toBe(10_000n + fee);
    const also = order('buy', 2, 1n, MARKS[2]!);
    expect(leastCash([[0, 10n, -10n * PERP]], close, also)).toBe(10_000n + fee + 50_050_000n + 6_103_050n);
  });

  test('that sell the cover of a short option count as opening', () => {
    const spread: [number, bigint, bigint?][] = [
      [1, -1n, MARKS[1]!],
      [2, 1n, -MARKS[2]!],
    ];
    const naked = initialMargin(market, account(0n, [[1, -1n]]), MARKS, INDEX);
    expect(leastCash(spread, order('sell', 2, 1n, MARKS[2]!, true))).toBe(naked + 3_050n);
    expect(leastCash(spread, order('buy', 1, 1n, MARKS[1]!, true))).toBe(6_150n);
  });

  test('that sell a long option which covers nothing only reduce', () => {
    const sale = order('sell', 2, 1n, MARKS[2]!, true);
    expect(leastCash([[2, 1n, -MARKS[2]!]], sale)).toBe(3_050n);
  });
});

describe('whatever part of the entered orders fills, at the worst price they accept', () => {
  /** Fills each entered order to `parts` sixteenths at its worst price. */
  function fillSome(
    start: Account,
    entry: Entry,
    parts: readonly number[],
    params = market,
    marks = MARKS,
  ): Account {
    return entry.entered.reduce((now, o, i) => {
      const band = bandOf(marks[o.instrument]!, params.bandPpm);
      if (o.side === 'buy' ? o.price < band.low : o.price > band.high) return now;
      const price = clamp(o.price, band.low, band.high);
      const lots = (o.lots * BigInt(parts[i]!)) / 16n;
      return lots === 0n ? now : applyFill(now, o.instrument, o.side, lots, price, params.feePpm).account;
    }, start);
  }
  const parts = fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 4, maxLength: 4 });

  test('an account that held nothing has opening equity ≥ IM afterwards', () => {
    fc.assert(
      fc.property(
        ratedMarkets,
        orders(fc.constant(false)),
        parts,
        fc.bigInt(0n, 1n << 62n),
        (rated, batch, some, cash) => {
          const { params, marks, index } = rated;
          const start = account(cash);
          const entry = checkEntry({ params, marks, index, account: start, orders: batch });
          const after = fillSome(start, entry, some, params, marks);
          if (entry.entered.length === 0) return;
          expect(openingEquity(params, after, marks) >= initialMargin(params, after, marks, index)).toBe(
            true,
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('an account that only reduces has equity ≥ 0 afterwards, and no larger position', () => {
    const lots = fc.bigInt(-20n, 20n);
    fc.assert(
      fc.property(
        fc.tuple(lots, lots, lots),
        orders(fc.constant(true)),
        parts,
        fc.bigInt(-1_000_000_000n, 1_000_000_000n),
        ([a, b, c], batch, some, cash) => {
          const held = [a, b, c].map((n, i) => [i, n, -n * MARKS[i]!] as const).filter(([, n]) => n !== 0n);
          const start = account(cash, held);
          const near = batch.map((o, i) => ({
            ...o,
            instrument: instrumentIndex(i % 3),
            lots: (o.lots % 25n) + 1n,
          }));
          const entry = enter(start, ...near);
          if (entry.entered.length === 0) return;
          const after = fillSome(start, entry, some);
          expect(equity(after, MARKS) >= 0n).toBe(true);
          for (const [i, { lots: now }] of after.positions) {
            const before = start.positions.get(i)!.lots;
            expect(before > 0n ? now > 0n && now <= before : now < 0n && now >= before).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
