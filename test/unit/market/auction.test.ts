import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToBytes } from '../../../src/base/bytes.ts';
import {
  type AuctionResult,
  type BookOrder,
  clearAuction,
  clearWithin,
} from '../../../src/market/auction.ts';
import { type Band, bandOf } from '../../../src/market/band.ts';
import { MAX_PRICE, type Side } from '../../../src/market/order.ts';

const row = (side: Side, price: number | bigint, lots: number | bigint, tie = 0): BookOrder => ({
  side,
  price: BigInt(price),
  lots: BigInt(lots),
  tieKey: bigintToBytes(BigInt(tie), 32),
});

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const ascending = (values: readonly bigint[]): bigint[] => [...values].sort((a, b) => Number(a - b));
const least = (values: readonly bigint[]): bigint => ascending(values)[0]!;
const most = (values: readonly bigint[]): bigint => ascending(values).at(-1)!;
const size = (x: bigint): bigint => (x < 0n ? -x : x);

/** The four rules read off the whole price grid, one price after the other. */
function bruteForcePrice(book: readonly BookOrder[], band: Band, reference: bigint): bigint | null {
  const grid: { p: bigint; D: bigint; S: bigint; V: bigint }[] = [];
  for (let p = band.low; p <= band.high; p++) {
    const D = sum(book.filter((o) => o.side === 'buy' && o.price >= p).map((o) => o.lots));
    const S = sum(book.filter((o) => o.side === 'sell' && o.price <= p).map((o) => o.lots));
    grid.push({ p, D, S, V: least([D, S]) });
  }
  const volume = grid.length === 0 ? 0n : most(grid.map(({ V }) => V));
  if (volume === 0n) return null;
  const largest = grid.filter(({ V }) => V === volume);
  const surplus = least(largest.map(({ D, S }) => size(D - S)));
  const rest = largest.filter(({ D, S }) => size(D - S) === surplus);
  const prices = rest.map(({ p }) => p);
  if (rest.every(({ D, S }) => D > S)) return most(prices);
  if (rest.every(({ D, S }) => D < S)) return least(prices);
  return prices.reduce((near, p) => (size(p - reference) < size(near - reference) ? p : near));
}

/** What one row gets by definition: what better rows leave, shared by its level. */
function definedFill(book: readonly BookOrder[], i: number, price: bigint, volume: bigint): bigint {
  const mine = book[i]!;
  const accepts = (o: BookOrder): boolean => (o.side === 'buy' ? o.price >= price : o.price <= price);
  if (!accepts(mine)) return 0n;
  const side = book.filter((o) => o.side === mine.side && accepts(o));
  const better = side.filter((o) => (mine.side === 'buy' ? o.price > mine.price : o.price < mine.price));
  const level = side.filter((o) => o.price === mine.price);
  const total = sum(level.map((o) => o.lots));
  const left = volume - sum(better.map((o) => o.lots));
  if (left <= 0n) return 0n;
  if (left >= total) return mine.lots;
  const remainder = (o: BookOrder): bigint => (o.lots * left) % total;
  const spare = left - sum(level.map((o) => (o.lots * left) / total));
  const ahead = level.filter(
    (o) =>
      remainder(o) > remainder(mine) ||
      (remainder(o) === remainder(mine) && Buffer.compare(o.tieKey, mine.tieKey) < 0),
  ).length;
  return (mine.lots * left) / total + (BigInt(ahead) < spare ? 1n : 0n);
}

const books = (prices: fc.Arbitrary<bigint>): fc.Arbitrary<BookOrder[]> =>
  fc
    .array(
      fc.record({
        side: fc.constantFrom('buy' as const, 'sell' as const),
        price: prices,
        lots: fc.bigInt(1n, 12n),
      }),
      { maxLength: 14 },
    )
    .chain((rows) =>
      fc
        .shuffledSubarray([...rows.keys()], { minLength: rows.length })
        .map((ties) => rows.map((r, i) => ({ ...r, tieKey: bigintToBytes(BigInt(ties[i]!), 32) }))),
    );
const grid = fc.bigInt(1n, 24n);

function check(book: readonly BookOrder[], band: Band, reference: bigint, result: AuctionResult): void {
  const price = bruteForcePrice(book, band, reference);
  expect(result.price).toBe(price);
  const fills = book.map((_, i) => (price === null ? 0n : definedFill(book, i, price, result.volume)));
  expect(result.fills).toEqual(fills);
}

describe('the auction', () => {
  test('equals a brute force over every price of the band, and fills as defined', () => {
    fc.assert(
      fc.property(books(grid), grid, grid, grid, (book, a, b, reference) => {
        const band = a < b ? { low: a, high: b } : { low: b, high: a };
        check(book, band, reference, clearWithin(book, band, reference));
      }),
      { numRuns: 3_000 },
    );
  });

  test('I6: lots bought equal lots sold, nobody gets more than asked or a worse price than the limit', () => {
    fc.assert(
      fc.property(books(fc.bigInt(1n, MAX_PRICE)), fc.bigInt(1n, MAX_PRICE), (book, mark) => {
        const { price, volume, fills } = clearAuction({ book, mark, bandPpm: 900_000n, reference: mark });
        let net = 0n;
        book.forEach((o, i) => {
          const lots = fills[i]!;
          expect(lots >= 0n && lots <= o.lots).toBe(true);
          if (lots > 0n) expect(o.side === 'buy' ? o.price >= price! : o.price <= price!).toBe(true);
          net += o.side === 'buy' ? lots : -lots;
        });
        expect(net).toBe(0n);
        expect(sum(book.map((o, i) => (o.side === 'buy' ? fills[i]! : 0n)))).toBe(volume);
      }),
    );
  });

  test('the order of the rows decides nothing', () => {
    fc.assert(
      fc.property(
        books(grid).chain((book) =>
          fc.tuple(fc.constant(book), fc.shuffledSubarray([...book.keys()], { minLength: book.length })),
        ),
        grid,
        ([book, order], mark) => {
          const straight = clearAuction({ book, mark, bandPpm: 500_000n, reference: mark });
          const shuffled = clearAuction({
            book: order.map((i) => book[i]!),
            mark,
            bandPpm: 500_000n,
            reference: mark,
          });
          expect(shuffled.price).toBe(straight.price);
          order.forEach((i, at) => {
            expect(shuffled.fills[at]).toBe(straight.fills[i]);
          });
        },
      ),
    );
  });

  const published: {
    name: string;
    band: [number, number];
    reference: number;
    buys: [number, number][];
    sells: [number, number][];
    price: number;
    volume: number;
  }[] = JSON.parse(readFileSync(new URL('../../vectors/market-auction.json', import.meta.url), 'utf8'));
  test.each(published)('reproduces the published example $name', (v) => {
    const book = [
      ...v.buys.map(([price, lots], i) => row('buy', price, lots, i)),
      ...v.sells.map(([price, lots], i) => row('sell', price, lots, i)),
    ];
    const band = { low: BigInt(v.band[0]), high: BigInt(v.band[1]) };
    const result = clearWithin(book, band, BigInt(v.reference));
    expect([result.price, result.volume]).toEqual([BigInt(v.price), BigInt(v.volume)]);
  });

  test('an empty, a one-sided and an uncrossed book do not trade', () => {
    for (const book of [[], [row('buy', 100, 5)], [row('buy', 99, 5), row('sell', 100, 5)]]) {
      expect(clearAuction({ book, mark: 100n, bandPpm: 100_000n, reference: 100n })).toEqual({
        price: null,
        volume: 0n,
        fills: book.map(() => 0n),
      });
    }
  });

  test('rule 3: a surplus of demand takes the highest price, of supply the lowest', () => {
    const band = { low: 90n, high: 110n };
    expect(clearWithin([row('buy', 105, 10), row('sell', 95, 4)], band, 100n).price).toBe(105n);
    expect(clearWithin([row('buy', 105, 4), row('sell', 95, 10)], band, 100n).price).toBe(95n);
  });

  test('rule 4: a balanced book trades at the reference, clamped into the crossing', () => {
    const book = [row('buy', 105, 4), row('sell', 95, 4)];
    const band = { low: 90n, high: 110n };
    expect([90n, 100n, 120n].map((at) => clearWithin(book, band, at).price)).toEqual([95n, 100n, 105n]);
  });

  test('the band is mark(1 ± b), its half-width rounded up, and starts at 1', () => {
    expect(bandOf(1_005n, 100_000n)).toEqual({ low: 904n, high: 1_106n });
    expect(bandOf(1n, 100_000n)).toEqual({ low: 1n, high: 2n });
  });

  test('a limit beyond the band counts as at its edge, one short of it does not count', () => {
    const band = { low: 90n, high: 110n };
    expect(clearWithin([row('buy', 200, 10), row('sell', 95, 4)], band, 100n).price).toBe(110n);
    expect(clearWithin([row('buy', 89, 10), row('sell', 1, 4)], band, 100n).price).toBe(null);
  });

  test('the margin is shared pro rata, left-over lots by largest remainder, then by tie key', () => {
    const band = { low: 100n, high: 100n };
    const shares = (available: number, ...lots: [lots: number, tie: number][]): bigint[] =>
      clearWithin(
        [...lots.map(([q, tie]) => row('buy', 100, q, tie)), row('sell', 100, available, 9)],
        band,
        100n,
      ).fills.slice(0, lots.length);
    expect(shares(5, [5, 0], [3, 1], [2, 2])).toEqual([3n, 1n, 1n]); // 2.5, 1.5, 1: one spare lot, tie key 0 first
    expect(shares(5, [5, 1], [3, 0], [2, 2])).toEqual([2n, 2n, 1n]);
    expect(shares(7, [5, 0], [3, 1], [2, 2])).toEqual([4n, 2n, 1n]); // 3.5, 2.1, 1.4
  });

  test('strictly better limits fill before the margin', () => {
    const band = { low: 100n, high: 103n };
    const book = [
      row('buy', 104, 3, 0),
      row('buy', 105, 6, 1),
      row('buy', 104, 3, 2),
      row('sell', 100, 8, 3),
    ];
    expect(clearWithin(book, band, 100n)).toEqual({ price: 103n, volume: 8n, fills: [1n, 6n, 1n, 8n] });
  });

  test('100,000 rows clear in seconds: sorting, not comparing all with all', () => {
    let state = 12345;
    const next = (below: number): number => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return state % below;
    };
    const book = Array.from({ length: 100_000 }, (_, i) =>
      row(i % 2 === 0 ? 'buy' : 'sell', 950_000 + next(100_000), 1 + next(50), i),
    );
    const start = performance.now();
    const { volume } = clearAuction({ book, mark: 1_000_000n, bandPpm: 100_000n, reference: 1_000_000n });
    expect(volume > 0n).toBe(true);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
