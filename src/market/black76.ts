import { divFixed, lnFixed, mulFixed, normalCdf, ONE, sqrtFixed } from './fixed-point.ts';
import type { OptionType } from './params.ts';

/** Price and sensitivity of an option on a forward; all numbers scaled by ONE = 10^18. */
export interface Black76 {
  /** Of the option, in the money of the forward, undiscounted. */
  readonly price: bigint;
  /** ∂price/∂forward: N(d₁) of a call, N(d₁) − 1 of a put. */
  readonly delta: bigint;
}

/** An option on a forward; all numbers scaled by ONE = 10^18. */
export interface Black76Input {
  readonly type: OptionType;
  readonly forward: bigint;
  readonly strike: bigint;
  /** Time to expiry ≥ 0. */
  readonly years: bigint;
  /** σ ≥ 0 a year (0.5 = 50 %). */
  readonly vol: bigint;
}

/** v = σ√T and d₁ = (ln(F/K) + v²/2)/v; d₁ is ±100 where v or F is 0. */
export function distance({ forward: F, strike: K, years, vol }: Black76Input): { v: bigint; d1: bigint } {
  const v = mulFixed(vol, sqrtFixed(years));
  if (v === 0n || F === 0n) return { v, d1: edgeOf(F, K) };
  return { v, d1: divFixed(lnFixed(F) - lnFixed(K) + mulFixed(v, v) / 2n, v) };
}

/**
 * Black-76 without discounting: call = F·N(d₁) − K·N(d₂), put = K·N(−d₂) − F·N(−d₁),
 * d₁ = (ln(F/K) + v²/2)/v, d₂ = d₁ − v, v = σ√T. With v = 0: the intrinsic value. Arguments scaled by ONE;
 * |error| of the price < 10^-12 of the larger of F and K. d₁'s own error does not matter at first order, because
 * F·φ(d₁) = K·φ(d₂).
 * @see Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976) 167–179
 */
export function black76(input: Black76Input): Black76 {
  const { type, forward: F, strike: K } = input;
  const { v, d1 } = distance(input);
  const N1 = normalCdf(d1);
  const N2 = normalCdf(d1 - v);
  const call = mulFixed(F, N1) - mulFixed(K, N2);
  if (type === 'call') return { price: call > 0n ? call : 0n, delta: N1 };
  const put = mulFixed(K, ONE - N2) - mulFixed(F, ONE - N1);
  return { price: put > 0n ? put : 0n, delta: N1 - ONE };
}

/** d₁ without volatility: so far out that N is 1 in the money and 0 otherwise. */
const edgeOf = (F: bigint, K: bigint): bigint => (F > K ? 100n * ONE : -100n * ONE);
