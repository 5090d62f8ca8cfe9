import { instrumentIndex } from '../params/ids.ts';
import { MAX_INSTRUMENTS, PPM, PRICE_BITS, VALUE_BITS } from '../params/sizes.ts';
import { type Band, bandsOf } from './band.ts';
import { groupRequirement } from './margin.ts';
import { computeReferences } from './marks.ts';
import { noOpening, openInterestLoads } from './open-interest.ts';
import type { Order } from './order.ts';
import { INDEX_FEED, type MarketParams } from './params.ts';
import { type Prices, pricesOf } from './prices.ts';
import { ceilDiv, max, min, ppmUp } from './rounding.ts';
import type { MarketState } from './state.ts';

/** What statement S2 makes a sealed batch deposit for its opening orders; one entry for each of 16 instruments. */
export interface ReserveTable {
  /** Of a buy's limit price, ppm, < 2^32. */
  readonly buyPpm: readonly bigint[];
  /** Of a sold lot, units, < 2^64. */
  readonly sellUnits: readonly bigint[];
}

const MAX_BUY_PPM = (1n << BigInt(PRICE_BITS)) - 1n;
const MAX_SELL_UNITS = (1n << BigInt(VALUE_BITS)) - 1n;

/**
 * Reserve rates at these prices, at their open interest and in the first size tier. An empty account that deposits exactly the reserve of its
 * opening orders passes the entry check at these prices, whatever their limits (README, "Reserve"). With im what one lot requires initially:
 * sellUnits = im + max(max(0, mark − low) + ⌈f·mark⌉, ⌈f·high⌉) of the band [low, high];
 * buyPpm = the higher of (max(0, p − mark) + im + f·p + 1)/p at the band's two edges, of an option (p + f·p + 1)/p at the lower one.
 * A rate that exceeds its bits (32 or 64) and every unused entry get the largest value: nobody can afford it.
 * @param bands of the same height, one per instrument
 */
export function reserveTable(prices: Prices, bands: readonly Band[]): ReserveTable {
  const { params, marks } = prices;
  const buyPpm = Array<bigint>(MAX_INSTRUMENTS).fill(MAX_BUY_PPM);
  const sellUnits = Array<bigint>(MAX_INSTRUMENTS).fill(MAX_SELL_UNITS);
  params.instruments.forEach(({ kind }, i) => {
    const mark = marks[i]!;
    const { low, high } = bands[i]!;
    // A short option by itself: with others its maximum loss is no bound that adds up.
    const sold =
      prices.options[i]?.short.initial ?? groupRequirement(prices, [[instrumentIndex(i), -1n]]).initial;
    const loss = max(0n, mark - low) + ppmUp(mark, params.feePpm);
    sellUnits[i] = min(sold + max(loss, ppmUp(high, params.feePpm)), MAX_SELL_UNITS);
    const rateAt = (p: bigint): bigint => {
      const margin = kind === 'option' ? p : max(0n, p - mark) + sold;
      return ceilDiv((margin + 1n) * PPM + p * params.feePpm, p);
    };
    buyPpm[i] = min(max(rateAt(low), kind === 'option' ? 0n : rateAt(high)), MAX_BUY_PPM);
  });
  return { buyPpm, sellUnits };
}

/**
 * The reserve table of a height, at the open interest and the reference prices of its end and nobody's orders; what has expired is as
 * good as unused.
 */
export function openTable(params: MarketParams, state: MarketState): ReserveTable {
  const { marks, medians, settled } = state;
  const index = medians[INDEX_FEED]!;
  const loads = openInterestLoads({ params, marks, index }, state.openInterest, noOpening(params));
  const bands = bandsOf({ params, index }, computeReferences(params, state, index, marks));
  const { buyPpm, sellUnits } = reserveTable(pricesOf(params, marks, index, loads), bands);
  return {
    buyPpm: buyPpm.map((rate, i) => (settled[i] === undefined ? rate : MAX_BUY_PPM)),
    sellUnits: sellUnits.map((rate, i) => (settled[i] === undefined ? rate : MAX_SELL_UNITS)),
  };
}

/**
 * The least deposit that S2 accepts: ⌈Σ over opening orders lots·(buy ? price·buyPpm : sellUnits·10⁶) / 10⁶⌉, units.
 * Reduce-only orders reserve nothing.
 */
export function reserveOf(table: ReserveTable, orders: readonly Order[]): bigint {
  let sum = 0n;
  for (const { side, instrument, price, lots, reduceOnly } of orders) {
    if (reduceOnly) continue;
    sum += lots * (side === 'buy' ? price * table.buyPpm[instrument]! : table.sellUnits[instrument]! * PPM);
  }
  return ceilDiv(sum, PPM);
}
