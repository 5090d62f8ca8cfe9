import { describe, expect, test } from 'vitest';
import { boundsOf, curveOf, type LimitOrder, outcomeOfBuy } from '../../../src/experiments/auction-curve.ts';
import { coarseResponse } from '../../../src/experiments/coarse-front-runner.ts';
import {
  bestOfLeader,
  bestPolicy,
  bestResponse,
  legsOf,
  type Stance,
} from '../../../src/experiments/front-runners.ts';
import { clearWithin } from '../../../src/market/auction.ts';
import { Prng } from '../../../src/sim/prng.ts';

const BAND = { low: 4n, high: 26n };
const REFERENCE = 13n;
const bounds = boundsOf(BAND, REFERENCE);
const SIDES = ['buy', 'sell'] as const;
/** Fees of 2 %, so that they are more than nothing at such prices. */
const FEE_PPM = 20_000;

/** Some limits are out of the band, many are equal. @param step between limits */
const bookOf = (prng: Prng, count: number, step = 1, scale = 1): LimitOrder[] =>
  Array.from({ length: count }, () => ({
    side: prng.bit() === 0 ? 'buy' : 'sell',
    price: (2 + step * prng.below(Math.ceil(26 / step))) * scale,
    lots: 1 + prng.below(4),
  }));

function clear(orders: readonly LimitOrder[]) {
  const tieKey = new Uint8Array(32);
  const book = orders.map(({ side, price, lots }) => ({
    side,
    price: BigInt(price),
    lots: BigInt(lots),
    tieKey,
  }));
  return clearWithin(book, BAND, REFERENCE);
}

/** By the auction itself: what the orders gain that come after the others. */
function gainOf(others: readonly LimitOrder[], own: readonly LimitOrder[], worth: number): number {
  const { price, fills } = clear([...others, ...own]);
  return own.reduce((sum, { side }, i) => {
    const lots = Number(fills[others.length + i]!);
    const each = side === 'buy' ? worth - Number(price) : Number(price) - worth;
    return sum + lots * each - Math.ceil((lots * Number(price) * FEE_PPM) / 1e6);
  }, 0);
}

const allOrders = (side: LimitOrder['side'], budgetLots: number): LimitOrder[] =>
  Array.from({ length: 28 }, (_, i) => 1 + i).flatMap((price) =>
    Array.from({ length: budgetLots }, (_, i) => ({ side, price, lots: i + 1 })),
  );

const positionOf = (prng: Prng): Stance => ({
  estimate: 5 + prng.below(201) / 10,
  budgetLots: 1 + prng.below(4),
  bounds,
  feePpm: FEE_PPM,
});

test('what one more order gets is what the auction gives it, of a level shared pro rata but for a lot', () => {
  const prng = new Prng(1);
  for (let i = 0; i < 600; i++) {
    const others = bookOf(prng, 1 + prng.below(8));
    const own = bookOf(prng, 1)[0]!;
    const sign = own.side === 'buy' ? 1 : -1;
    const { price, lots } = outcomeOfBuy(curveOf(others, own.side, bounds), sign * own.price, own.lots);
    const { price: cleared, fills } = clear([...others, own]);
    const got = Number(fills.at(-1));
    if (lots > 0) expect(sign * price).toBe(Number(cleared));
    expect([lots, lots + 1]).toContain(got);
    if (!others.some((each) => each.price === own.price && each.side === own.side)) expect(lots).toBe(got);
  }
});

describe('the best response to a book that is known', () => {
  test('is beaten by no order on small books, nor by one or two on either side, and nothing passes its bound', () => {
    const prng = new Prng(9);
    let [tight, ties] = [0, 0];
    for (let i = 0; i < 50; i++) {
      const others = bookOf(prng, 5, 3);
      const stance = positionOf(prng);
      const { bound, worth, legs } = bestResponse(others, stance);
      expect(gainOf(others, legs, stance.estimate)).toBeGreaterThanOrEqual(worth);
      const [buys, sells] = SIDES.map((side) => allOrders(side, stance.budgetLots)) as [
        LimitOrder[],
        LimitOrder[],
      ];
      const one = [...buys, ...sells].map((order) => [order]);
      const isWithin = (own: readonly LimitOrder[]): boolean =>
        own.reduce((sum, { lots }) => sum + lots, 0) <= stance.budgetLots;
      const some = (from: readonly LimitOrder[]): LimitOrder[] =>
        Array.from({ length: 1 + prng.below(2) }, () => from[prng.below(from.length)]!);
      const several = Array.from({ length: 120 }, () => [some(buys), some(sells)])
        .filter((own) => own.every(isWithin))
        .map((own) => own.flat());
      const gains = [...one, ...several].map((orders) => gainOf(others, orders, stance.estimate));
      const most = Math.max(0, ...gains);
      expect(most).toBeLessThanOrEqual(bound + 1e-9);
      // One unit a lot, and the rounding of a fee.
      expect(worth).toBeGreaterThanOrEqual(most - stance.budgetLots - 1);
      if (worth > 0 && worth >= most - 1e-9) tight += 1;
      if (legs.length === 2) ties += 1;
    }
    expect(tight).toBeGreaterThan(10);
    expect(ties).toBeGreaterThan(0);
  });

  test('reaches its bound but for a unit a lot where prices are fine, and the short list never more', () => {
    const prng = new Prng(3);
    const scale = 1_000_000;
    for (let i = 0; i < 60; i++) {
      const stance: Stance = {
        estimate: (5 + prng.below(201) / 10) * scale,
        budgetLots: 1 + prng.below(12),
        bounds: { low: 4 * scale, high: 26 * scale, reference: 13 * scale },
        feePpm: 300,
      };
      const others = bookOf(prng, 8, 1, scale);
      const { worth, bound } = bestResponse(others, stance);
      expect(bound - worth).toBeLessThanOrEqual(stance.budgetLots + 1);
      expect(coarseResponse(others, stance, scale / 4 + 1).worth).toBeLessThanOrEqual(bound);
    }
  });

  test('of a leader is beaten by no order with any choice of orders left out', () => {
    const prng = new Prng(4);
    for (let i = 0; i < 8; i++) {
      const others = bookOf(prng, 4);
      const stance = positionOf(prng);
      const { kept, legs, worth, bound } = bestOfLeader(others, stance);
      expect(gainOf(kept, legs, stance.estimate)).toBe(worth);
      const own = SIDES.flatMap((side) => allOrders(side, stance.budgetLots));
      for (let choice = 0; choice < 2 ** others.length; choice++) {
        const some = others.filter((_, k) => (choice >> k) % 2 === 1);
        const gains = own.map((order) => gainOf(some, [order], stance.estimate));
        expect(Math.max(...gains)).toBeLessThanOrEqual(bound + 1e-9);
      }
    }
  });
});

test('the best orders of one who sees nothing earn what they promise, and no other on a side earns more', () => {
  const prng = new Prng(5);
  const imagined = Array.from({ length: 12 }, () => ({
    orders: bookOf(prng, 5, 2),
    fair: 8 + prng.below(100) / 10,
    estimate: 13,
  }));
  // No limit is one of others, where levels are shared.
  const offsets = Array.from({ length: 13 }, (_, i) => 2 * i - 12);
  const { legs, worth } = bestPolicy(imagined, offsets, { budgetLots: 3, bounds, feePpm: FEE_PPM });
  const meanOf = (own: readonly LimitOrder[]): number =>
    imagined.reduce((sum, { orders, fair }) => sum + gainOf(orders, own, fair), 0) / imagined.length;
  expect(legs.length).toBeGreaterThan(0);
  expect(meanOf(legsOf(legs, 13))).toBeCloseTo(worth, 9);
  for (const leg of legs) {
    const sign = leg.side === 'buy' ? 1 : -1;
    const best = meanOf(legsOf([leg], 13));
    for (const offset of offsets)
      for (const lots of [1, 2, 3])
        expect(meanOf([{ ...leg, lots, price: 13 + sign * offset }])).toBeLessThanOrEqual(best + 1e-9);
  }
});
