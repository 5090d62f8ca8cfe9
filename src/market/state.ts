import { PPM } from '../params/sizes.ts';
import { advanceIndex, type IndexHistory } from './expiry.ts';
import { impactPrice, premiumSample, type RestingOrder } from './funding.ts';
import { type ClearHistory, computeMarks } from './marks.ts';
import { INDEX_FEED, indexPerLot, type MarketParams } from './params.ts';
import { max } from './rounding.ts';

/** What the market remembers from height to height, apart from accounts. */
export interface MarketState extends ClearHistory {
  /** Block time of the last settled height, unix seconds. */
  readonly timeS: bigint;
  /** Oracle medians of that height, one per feed of `oracleFeeds`. */
  readonly medians: readonly bigint[];
  /** Marks of that height, units per lot, ≥ 1, one per instrument. */
  readonly marks: readonly bigint[];
  /** The index over time, for the expiries. */
  readonly history: IndexHistory;
  /** Settlement index of each option that has expired, units per 1 underlying; undefined: the instrument trades. */
  readonly settled: readonly (bigint | undefined)[];
  readonly funding: FundingState;
}

/** Premiums that the next funding is made of. */
export interface FundingState {
  /** Block time of the last funding, unix seconds. */
  readonly lastS: bigint;
  /** Σ of the premium samples of each instrument since then, ppm, signed; 0 for options. */
  readonly sums: readonly bigint[];
  /** Their number. */
  readonly count: bigint;
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
  const lastClear = params.instruments.map(() => undefined);
  const premiumEma = params.instruments.map(() => 0n);
  const marks = computeMarks(params, { lastClear, premiumEma }, medians, timeS);
  const settled = lastClear;
  const start = { timeS, index: medians[INDEX_FEED]! };
  const history = advanceIndex({ integral: 0n, windows: [] }, start, timeS, openExpiries(params, settled));
  const funding = { lastS: timeS, sums: premiumEma, count: 0n };
  return { timeS, medians, marks, lastClear, premiumEma, history, settled, funding };
}

/**
 * The state with one more premium sample of each perpetual, from the impact prices of what its auction left over.
 * @param residual the traders' orders of each instrument with the lots that did not trade
 */
export function withPremiums(
  params: MarketParams,
  state: MarketState,
  residual: readonly (readonly RestingOrder[])[],
): MarketState {
  const { impactNotional } = params.funding;
  const index = state.medians[INDEX_FEED]!;
  const sums = state.funding.sums.map((sum, i) => {
    const instrument = params.instruments[i]!;
    if (instrument.kind === 'option') return sum;
    const bid = impactPrice(residual[i]!, 'buy', impactNotional);
    const ask = impactPrice(residual[i]!, 'sell', impactNotional);
    return sum + premiumSample(bid, ask, max(1n, indexPerLot(instrument, index)));
  });
  return { ...state, funding: { ...state.funding, sums, count: state.funding.count + 1n } };
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
 * The state after a height; what it holds of expiries and funding is `previous`'s. Where an instrument traded its last clear moves, and a perpetual's premium average by
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
  return { ...previous, timeS, medians, marks, lastClear, premiumEma };
}
