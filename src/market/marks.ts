import { PPM } from '../params/sizes.ts';
import { black76 } from './black76.ts';
import { type Averaging, averagingAt, type IndexHistory } from './expiry.ts';
import { ONE } from './fixed-point.ts';
import {
  INDEX_FEED,
  indexPerLot,
  type MarketParams,
  type Option,
  oracleFeeds,
  type Perpetual,
  payoff,
  strikePerLot,
  volFeed,
} from './params.ts';
import { clamp, max, min, ppmDown } from './rounding.ts';

/** Seconds of a year of 365 days: time to expiry is counted in these. */
const YEAR_S = 31_536_000n;
/** From numbers in ppm to numbers scaled by ONE. */
const PPM_TO_ONE = ONE / PPM;

/** What the reference prices of perpetuals remember of past auctions; one entry per instrument. */
export interface ClearHistory {
  /** Price of the instrument's last auction that traded, clipped to S(1 ± β) of its height, units per lot. */
  readonly lastClear: readonly (bigint | undefined)[];
  /** Moving average of (clipped clearing price − index) of a perpetual in 10⁻⁶ units per lot, signed; 0 for options. */
  readonly premiumEma: readonly bigint[];
}

/**
 * Marks of a height, units per lot, each ≥ 1 (a price is at least 1), one per instrument: what equity, margins, liquidation, deleverage and
 * the fund go by. A perpetual's mark is the index per lot, which nobody here can trade: with a traded mark, a wash of one lot moved everybody's
 * equity by β.
 * @param height medians: one per feed of `oracleFeeds`, index in units per 1 underlying, volatilities in ppm a year; block time in unix seconds; the
 *               index's history as advanced to that time
 * @param kept   marks of what has expired and is settled; undefined: the instrument trades
 */
export function computeMarks(
  params: MarketParams,
  height: {
    readonly medians: readonly bigint[];
    readonly timeS: bigint;
    readonly history: IndexHistory;
  },
  kept: readonly (bigint | undefined)[],
): bigint[] {
  const { medians, timeS, history } = height;
  const index = medians[INDEX_FEED]!;
  const feeds = oracleFeeds(params);
  return params.instruments.map((instrument, i) => {
    if (instrument.kind === 'perp') return max(1n, indexPerLot(instrument, index));
    if (kept[i] !== undefined) return kept[i];
    const vol = medians[feeds.indexOf(volFeed(instrument))]!;
    return optionMark(instrument, index, vol, averagingAt(history, instrument.expiry, timeS));
  });
}

/**
 * The prices that bands are centred on and that settle an auction's tie, and nothing else, units per lot, one per instrument: a perpetual's
 * `perpetualReference`, an option's mark.
 */
export const computeReferences = (
  params: MarketParams,
  previous: ClearHistory,
  index: bigint,
  marks: readonly bigint[],
): bigint[] =>
  params.instruments.map((instrument, i) =>
    instrument.kind === 'perp'
      ? perpetualReference(
          instrument,
          index,
          previous.lastClear[i],
          previous.premiumEma[i]!,
          params.markClampPpm,
        )
      : marks[i]!,
  );

/**
 * clamp(median(S + EMA, last clear, S), S(1 ± β)), S the index per lot; before the first trade it is S.
 * β is rounded down, so the reference never leaves the exact interval.
 */
export function perpetualReference(
  perpetual: Perpetual,
  index: bigint,
  lastClear: bigint | undefined,
  premiumEma: bigint,
  clampPpm: bigint,
): bigint {
  const S = indexPerLot(perpetual, index);
  return max(1n, clipToIndex(median(S + premiumEma / PPM, lastClear ?? S, S), S, clampPpm));
}

/** The nearest price in S(1 ± β), β rounded down. */
export function clipToIndex(price: bigint, S: bigint, clampPpm: bigint): bigint {
  const reach = ppmDown(S, clampPpm);
  return clamp(price, S - reach, S + reach);
}

const median = (a: bigint, b: bigint, c: bigint): bigint => max(min(a, b), min(max(a, b), c));

/**
 * An option is settled on an average of the index, so it is marked on it, before its window and inside: Black-76 on the mean F that is to be expected,
 * F = (index·W before the window, else Q + index·r)/W, whose variance is that of the part to come: σ²·N/(3W²) a year, with N = (3r − 2W)·W²
 * for r ≥ W, else r³; σ is of the index, so of F it is σ·S/F. Clamped to [payoff(A), A] of a call or [payoff(A), K] of a put, A what the
 * average is so far, by the payout's own roundings.
 * Marked at the spot, a call was worth 3.00 one second before it paid nothing.
 * @param volPpm volatility of the index, ppm a year
 * @see Turnbull, Wakeman, "A quick algorithm for pricing European average options", J. Financial and Quantitative Analysis 26 (1991); the variance of an arithmetic mean
 */
export function optionMark(
  option: Option,
  index: bigint,
  volPpm: bigint,
  { known, remainingS: r, windowS: W }: Averaging,
): bigint {
  const K = strikePerLot(option);
  const isOpen = r < W;
  const sum = isOpen ? known + index * r : index * W;
  const N = isOpen ? r ** 3n : (3n * r - 2n * W) * W ** 2n;
  const spot = index * option.lotPpm * PPM_TO_ONE;
  const forward = (sum * option.lotPpm * PPM_TO_ONE) / W;
  const { price } = black76({
    type: option.type,
    forward,
    strike: K * ONE,
    years: (N * ONE) / (3n * W ** 2n * YEAR_S),
    vol: (volPpm * PPM_TO_ONE * spot) / forward,
  });
  const average = indexPerLot(option, sum / W);
  return max(1n, clamp(price / ONE, payoff(option.type, K, average), option.type === 'call' ? average : K));
}
