import { type OptionLot, shortOptionLot } from './option-margin.ts';
import { indexPerLot, type MarketParams, payoff, strikePerLot } from './params.ts';
import { max, ppmUp } from './rounding.ts';

/** The marks and the index of a height, with what margins read off them; made once by `pricesOf`. */
export interface Prices {
  readonly params: MarketParams;
  /** Units per lot, one per instrument. */
  readonly marks: readonly bigint[];
  /** Units per 1 underlying. */
  readonly index: bigint;
  /** x of open interest in initial margins, ppm, one per instrument; 0: the base rates. */
  readonly loads: readonly bigint[];
  /** One per instrument; undefined for a perpetual. */
  readonly options: readonly (OptionLot | undefined)[];
}

/** {0} ∪ the strikes of an expiry, per lot: between two of them what options pay is a line. */
function settlements(params: MarketParams, expiry: bigint): bigint[] {
  const strikes = params.instruments.flatMap((instrument) =>
    instrument.kind === 'option' && instrument.expiry === expiry ? [strikePerLot(instrument)] : [],
  );
  return [...new Set([0n, ...strikes])];
}

/**
 * @param loads x of open interest, ppm; by default the base rates, which is what liquidation and the reduction of positions go by
 */
export function pricesOf(
  params: MarketParams,
  marks: readonly bigint[],
  index: bigint,
  loads: readonly bigint[] = params.instruments.map(() => 0n),
): Prices {
  const options = params.instruments.map((option, i): OptionLot | undefined => {
    if (option.kind === 'perp') return undefined;
    const strike = strikePerLot(option);
    const mark = marks[i]!;
    const { initial, maintenance } = shortOptionLot(option, mark, index, params.optionMargin);
    // A short call is fully backed by its underlying, a short put by its strike.
    const collateral = option.type === 'call' ? indexPerLot(option, index) + mark : max(strike, initial);
    const short = { initial: loaded(initial, collateral, loads[i]!), maintenance };
    const at = settlements(params, option.expiry);
    const payoffs = at.map((S) => payoff(option.type, strike, S));
    return { option, strike, short, payoffs, place: at.indexOf(strike) };
  });
  return { params, marks, index, loads, options };
}

/** The same prices at other loads of open interest. */
export const loadedPrices = ({ params, marks, index }: Prices, loads: readonly bigint[]): Prices =>
  pricesOf(params, marks, index, loads);

/** IM at open interest: IM₀ + ⌈max(0, C − IM₀)·x⌉, C the full collateral; units. */
export const loaded = (initial: bigint, collateral: bigint, loadPpm: bigint): bigint =>
  initial + ppmUp(max(0n, collateral - initial), loadPpm);
