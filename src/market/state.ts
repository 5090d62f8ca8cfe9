import { PPM } from '../params/sizes.ts';
import type { Band } from './band.ts';
import { advanceIndex, type IndexHistory } from './expiry.ts';
import { type FundingState, impactPrice, premiumSample, type RestingOrder, withinBand } from './funding.ts';
import { type ClearHistory, clipToIndex, computeMarks } from './marks.ts';
import { INDEX_FEED, indexPerLot, type MarketParams } from './params.ts';
import { max } from './rounding.ts';

/** What the market remembers from height to height, apart from accounts. */
export interface MarketState extends ClearHistory {
  /** Block time of the last settled height, unix seconds. */
  readonly timeS: bigint;
  /** Oracle prices that height went by, one per feed of `oracleFeeds`. */
  readonly medians: readonly bigint[];
  /** Marks of that height, units per lot, ≥ 1, one per instrument. */
  readonly marks: readonly bigint[];
  /** Long lots at its end, one per instrument. */
  readonly openInterest: readonly bigint[];
  /** The index over time, for the expiries. */
  readonly history: IndexHistory;
  /** Settlement index of each option that has expired, units per 1 underlying; undefined: the instrument trades. */
  readonly settled: readonly (bigint | undefined)[];
  readonly funding: FundingState;
}

/** Expiries of the options that still trade, in the order of the instruments. */
export const openExpiries = (params: MarketParams, settled: readonly (bigint | undefined)[]): bigint[] =>
  params.instruments.flatMap((instrument, i) =>
    instrument.kind === 'option' && settled[i] === undefined ? [instrument.expiry] : [],
  );

/** The state before the first height: marks at the oracle's prices, no trade yet. */
export function genesisMarketState(
  params: MarketParams,
  medians: readonly bigint[],
  timeS: bigint,
): MarketState {
  const settled = params.instruments.map(() => undefined);
  const zeros = params.instruments.map(() => 0n);
  const start = { timeS, index: medians[INDEX_FEED]! };
  const freshUntilS = timeS + params.oracle.staleAfterS;
  const nothing = { sum: { integral: 0n, freshS: 0n }, freshUntilS, windows: [] };
  const history = advanceIndex(nothing, start, { timeS, freshUntilS }, openExpiries(params, settled));
  const marks = computeMarks(params, { medians, timeS, history }, settled);
  return {
    timeS,
    medians,
    marks,
    openInterest: zeros,
    lastClear: settled,
    premiumEma: zeros,
    history,
    settled,
    funding: { lastS: timeS, sums: zeros, samples: zeros },
  };
}

/**
 * The premium sample of each perpetual, ppm, from the impact prices of what its auction left over of opening orders; 0 of an option.
 * @param residual by instrument
 * @param bands    of this height, by instrument
 */
export const premiumSamples = (
  params: MarketParams,
  index: bigint,
  residual: readonly (readonly RestingOrder[])[],
  bands: readonly Band[],
): bigint[] =>
  params.instruments.map((instrument, i) => {
    if (instrument.kind === 'option') return 0n;
    const { impactNotional } = params.funding;
    const book = withinBand(residual[i]!, bands[i]!);
    const bid = impactPrice(book, 'buy', impactNotional);
    const ask = impactPrice(book, 'sell', impactNotional);
    return premiumSample(bid, ask, max(1n, indexPerLot(instrument, index)), params.markClampPpm);
  });

/**
 * What reference prices remember after a height's auctions. A clearing price is clipped to S(1 ± β) first, S the index per lot of this height;
 * where an instrument traded, its last clear moves, and a perpetual's premium average by EMA' = EMA + trunc(w·(10⁶·(price − S) − EMA)/10⁶).
 * @param clears clearing price per instrument, units per lot; null where nothing traded
 */
export function rememberClears(
  params: MarketParams,
  { lastClear, premiumEma }: ClearHistory,
  index: bigint,
  clears: readonly (bigint | null)[],
): ClearHistory {
  const clipped = params.instruments.map((instrument, i) => {
    const price = clears[i];
    if (price === null || price === undefined || instrument.kind === 'option') return price;
    return clipToIndex(price, indexPerLot(instrument, index), params.markClampPpm);
  });
  return {
    lastClear: lastClear.map((last, i) => clipped[i] ?? last),
    premiumEma: premiumEma.map((ema, i) => {
      const instrument = params.instruments[i]!;
      const price = clipped[i];
      if (instrument.kind === 'option' || price === null || price === undefined) return ema;
      const sample = PPM * (price - indexPerLot(instrument, index));
      return ema + (params.premiumWeightPpm * (sample - ema)) / PPM;
    }),
  };
}
