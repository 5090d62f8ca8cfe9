import { PPM } from '../params/sizes.ts';
import { type ClearHistory, computeMarks } from './marks.ts';
import { INDEX_FEED, indexPerLot, type MarketParams } from './params.ts';

/** What the market remembers from height to height, apart from accounts. */
export interface MarketState extends ClearHistory {
  /** Block time of the last settled height, unix seconds. */
  readonly timeS: bigint;
  /** Oracle medians of that height, one per feed of `oracleFeeds`. */
  readonly medians: readonly bigint[];
  /** Marks of that height, units per lot, ≥ 1, one per instrument. */
  readonly marks: readonly bigint[];
}

/** The state before the first height: marks at the oracle's prices, no trade yet. */
export function genesisMarketState(
  params: MarketParams,
  medians: readonly bigint[],
  timeS: bigint,
): MarketState {
  const lastClear = params.instruments.map(() => undefined);
  const premiumEma = params.instruments.map(() => 0n);
  const marks = computeMarks(params, { lastClear, premiumEma }, medians, timeS);
  return { timeS, medians, marks, lastClear, premiumEma };
}

/** What a height added: its medians, time and marks, and what its auctions made of them. */
export interface MarketHeight {
  readonly timeS: bigint;
  readonly medians: readonly bigint[];
  readonly marks: readonly bigint[];
  /** Clearing price per instrument, units per lot; null where nothing traded. */
  readonly clears: readonly (bigint | null)[];
}

/**
 * The state after a height. Where an instrument traded its last clear moves, and a perpetual's premium average by
 * EMA' = EMA + trunc(w·(10⁶·(price − S) − EMA)/10⁶), S the index per lot of this height.
 */
export function nextMarketState(
  params: MarketParams,
  previous: MarketState,
  { timeS, medians, marks, clears }: MarketHeight,
): MarketState {
  const lastClear = previous.lastClear.map((last, i) => clears[i] ?? last);
  const premiumEma = previous.premiumEma.map((ema, i) => {
    const instrument = params.instruments[i]!;
    const price = clears[i];
    if (instrument.kind === 'option' || price === null || price === undefined) return ema;
    const sample = PPM * (price - indexPerLot(instrument, medians[INDEX_FEED]!));
    return ema + (params.premiumWeightPpm * (sample - ema)) / PPM;
  });
  return { timeS, medians, marks, lastClear, premiumEma };
}
