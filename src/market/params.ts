import { MAX_INSTRUMENTS, PPM, VALUE_BITS } from '../params/sizes.ts';
import { MAX_PRICE } from './order.ts';
import { max, ppmDown } from './rounding.ts';

/**
 * One underlying and at most 16 instruments on it, with every rate that the rules need. All rates are integer
 * parts per million. A market is fixed at genesis: its parameters are part of the hash that names the chain.
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
  /** Rates of perpetuals whose notional is large, by ascending notional; [] if the rates above hold for any size. */
  readonly tiers: readonly MarginTier[];
  readonly oracle: OracleParams;
  readonly funding: FundingParams;
  readonly liquidation: LiquidationParams;
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
  /** k: after so many heights in a row below maintenance margin a position is auto-deleveraged. */
  readonly patienceHeights: number;
}

/**
 * What a market uses unless it says otherwise: dYdX v4's fillable-price spread, penalty and funding cap; Deribit's damper.
 * @see dYdX v4 documentation, Liquidations and Funding; Deribit, Perpetual, "Funding rate"
 */
export const DEFAULT_RULES: Pick<MarketParams, 'tiers' | 'oracle' | 'funding' | 'liquidation'> = {
  tiers: [],
  oracle: { indexMovePpm: 200_000n, volMovePpm: 500_000n, staleAfterS: 60n },
  funding: { impactNotional: 10_000_000_000n, damperPpm: 250n, capFactor: 6n },
  liquidation: { spreadPpm: 100_000n, penaltyPpm: 15_000n, patienceHeights: 10 },
};

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

/** Longest market or instrument name, characters. */
const MAX_NAME = 64;
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._/:-]*$/;
/** Most underlying in a lot: 10⁶ whole ones. */
const MAX_LOT_PPM = PPM * PPM;

/** Size tiers of a market, at most. */
export const MAX_TIERS = 8;
const MAX_UNITS = (1n << BigInt(VALUE_BITS)) - 1n;
/** Most heights that a position may wait for its liquidation. */
const MAX_PATIENCE = 1_000;

type Check = (value: bigint, low: bigint, high: bigint, path: string) => void;
const checkRange =
  (problems: ParamProblem[]): Check =>
  (value, low, high, path) => {
    if (value < low || value > high)
      problems.push({ path, reason: `must be ${low} to ${high}, is ${value}` });
  };

/** Tiers ascend in notional and in both rates, so requirements are convex in size: splitting an order gains nothing. */
function tierProblems({ tiers, imfPpm, mmfPpm }: MarketParams): ParamProblem[] {
  const problems: ParamProblem[] = [];
  const needRange = checkRange(problems);
  if (tiers.length > MAX_TIERS)
    problems.push({ path: 'tiers', reason: `must be at most ${MAX_TIERS}, are ${tiers.length}` });
  let below: MarginTier = { fromNotional: 0n, imfPpm, mmfPpm };
  tiers.forEach((tier, i) => {
    needRange(tier.fromNotional, below.fromNotional + 1n, MAX_UNITS, `tiers[${i}].fromNotional`);
    needRange(tier.imfPpm, below.imfPpm, PPM, `tiers[${i}].imfPpm`);
    needRange(tier.mmfPpm, below.mmfPpm, tier.imfPpm, `tiers[${i}].mmfPpm`);
    below = tier;
  });
  return problems;
}

function ruleProblems({ oracle, funding, liquidation }: MarketParams): ParamProblem[] {
  const problems: ParamProblem[] = [];
  const needRange = checkRange(problems);
  needRange(oracle.indexMovePpm, 1n, PPM - 1n, 'oracle.indexMovePpm');
  needRange(oracle.volMovePpm, 1n, PPM - 1n, 'oracle.volMovePpm');
  needRange(oracle.staleAfterS, 1n, 86_400n, 'oracle.staleAfterS');
  needRange(funding.impactNotional, 1n, MAX_UNITS, 'funding.impactNotional');
  needRange(funding.damperPpm, 0n, PPM, 'funding.damperPpm');
  needRange(funding.capFactor, 0n, 100n, 'funding.capFactor');
  needRange(liquidation.spreadPpm, 0n, PPM, 'liquidation.spreadPpm');
  needRange(liquidation.penaltyPpm, 0n, PPM, 'liquidation.penaltyPpm');
  needRange(BigInt(liquidation.patienceHeights), 1n, BigInt(MAX_PATIENCE), 'liquidation.patienceHeights');
  return problems;
}

/**
 * Everything that is wrong with a market's parameters, not only the first thing; [] for a valid market.
 * The bounds keep MM ≤ IM everywhere, every strike per lot exact and quotable, and every reserve rate in 32 bits.
 * @returns paths as in the market file, e.g. `instruments[2].strike`
 */
export function validateMarketParams(params: MarketParams): ParamProblem[] {
  const problems: ParamProblem[] = [];
  const need = (ok: boolean, path: string, reason: string): void => {
    if (!ok) problems.push({ path, reason });
  };
  const needRange = checkRange(problems);
  const needName = (name: string, path: string): void =>
    need(
      NAME.test(name) && name.length <= MAX_NAME,
      path,
      `must be 1 to ${MAX_NAME} letters, digits, " ._/:-"`,
    );

  need(params.version === 1, 'version', `must be 1, is ${params.version}`);
  needName(params.name, 'name');
  needRange(params.imfPpm, 1n, PPM, 'imfPpm');
  needRange(params.mmfPpm, 1n, params.imfPpm, 'mmfPpm');
  needRange(params.bandPpm, 1n, PPM - 1n, 'bandPpm');
  needRange(params.feePpm, 0n, PPM / 10n, 'feePpm');
  needRange(params.markClampPpm, 0n, PPM - 1n, 'markClampPpm');
  needRange(params.premiumWeightPpm, 1n, PPM, 'premiumWeightPpm');
  needRange(params.batchFee, 1n, MAX_UNITS, 'batchFee');
  needRange(params.optionMargin.aPpm, 1n, PPM, 'optionMargin.aPpm');
  needRange(params.optionMargin.bPpm, 1n, params.optionMargin.aPpm, 'optionMargin.bPpm');
  needRange(params.optionMargin.mPpm, 1n, params.optionMargin.bPpm, 'optionMargin.mPpm');
  needRange(params.optionMargin.offPpm, PPM, 10n * PPM, 'optionMargin.offPpm');
  problems.push(...tierProblems(params), ...ruleProblems(params));

  const count = params.instruments.length;
  need(
    count >= 1 && count <= MAX_INSTRUMENTS,
    'instruments',
    `must be 1 to ${MAX_INSTRUMENTS}, are ${count}`,
  );
  const names = new Set<string>();
  const lotOfExpiry = new Map<bigint, bigint>();
  const contracts = new Set<string>();
  params.instruments.forEach((instrument, i) => {
    const path = `instruments[${i}]`;
    needName(instrument.name, `${path}.name`);
    need(!names.has(instrument.name), `${path}.name`, `${instrument.name} is there twice`);
    names.add(instrument.name);
    needRange(instrument.lotPpm, 1n, MAX_LOT_PPM, `${path}.lotPpm`);
    if (instrument.kind === 'perp') return;

    const { type, strike, expiry, lotPpm } = instrument;
    const strikeOfLot = strike * lotPpm;
    need(strikeOfLot % PPM === 0n, `${path}.strike`, 'strike·lotPpm must be a multiple of 1000000');
    needRange(strikeOfLot / PPM, 1n, MAX_PRICE, `${path}.strike (per lot)`);
    needRange(expiry, 1n, (1n << 40n) - 1n, `${path}.expiry`);
    const shared = lotOfExpiry.get(expiry) ?? lotPpm;
    need(shared === lotPpm, `${path}.lotPpm`, `options of one expiry share a lot; the first has ${shared}`);
    lotOfExpiry.set(expiry, shared);
    const contract = `${type} ${strike} ${expiry}`;
    need(!contracts.has(contract), path, 'the same option is there twice');
    contracts.add(contract);
  });
  return problems;
}
