import type { Side } from '../market/order.ts';
import {
  type BookCurve,
  type ClearingBounds,
  curveOf,
  demandAbove,
  type LimitOrder,
  outcomeOfBuy,
  supplyAt,
} from './auction-curve.ts';

/** What an attacker works with at one height. */
export interface Stance {
  /** Units a lot that the instrument is worth, as it believes: a gain is linear in that, so that the mean of its belief is all that counts. */
  readonly estimate: number;
  readonly budgetLots: number;
  readonly bounds: ClearingBounds;
  readonly feePpm: number;
}

/** Which orders of others are in the height, and what the attacker adds. */
export interface FrontRun {
  readonly kept: readonly LimitOrder[];
  readonly legs: readonly LimitOrder[];
  /** What it expects to gain, units. */
  readonly worth: number;
}

const SIDES = ['buy', 'sell'] as const;
const signOf = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1);
const feeOf = (lots: number, price: number, feePpm: number): number =>
  Math.ceil((lots * Math.abs(price) * feePpm) / 1e6);
const gain = (estimate: number, price: number, lots: number, feePpm: number): number =>
  lots * (estimate - price) - feeOf(lots, price, feePpm);

/** What one order gains as an attacker expects that knows the book. */
export function worthOf(curve: BookCurve, order: LimitOrder, { estimate, feePpm }: Stance): number {
  const sign = signOf(order.side);
  const { price, lots } = outcomeOfBuy(curve, sign * order.price, order.lots);
  return gain(sign * estimate, price, lots, feePpm);
}

/** The best of some numbers of others' orders and own ones, and what no attacker can exceed. */
export interface BestResponse extends FrontRun {
  readonly bound: number;
}

/** Own orders that may reach a gain. */
interface Try {
  /** More than any orders that lead to this price can gain. */
  readonly most: number;
  readonly legs: readonly (readonly LimitOrder[])[];
}

/**
 * The best response to a book that is known, to a unit of price a lot.
 * In the auction orders with better limits than its price p are filled. So others sell S(p) lots at most and buy D(p + 1) at least, and
 * whatever orders an attacker adds, it buys S(p) − D(p + 1) at most, net. That rises at others' limits only, and a price is worse the
 * higher it is: the most is at one of them, or at an end of the bounds. One order gets it, with its limit there or a unit beside.
 * Selling is the mirror image. There are two exceptions. At the upper bound better orders may be left out too, so that it buys S(p) at most.
 * And two surpluses of the same size, of buyers up to a limit and of sellers a unit above it, leave the price to the reference: see `byTie`.
 * Limits of others on this side and that are taken to be more than a unit apart.
 */
export function bestResponse(orders: readonly LimitOrder[], stance: Stance): BestResponse {
  let [best, bound]: [FrontRun, number] = [{ kept: orders, legs: [], worth: 0 }, 0];
  for (const side of SIDES) {
    const curve = curveOf(orders, side, stance.bounds);
    for (const { most, legs } of [...byPrice(curve, side, stance), ...byTie(curve, side, stance)]) {
      if (most <= bound) continue;
      bound = most;
      for (const own of legs) {
        const worth = worthOf(curveOf([...orders, ...own.slice(1)], side, stance.bounds), own[0]!, stance);
        if (worth > best.worth) best = { kept: orders, legs: own, worth };
      }
    }
  }
  return { ...best, bound };
}

/** What so many lots at a price gain at most, fees not rounded. */
const mostOf = (side: Side, price: number, lots: number, { estimate, feePpm }: Stance): number =>
  lots * (signOf(side) * estimate - price - (Math.abs(price) * feePpm) / 1e6);

function byPrice(curve: BookCurve, side: Side, stance: Stance): Try[] {
  const { limits, low, high } = curve;
  const top = Math.max(high, limits.at(-1) ?? high) + 1;
  return [low, ...limits.filter((limit) => limit > low && limit < high), high].map((price) => {
    const ahead = price === high ? 0 : demandAbove(curve, price);
    const lots = Math.min(stance.budgetLots, supplyAt(curve, price) - ahead);
    const sizes = [lots, lots - 1, stance.budgetLots].filter((size) => size > 0);
    return {
      most: lots <= 0 ? 0 : mostOf(side, price, lots, stance),
      legs: [price, price + 1, top].flatMap((limit) =>
        sizes.map((size) => [{ side, price: signOf(side) * limit, lots: size }]),
      ),
    };
  });
}

/**
 * It buys all that is left above a limit of buyers, and offers as many lots as they want a unit above their limit. Then as many are wanted
 * in vain up to that limit as are offered in vain above it, and the price is the reference or what is nearest to it: it may be below the
 * limit, and its offer trades nothing.
 */
function byTie(curve: BookCurve, side: Side, stance: Stance): Try[] {
  const { limits, buys, sells, low, high, reference } = curve;
  return limits.flatMap((limit, i) => {
    const lots = supplyAt(curve, limit) - demandAbove(curve, limit);
    const offered = buys[i]!;
    const isTie = i > 0 && offered > 0 && sells[i] === 0 && limit > low && limit < high;
    if (!isTie || lots <= 0 || Math.max(lots, offered) > stance.budgetLots) return [];
    const from = Math.max(low, buys[i - 1]! > 0 ? limits[i - 1]! + 1 : limits[i - 1]!);
    const price = Math.min(Math.max(reference, from), limit);
    const at = signOf(side) * (limit + 1);
    const other = side === 'buy' ? 'sell' : 'buy';
    const legs: LimitOrder[] = [
      { side, price: at, lots },
      { side: other, price: at, lots: offered },
    ];
    return [{ most: mostOf(side, price, lots, stance), legs: [legs] }];
  });
}

/**
 * The best for one who sees all orders and leaves out which it likes. At a price p others sell S(p) lots at most, so it buys at most so many
 * there, whatever it leaves out: it gets them if it keeps only the sellers with limits up to p and bids p.
 */
export function bestOfLeader(orders: readonly LimitOrder[], stance: Stance): BestResponse {
  let best: FrontRun = { kept: orders, legs: [], worth: 0 };
  for (const side of SIDES) {
    const sign = signOf(side);
    const curve = curveOf(orders, side, stance.bounds);
    const { low, high } = curve;
    for (const price of [low, ...curve.limits.filter((limit) => limit > low && limit <= high)]) {
      const lots = Math.min(stance.budgetLots, supplyAt(curve, price));
      const worth = gain(sign * stance.estimate, price, lots, stance.feePpm);
      if (worth <= best.worth) continue;
      const kept = orders.filter((order) => order.side !== side && sign * order.price <= price);
      best = { kept, legs: [{ side, price: sign * price, lots }], worth };
    }
  }
  return { ...best, bound: best.worth };
}

/** A height that somebody who sees no orders imagines: others' orders, what the instrument is worth, what it believes. */
export interface Imagined {
  readonly orders: readonly LimitOrder[];
  readonly fair: number;
  readonly estimate: number;
}
/** What it does at every height: own limits by their distance from its estimate, and what that gains on average. */
export interface Policy {
  readonly legs: readonly { readonly side: Side; readonly offset: number; readonly lots: number }[];
  readonly worth: number;
}

export const legsOf = (legs: Policy['legs'], estimate: number): LimitOrder[] =>
  legs.map(({ side, offset, lots }) => ({ side, lots, price: Math.round(estimate + offset) }));

/**
 * The best buy order, or sell order, on average over imagined heights: all sizes up to the budget, all limits of a list. What does not bid
 * the price at which all of its lots would be filled gets, at its own limit, what others leave there, so that one auction for each size
 * and one pass for each limit give all sums.
 * @param offsets of the limits from the estimate, for a buyer; for a seller their negatives
 */
function bestBlind(
  imagined: readonly Imagined[],
  side: Side,
  offsets: readonly number[],
  { budgetLots, bounds, feePpm }: Omit<Stance, 'estimate'>,
): { offset: number; lots: number; worth: number } {
  const sign = signOf(side);
  const sums = new Float64Array(offsets.length * budgetLots);
  const gains = new Float64Array(budgetLots);
  const prices = new Float64Array(budgetLots);
  for (const { orders, fair, estimate } of imagined) {
    const curve = curveOf(orders, side, bounds);
    const top = Math.max(curve.high, curve.limits.at(-1) ?? curve.high) + 1;
    for (let i = 0; i < budgetLots; i++) {
      const { price, lots } = outcomeOfBuy(curve, top, i + 1);
      gains[i] = gain(sign * fair, price, lots, feePpm);
      prices[i] = price;
    }
    for (let k = 0; k < offsets.length; k++) {
      const limit = Math.round(sign * estimate + offsets[k]!);
      const left = Math.max(0, supplyAt(curve, limit) - demandAbove(curve, limit));
      const rest = left === 0 ? 0 : gain(sign * fair, limit, left, feePpm);
      const row = k * budgetLots;
      for (let i = 0; i < budgetLots; i++) sums[row + i]! += limit >= prices[i]! ? gains[i]! : rest;
    }
  }
  let at = 0;
  for (let i = 1; i < sums.length; i++) if (sums[i]! > sums[at]!) at = i;
  const offset = sign * offsets[Math.floor(at / budgetLots)]!;
  return { offset, lots: (at % budgetLots) + 1, worth: Math.max(0, sums[at]! / imagined.length) };
}

/**
 * The best of one order on either side for one who sees no orders. They do not meet, so that each is the best of its side: the one that is
 * out of the money takes part in no trade of the other.
 */
export function bestPolicy(
  imagined: readonly Imagined[],
  offsets: readonly number[],
  stance: Omit<Stance, 'estimate'>,
): Policy {
  const legs = SIDES.map((side) => ({ side, ...bestBlind(imagined, side, offsets, stance) })).filter(
    ({ worth }) => worth > 0,
  );
  return { legs, worth: legs.reduce((sum, { worth }) => sum + worth, 0) };
}
