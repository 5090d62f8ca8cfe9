import { instrumentIndex } from '../params/ids.ts';
import { MAX_INSTRUMENTS, PPM, PRICE_BITS, VALUE_BITS } from '../params/sizes.ts';
import { bandOf, halfBand } from './band.ts';
import { legInitialMargin } from './margin.ts';
import type { Order } from './order.ts';
import { INDEX_FEED, type MarketParams } from './params.ts';
import { ceilDiv, min, ppmUp } from './rounding.ts';
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
 * Reserve rates at these marks. An empty account that deposits exactly the reserve of its opening orders passes
 * the entry check at these marks, whatever their limits (README, "Reserve"), as long as a perpetual's lots stay in the
 * first size tier. With im the leg's IM of one lot:
 * sellUnits = im + ⌈b·mark⌉ + ⌈fee·mark⌉, for a sell's worst price is mark − ⌈b·mark⌉;
 * buyPpm = the highest (p − mark + im + fee·p + 1)/p over prices p in the band, which lies at one of its edges.
 * An instrument whose sell rate exceeds 64 bits and every unused entry get the largest value: nobody can afford it.
 * @param marks units per lot, one per instrument
 * @param index units per 1 underlying
 */
export function reserveTable(params: MarketParams, marks: readonly bigint[], index: bigint): ReserveTable {
  const buyPpm = Array<bigint>(MAX_INSTRUMENTS).fill(MAX_BUY_PPM);
  const sellUnits = Array<bigint>(MAX_INSTRUMENTS).fill(MAX_SELL_UNITS);
  params.instruments.forEach((_, i) => {
    const mark = marks[i]!;
    const lot = { instrument: instrumentIndex(i), lots: 1n };
    const buyMargin = legInitialMargin(params, { ...lot, side: 'buy' }, marks, index);
    const sellMargin = legInitialMargin(params, { ...lot, side: 'sell' }, marks, index);
    buyPpm[i] = buyRatePpm(params, mark, buyMargin);
    const perLot = sellMargin + halfBand(mark, params.bandPpm) + ppmUp(mark, params.feePpm);
    sellUnits[i] = min(perLot, MAX_SELL_UNITS);
  });
  return { buyPpm, sellUnits };
}

/** The reserve table of a height; what has expired is as good as unused. */
export function openTable(params: MarketParams, { marks, medians, settled }: MarketState): ReserveTable {
  const { buyPpm, sellUnits } = reserveTable(params, marks, medians[INDEX_FEED]!);
  return {
    buyPpm: buyPpm.map((rate, i) => (settled[i] === undefined ? rate : MAX_BUY_PPM)),
    sellUnits: sellUnits.map((rate, i) => (settled[i] === undefined ? rate : MAX_SELL_UNITS)),
  };
}

/**
 * ⌈10⁶·(p − mark + margin + fee·p + 1)/p⌉ = ⌈(p·(10⁶ + feePpm) + (margin + 1 − mark)·10⁶)/p⌉; the added unit pays
 * for rounding fees up. It rises with p when margin + 1 < mark and falls otherwise. At most 2·10⁶ + feePpm
 * (margin ≤ mark and p ≥ 1), so it has 32 bits.
 */
function buyRatePpm(params: MarketParams, mark: bigint, margin: bigint): bigint {
  const band = bandOf(mark, params.bandPpm);
  const p = margin + 1n < mark ? band.high : band.low;
  return ceilDiv(p * (PPM + params.feePpm) + (margin + 1n - mark) * PPM, p);
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
