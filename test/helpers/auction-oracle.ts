import fc from 'fast-check';
import { expect } from 'vitest';
import { bigintToBytes } from '../../src/base/bytes.ts';
import { type BookOrder, clearWithin } from '../../src/market/auction.ts';
import type { Band } from '../../src/market/band.ts';

/** The auction by its definition: every price of the grid, every row by itself. */

export const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
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

export const books = (prices: fc.Arbitrary<bigint>): fc.Arbitrary<BookOrder[]> =>
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
export const grid = fc.bigInt(1n, 24n);

/** A book with prices 1 … 24, a band and a reference on the same grid, and the rows in another order. */
export const auctions = fc
  .record({ book: books(grid), a: grid, b: grid, reference: grid })
  .chain(({ book, a, b, reference }) =>
    fc.record({
      book: fc.constant(book),
      band: fc.constant(a < b ? { low: a, high: b } : { low: b, high: a }),
      reference: fc.constant(reference),
      order: fc.shuffledSubarray([...book.keys()], { minLength: book.length }),
    }),
  );

/** Clears the book as it is and with its rows in another order, and compares both with the definition. */
export function checkAuction({
  book,
  band,
  reference,
  order,
}: {
  readonly book: readonly BookOrder[];
  readonly band: Band;
  readonly reference: bigint;
  readonly order: readonly number[];
}): void {
  const price = bruteForcePrice(book, band, reference);
  const result = clearWithin(book, band, reference);
  expect(result.price).toBe(price);
  const fills = book.map((_, i) => (price === null ? 0n : definedFill(book, i, price, result.volume)));
  expect(result.fills).toEqual(fills);
  const shuffled = order.map((i) => book[i]!);
  expect(clearWithin(shuffled, band, reference)).toEqual({ ...result, fills: order.map((i) => fills[i]!) });
}
