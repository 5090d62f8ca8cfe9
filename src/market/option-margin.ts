import {
  indexPerLot,
  type Option,
  type OptionMarginParams,
  type OptionType,
  payoff,
  strikePerLot,
} from './params.ts';
import { max, min, ppmUp } from './rounding.ts';

/** What a position must be backed with, units. */
export interface Requirement {
  readonly initial: bigint;
  readonly maintenance: bigint;
}

/**
 * Requirement of ONE short lot, with S the index per lot, K the strike per lot, M the mark:
 * base = max(⌈a·S⌉ − OTM, ⌈b·S⌉), OTM = max(0, K − S) of a call, max(0, S − K) of a put;
 * call: IM = base + M, MM = ⌈m·S⌉ + M; put: MM = max(⌈m·S⌉, ⌈m·M⌉) + M, IM = max(base + M, ⌈off·MM⌉).
 * @param index units per 1 underlying
 * @param mark  units per lot
 * @see Deribit, "Standard margin: options" (a = 0.15, b = 0.1, m = 0.075; off = 1 there)
 */
export function shortOptionLot(
  option: Option,
  mark: bigint,
  index: bigint,
  rates: OptionMarginParams,
): Requirement {
  const S = indexPerLot(option, index);
  const K = strikePerLot(option);
  const otm = max(0n, option.type === 'call' ? K - S : S - K);
  const base = max(ppmUp(S, rates.aPpm) - otm, ppmUp(S, rates.bPpm));
  if (option.type === 'call') return { initial: base + mark, maintenance: ppmUp(S, rates.mPpm) + mark };
  const maintenance = max(ppmUp(S, rates.mPpm), ppmUp(mark, rates.mPpm)) + mark;
  return { initial: max(base + mark, ppmUp(maintenance, rates.offPpm)), maintenance };
}

/** An option that an account holds, long (lots > 0) or short (lots < 0). */
export interface HeldOption {
  readonly type: OptionType;
  /** K per lot. */
  readonly strike: bigint;
  readonly lots: bigint;
  /** Of one short lot. */
  readonly shortLot: Requirement;
}

/**
 * Requirement of the options of ONE expiry held together: min(isolated, spread).
 * isolated = Σ over shorts |lots|·shortLot (a long option is paid for and requires nothing);
 * spread = the maximum loss at expiry, max(0, −Σ lots·payoff(S)) over S ∈ {0} ∪ strikes, + the isolated requirement
 * of the net short calls. The payoff is piecewise linear with kinks at the strikes; above the highest strike it falls
 * only by the net short calls, the most demanding of which are counted as if they were alone.
 * @see Derive, "Standard margin" (offset of options with the same expiry)
 */
export function expiryRequirement(held: readonly HeldOption[]): Requirement {
  const shorts = held.filter(({ lots }) => lots < 0n);
  const loss = maximumLoss(held);
  const of = (rate: (lot: Requirement) => bigint): bigint => {
    const isolated = shorts.reduce((sum, { lots, shortLot }) => sum - lots * rate(shortLot), 0n);
    return min(isolated, loss + netShortCalls(held, rate));
  };
  return { initial: of((lot) => lot.initial), maintenance: of((lot) => lot.maintenance) };
}

/** max(0, −Σ lots·payoff(S)) over S ∈ {0} ∪ strikes, units. */
function maximumLoss(held: readonly HeldOption[]): bigint {
  let worst = 0n;
  for (const S of new Set([0n, ...held.map(({ strike }) => strike)])) {
    let loss = 0n;
    for (const { type, strike, lots } of held) loss -= lots * payoff(type, strike, S);
    worst = max(worst, loss);
  }
  return worst;
}

/** Σ of `rate` over the max(0, −Σ call lots) most demanding short call lots, units. */
function netShortCalls(held: readonly HeldOption[], rate: (lot: Requirement) => bigint): bigint {
  const calls = held.filter(({ type }) => type === 'call');
  let unpaired = max(
    0n,
    calls.reduce((sum, { lots }) => sum - lots, 0n),
  );
  const shorts = calls
    .filter(({ lots }) => lots < 0n)
    .map(({ lots, shortLot }) => ({ lots: -lots, each: rate(shortLot) }))
    .sort((a, b) => (a.each < b.each ? 1 : a.each > b.each ? -1 : 0));
  let sum = 0n;
  for (const { lots, each } of shorts) {
    const taken = min(lots, unpaired);
    sum += taken * each;
    unpaired -= taken;
  }
  return sum;
}
