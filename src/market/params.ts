import { MAX_INSTRUMENTS, PPM, VALUE_BITS } from '../params/sizes.ts';
import { MAX_PRICE } from './order.ts';
import { max, ppmDown } from './rounding.ts';

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
  const needRange = (value: bigint, low: bigint, high: bigint, path: string): void =>
    need(value >= low && value <= high, path, `must be ${low} to ${high}, is ${value}`);
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
  needRange(params.batchFee, 0n, (1n << BigInt(VALUE_BITS)) - 1n, 'batchFee');
  needRange(params.optionMargin.aPpm, 1n, PPM, 'optionMargin.aPpm');
  needRange(params.optionMargin.bPpm, 1n, params.optionMargin.aPpm, 'optionMargin.bPpm');
  needRange(params.optionMargin.mPpm, 1n, params.optionMargin.bPpm, 'optionMargin.mPpm');
  needRange(params.optionMargin.offPpm, PPM, 10n * PPM, 'optionMargin.offPpm');

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
