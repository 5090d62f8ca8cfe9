import fc from 'fast-check';
import type { Account } from '../../src/market/account.ts';
import type { Band } from '../../src/market/band.ts';
import type { Entry } from '../../src/market/entry.ts';
import { applyFill } from '../../src/market/fill.ts';
import type { Order } from '../../src/market/order.ts';
import type { Prices } from '../../src/market/prices.ts';
import { clamp, max, min } from '../../src/market/rounding.ts';
import { instrumentIndex } from '../../src/params/ids.ts';
import { account } from './market-fixtures.ts';

/** Fills each entered order to `parts` sixteenths, `better` sixteenths of the way from its worst price to the mark. */
export function fillSome(
  { prices, bands, account: start }: { prices: Prices; bands: readonly Band[]; account: Account },
  entry: Entry,
  parts: readonly number[],
  better: readonly number[],
): Account {
  const { params, marks } = prices;
  return entry.entered.reduce((now, o, i) => {
    const band = bands[o.instrument]!;
    if (o.side === 'buy' ? o.price < band.low : o.price > band.high) return now;
    const worst = clamp(o.price, band.low, band.high);
    const mark = clamp(marks[o.instrument]!, band.low, band.high);
    const toMark = o.side === 'buy' ? min(mark, worst) : max(mark, worst);
    const price = worst + ((toMark - worst) * BigInt(better[i]!)) / 16n;
    const lots = (o.lots * BigInt(parts[i]!)) / 16n;
    return lots === 0n ? now : applyFill(now, o.instrument, o.side, lots, price, params.feePpm).account;
  }, start);
}

/** How much of each of four orders fills, or how well. */
export const sixteenths = fc.array(fc.integer({ min: 0, max: 16 }), { minLength: 4, maxLength: 4 });

const lots = fc.oneof(fc.constant(0n), fc.bigInt(-20n, 20n));
/** Signed lots of the eight instruments of the fixture market. */
export const lotsOfEach = fc.tuple(lots, lots, lots, lots, lots, lots, lots, lots);

/** An account that holds so many lots of each, all at the mark: its equity is `cash`. */
export const portfolio = (cash: bigint, sizes: readonly bigint[], marks: readonly bigint[]): Account =>
  account(
    cash,
    sizes.map((n, i) => [i, n, -n * marks[i]!] as const).filter(([, n]) => n !== 0n),
  );

/** Orders with limits `off` ppm from the mark. */
export const nearOrders = (reduceOnly: fc.Arbitrary<boolean>) =>
  fc.array(
    fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      instrument: fc.nat(7).map(instrumentIndex),
      off: fc.bigInt(-130_000n, 130_000n),
      lots: fc.bigInt(1n, 25n),
      reduceOnly,
    }),
    { minLength: 1, maxLength: 4 },
  );

/** `nearOrders` at these marks. */
export const priced = (
  rows: readonly (Omit<Order, 'price'> & { readonly off: bigint })[],
  marks: readonly bigint[],
): Order[] =>
  rows.map(({ off, ...order }) => {
    const mark = marks[order.instrument]!;
    return { ...order, price: max(1n, mark + (mark * off) / 1_000_000n) };
  });
