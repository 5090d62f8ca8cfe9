import { PPM } from '../params/sizes.ts';
import { black76 } from './black76.ts';
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

/** The marks and the index of a height. */
export interface Prices {
  readonly params: MarketParams;
  /** Units per lot, one per instrument. */
  readonly marks: readonly bigint[];
  /** Units per 1 underlying. */
  readonly index: bigint;
}

/** Seconds of a year of 365 days: time to expiry is counted in these. */
const YEAR_S = 31_536_000n;
/** From numbers in ppm to numbers scaled by ONE. */
const PPM_TO_ONE = ONE / PPM;

/** What marks remember of past auctions; one entry per instrument. */
export interface ClearHistory {
  /** Price of the instrument's last auction that traded, units per lot. */
  readonly lastClear: readonly (bigint | undefined)[];
  /** Moving average of (clearing price − index) of a perpetual in 10⁻⁶ units per lot, signed; 0 for options. */
  readonly premiumEma: readonly bigint[];
}

/**
 * Marks of a height, units per lot, each ≥ 1 (a price is at least 1), one per instrument.
 * @param previous the clearing history up to the height before
 * @param medians  one per feed of `oracleFeeds`: index in units per 1 underlying, volatilities in ppm a year
 * @param timeS    block time, unix seconds
 */
export function computeMarks(
  params: MarketParams,
  previous: ClearHistory,
  medians: readonly bigint[],
  timeS: bigint,
): bigint[] {
  const index = medians[INDEX_FEED]!;
  const feeds = oracleFeeds(params);
  return params.instruments.map((instrument, i) => {
    if (instrument.kind === 'option') {
      return optionMark(instrument, index, medians[feeds.indexOf(volFeed(instrument))]!, timeS);
    }
    return perpetualMark(
      instrument,
      index,
      previous.lastClear[i],
      previous.premiumEma[i]!,
      params.markClampPpm,
    );
  });
}

/**
 * clamp(median(S + EMA, last clear, S), S(1 ± β)), S the index per lot; before the first trade it is S.
 * β is rounded down, so the mark never leaves the exact interval.
 */
export function perpetualMark(
  perpetual: Perpetual,
  index: bigint,
  lastClear: bigint | undefined,
  premiumEma: bigint,
  clampPpm: bigint,
): bigint {
  const S = indexPerLot(perpetual, index);
  const reach = ppmDown(S, clampPpm);
  const mark = median(S + premiumEma / PPM, lastClear ?? S, S);
  return max(1n, clamp(mark, S - reach, S + reach));
}

const median = (a: bigint, b: bigint, c: bigint): bigint => max(min(a, b), min(max(a, b), c));

/**
 * Black-76 on the forward F = index·lot (not rounded), T = max(0, expiry − time) in years of 365 days, rounded down,
 * clamped to [intrinsic, S] of a call or [intrinsic, K] of a put.
 * @param volPpm volatility, ppm a year
 */
export function optionMark(option: Option, index: bigint, volPpm: bigint, timeS: bigint): bigint {
  const S = indexPerLot(option, index);
  const K = strikePerLot(option);
  const { price } = black76({
    type: option.type,
    forward: index * option.lotPpm * PPM_TO_ONE,
    strike: K * ONE,
    years: (max(0n, option.expiry - timeS) * ONE) / YEAR_S,
    vol: volPpm * PPM_TO_ONE,
  });
  return max(1n, clamp(price / ONE, payoff(option.type, K, S), option.type === 'call' ? S : K));
}
