import type { Band } from '../market/band.ts';
import type { Side } from '../market/order.ts';

/** An order in numbers that a double holds exactly: units a lot, lots. */
export interface LimitOrder {
  readonly side: Side;
  readonly price: number;
  readonly lots: number;
}

/** At which prices an auction may clear, and the price that settles a perfect tie. Everybody knows them before. */
export interface ClearingBounds {
  readonly low: number;
  readonly high: number;
  readonly reference: number;
}

/** ClearingBounds of an auction, as numbers. */
export const boundsOf = ({ low, high }: Band, reference: bigint): ClearingBounds => ({
  low: Number(low),
  high: Number(high),
  reference: Number(reference),
});

/**
 * Others' orders, as one more buyer meets them. One more seller meets the mirror image, in which prices are negative and sides are
 * exchanged: the auction's rules are the same under it.
 */
export interface BookCurve extends ClearingBounds {
  /** Limits, ascending, each once. */
  readonly limits: readonly number[];
  /** Lots with just that limit. */
  readonly buys: readonly number[];
  readonly sells: readonly number[];
  readonly demand: number;
}

/** @param side of the order that comes in addition */
export function curveOf(orders: readonly LimitOrder[], side: Side, bounds: ClearingBounds): BookCurve {
  const sign = side === 'buy' ? 1 : -1;
  const sorted = [...orders].sort((a, b) => sign * (a.price - b.price));
  const limits: number[] = [];
  const buys: number[] = [];
  const sells: number[] = [];
  let demand = 0;
  for (const order of sorted) {
    const price = sign * order.price;
    if (limits.at(-1) !== price) {
      limits.push(price);
      buys.push(0);
      sells.push(0);
    }
    const isBuy = order.side === side;
    (isBuy ? buys : sells)[limits.length - 1]! += order.lots;
    if (isBuy) demand += order.lots;
  }
  const [low, high] = side === 'buy' ? [bounds.low, bounds.high] : [-bounds.high, -bounds.low];
  return { limits, buys, sells, demand, low, high, reference: sign * bounds.reference };
}

/** Lots that others sell at a price: those with limits up to it. */
export function supplyAt({ limits, sells }: BookCurve, price: number): number {
  let supply = 0;
  for (let i = 0; i < limits.length && limits[i]! <= price; i++) supply += sells[i]!;
  return supply;
}

/** Lots of others who bid more than a price. */
export function demandAbove({ limits, buys, demand }: BookCurve, price: number): number {
  let above = demand;
  for (let i = 0; i < limits.length && limits[i]! <= price; i++) above -= buys[i]!;
  return above;
}

/** What comes of one order. */
export interface Outcome {
  /** Of the curve: negative for a seller. */
  readonly price: number;
  readonly lots: number;
}
const NOTHING: Outcome = { price: 0, lots: 0 };

/**
 * What a further buy order gets, by the rules of `clearWithin` in doubles, for one who tries many orders on one book. Of a level that is
 * shared pro rata it gets the whole part of its share.
 */
export function outcomeOfBuy(curve: BookCurve, limit: number, lots: number): Outcome {
  const { limits, buys, sells, low, high, reference } = curve;
  const count = limits.length;
  let [demand, supply, i, isIn] = [curve.demand + lots, 0, 0, true];
  let [volume, surplus, from, to, isShort, isLong] = [0, 0, 0, 0, true, true];
  while (i < count || isIn) {
    const isOwn = isIn && (i === count || limit <= limits[i]!);
    const price = isOwn ? limit : limits[i]!;
    const isOthers = i < count && limits[i] === price;
    if (isOthers) supply += sells[i]!;
    // The price itself, and then all up to the next limit.
    for (let part = 0; part < 2; part++) {
      let [first, last] = [price, price];
      if (part === 1) {
        if (isOwn) demand -= lots;
        if (isOthers) demand -= buys[i++]!;
        isIn &&= !isOwn;
        first = price + 1;
        last = Math.min(limits[i] ?? Number.POSITIVE_INFINITY, isIn ? limit : Number.POSITIVE_INFINITY) - 1;
      }
      const start = Math.max(first, low);
      const end = Math.min(last, high);
      const v = Math.min(demand, supply);
      const s = Math.abs(demand - supply);
      if (start > end || v === 0 || v < volume || (v === volume && s > surplus)) continue;
      if (v > volume || s < surplus) {
        from = start;
        isShort = true;
        isLong = true;
      }
      volume = v;
      surplus = s;
      to = end;
      isShort &&= demand > supply;
      isLong &&= demand < supply;
    }
  }
  if (volume === 0) return NOTHING;
  const price = isShort ? to : isLong ? from : Math.min(Math.max(reference, from), to);
  if (limit < price) return NOTHING;
  const beside = buys[limits.indexOf(limit)] ?? 0;
  const available = Math.max(0, volume - demandAbove(curve, limit));
  const isFilled = available >= lots + beside;
  return { price, lots: isFilled ? lots : Math.floor((lots * available) / (lots + beside)) };
}
