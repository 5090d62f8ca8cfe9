import { max, ppmDown } from './rounding.ts';

/**
 * One underlying and at most 16 instruments on it, with every rate that the rules need. All rates are integer
 * parts per million. A market is fixed at genesis: its parameters are part of the hash that names the chain.
 */
export interface MarketParams extends PerpetualRates {
  readonly version: 2;
  readonly name: string;
  readonly instruments: readonly Instrument[];
  /** Half-width of an auction's price band, ppm of the reference (an option: of its mark). */
  readonly bandPpm: bigint;
  /** Least half-width of an option's band, ppm of the index per lot: an option worth nearly nothing can still be traded. */
  readonly bandIndexPpm: bigint;
  /** Trading fee a side, ppm of lots·price. */
  readonly feePpm: bigint;
  /** β: how far a perpetual's reference price, and a premium sample, may stand from the index, ppm of the index. */
  readonly markClampPpm: bigint;
  /** Weight of a new clearing price in the moving average of a perpetual's premium, ppm. */
  readonly premiumWeightPpm: bigint;
  /** Least fee of a sealed batch, units. */
  readonly batchFee: bigint;
  readonly optionMargin: OptionMarginParams;
  readonly oracle: OracleParams;
  readonly funding: FundingParams;
  readonly liquidation: LiquidationParams;
  readonly insurance: InsuranceParams;
  /** Of each instrument that names no caps of its own. */
  readonly openInterest: OpenInterestCaps;
}

/** Margin rates of a perpetual; the market's hold for each one that names none of its own. */
export interface PerpetualRates {
  /** Initial margin, ppm of notional at the mark. */
  readonly imfPpm: bigint;
  /** Maintenance margin, ppm of notional at the mark. */
  readonly mmfPpm: bigint;
  /** Rates of large notionals, by ascending notional; [] if the rates above hold for any size. */
  readonly tiers: readonly MarginTier[];
}

/** Where open interest begins to raise initial margins, and where it has made them full collateral; both 0: never. */
export interface OpenInterestCaps {
  /** Units. */
  readonly lowerCap: bigint;
  /** Units, more than `lowerCap`. */
  readonly upperCap: bigint;
}

/** The fund that pays for accounts which have lost more than they had. */
export interface InsuranceParams {
  /** Units in it at genesis; they count as a deposit from outside. */
  readonly seed: bigint;
}

/** Margin rates of that part of a perpetual position's notional which lies above a bound (and below the next one). */
export interface MarginTier {
  /** Units. */
  readonly fromNotional: bigint;
  readonly imfPpm: bigint;
  readonly mmfPpm: bigint;
}

/** How far the market follows its oracle; see oracle.ts. */
export interface OracleParams {
  /** Most that the index moves from height to height, ppm of what it was. */
  readonly indexMovePpm: bigint;
  /** Most that a volatility moves from height to height, ppm of what it was. */
  readonly volMovePpm: bigint;
  /** Prices older than this, in seconds of block time, halt the market. */
  readonly staleAfterS: bigint;
}

/** Funding of perpetuals; see funding.ts. */
export interface FundingParams {
  /** What an impact price buys or sells, units. */
  readonly impactNotional: bigint;
  /** Premiums up to this cost nothing, ppm. */
  readonly damperPpm: bigint;
  /** A rate of eight hours is at most ± this many times (imf − mmf). */
  readonly capFactor: bigint;
}

/** Liquidation and auto-deleverage; see liquidation.ts. */
export interface LiquidationParams {
  /** SMMR: widest spread of a fillable price, ppm of the position's maintenance margin. */
  readonly spreadPpm: bigint;
  /** Highest penalty, ppm of the notional filled. */
  readonly penaltyPpm: bigint;
  /** An account that has been below maintenance margin in so many heights in a row is closed at the marks; half of them widen its limits fully. */
  readonly patienceHeights: number;
}

/**
 * What a market uses unless it says otherwise: dYdX v4's fillable-price spread, penalty and funding cap; Deribit's damper.
 * @see dYdX v4 documentation, Liquidations and Funding; Deribit, Perpetual, "Funding rate"
 */
export const DEFAULT_RULES: Pick<
  MarketParams,
  'tiers' | 'bandIndexPpm' | 'oracle' | 'funding' | 'liquidation' | 'insurance' | 'openInterest'
> = {
  tiers: [],
  bandIndexPpm: 5_000n,
  oracle: { indexMovePpm: 200_000n, volMovePpm: 500_000n, staleAfterS: 60n },
  funding: { impactNotional: 10_000_000_000n, damperPpm: 250n, capFactor: 6n },
  liquidation: { spreadPpm: 100_000n, penaltyPpm: 15_000n, patienceHeights: 10 },
  insurance: { seed: 0n },
  openInterest: { lowerCap: 0n, upperCap: 0n },
};

/** The caps of a market that names none: 5 and 10 times the fund's seed; dYdX v4 has the same rule with the same ratio. */
export const defaultCaps = ({ seed }: InsuranceParams): OpenInterestCaps => ({
  lowerCap: 5n * seed,
  upperCap: 10n * seed,
});

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
  /** What is required of long options that stand in for cash, ppm of their marks: they are collateral up to the rest. */
  readonly longPpm: bigint;
}

export interface Perpetual {
  readonly name: string;
  readonly kind: 'perp';
  /** Underlying per lot, in 10⁻⁶. */
  readonly lotPpm: bigint;
  /** Its own rates, if they are not the market's. */
  readonly rates?: PerpetualRates | undefined;
  /** Its own caps, if they are not the market's. */
  readonly openInterest?: OpenInterestCaps | undefined;
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
  /** Its own caps, if they are not the market's. */
  readonly openInterest?: OpenInterestCaps | undefined;
}

export type OptionType = 'call' | 'put';
export type Instrument = Perpetual | Option;

/** The margin rates of a perpetual. */
export const ratesOf = (params: MarketParams, { rates }: Perpetual): PerpetualRates => rates ?? params;

/** The open-interest caps of an instrument. */
export const capsOf = (params: MarketParams, { openInterest }: Instrument): OpenInterestCaps =>
  openInterest ?? params.openInterest;

/** Feed 0 of every market: units per 1 underlying. */
export const INDEX_FEED = 0;

/** The volatility feed of an option, ppm a year: one for each distinct (expiry, strike), shared by call and put. */
export const volFeed = (option: Option): string => `vol:${option.expiry}:${option.strike}`;

/**
 * What every validator quotes at every height, in this order: 'index' (units per 1 underlying), then
 * 'vol:<expiry>:<strike>' (ppm a year) by first appearance among the instruments.
 */
export function oracleFeeds(params: MarketParams): string[] {
  const options = params.instruments.filter((instrument) => instrument.kind === 'option');
  return ['index', ...new Set(options.map(volFeed))];
}

/** S = ⌊index·lotPpm/10⁶⌋, units per lot; `index` in units per 1 underlying. */
export const indexPerLot = (instrument: Instrument, index: bigint): bigint =>
  ppmDown(index, instrument.lotPpm);

/** K = strike·lotPpm/10⁶, units per lot; exact in a valid market. */
export const strikePerLot = (option: Option): bigint => ppmDown(option.strike, option.lotPpm);

/** What one lot pays at expiry, units: max(0, S − K) of a call, max(0, K − S) of a put; S and K per lot. */
export const payoff = (type: OptionType, strike: bigint, S: bigint): bigint =>
  max(0n, type === 'call' ? S - strike : strike - S);

/** Size tiers of a perpetual, at most. */
export const MAX_TIERS = 8;
