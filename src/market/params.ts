/**
 * One underlying and at most 16 instruments on it, with every rate that the rules need. All rates are integer
 * parts per million. A market is fixed at genesis: its parameters are part of the genesis hash.
 */
export interface MarketParams {
  readonly version: 1;
  readonly name: string;
  readonly instruments: readonly Instrument[];
  /** Initial margin of perpetuals, ppm of notional at the mark. */
  readonly imfPpm: bigint;
  /** Maintenance margin of perpetuals, ppm of notional at the mark. */
  readonly mmfPpm: bigint;
  /** Half-width of an auction's price band, ppm of the mark. */
  readonly bandPpm: bigint;
  /** Trading fee a side, ppm of lots·price. */
  readonly feePpm: bigint;
  /** β: how far a perpetual's mark may stand from the index, ppm of the index. */
  readonly markClampPpm: bigint;
  /** Weight of a new clearing price in the moving average of a perpetual's premium, ppm. */
  readonly premiumWeightPpm: bigint;
  /** Least fee of a sealed batch, units. */
  readonly batchFee: bigint;
  readonly optionMargin: OptionMarginParams;
}

/** Rates of the short-option requirements, ppm; see margin.ts for the formulas. */
export interface OptionMarginParams {
  /** a: initial rate of the index before the out-of-the-money amount is taken off. */
  readonly aPpm: bigint;
  /** b: least initial rate of the index. */
  readonly bPpm: bigint;
  /** m: maintenance rate of the index (and, for puts, of the mark). */
  readonly mPpm: bigint;
  /** off: a put's initial requirement is at least this multiple of its maintenance requirement. */
  readonly offPpm: bigint;
}

export interface Perpetual {
  readonly name: string;
  readonly kind: 'perp';
  /** Underlying per lot, in 10⁻⁶. */
  readonly lotPpm: bigint;
}

/** A European cash-settled option on the index. */
export interface Option {
  readonly name: string;
  readonly kind: 'option';
  readonly type: OptionType;
  /** Units per 1 underlying; strike·lotPpm is a multiple of 10⁶. */
  readonly strike: bigint;
  /** Unix seconds. */
  readonly expiry: bigint;
  /** Underlying per lot, in 10⁻⁶; the same for all options of one expiry. */
  readonly lotPpm: bigint;
}

export type OptionType = 'call' | 'put';
export type Instrument = Perpetual | Option;

/** Something wrong with a market's parameters: where, and what would be right. */
export interface ParamProblem {
  readonly path: string;
  readonly reason: string;
}
