import { type Black76Input, black76, distance } from './black76.ts';
import { divFixed, lnFixed, mulFixed, normalDensity, ONE, sqrtFixed } from './fixed-point.ts';

/** Price and sensitivities of an option, discounted; all numbers scaled by ONE = 10^18. For display only. */
export interface Greeks {
  readonly price: bigint;
  /** ∂price/∂forward. */
  readonly delta: bigint;
  /** ∂²price/∂forward². */
  readonly gamma: bigint;
  /** ∂price/∂σ, for a volatility of 1 = 100 % a year. */
  readonly vega: bigint;
  /** ∂price/∂time as the calendar runs, for one year. */
  readonly theta: bigint;
}

/**
 * Black-76 with discount factor D = e^(−rT): price = D·black76, delta = D·N(±d₁)(±1), gamma = D·φ(d₁)/(F·v),
 * vega = D·F·φ(d₁)·√T, theta = −D·F·φ(d₁)·σ/(2√T) + r·price, with v = σ√T and r = −ln D/T.
 * Without volatility or time gamma, vega and theta are 0.
 * @param discount D > 0, scaled by ONE
 * @see Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed., ch. 2 (Black-76, generalised greeks)
 */
export function greeks(input: Black76Input, discount: bigint): Greeks {
  const { forward, years, vol } = input;
  const plain = black76(input);
  const price = mulFixed(discount, plain.price);
  const delta = mulFixed(discount, plain.delta);
  const { v, d1 } = distance(input);
  if (v === 0n || forward === 0n) return { price, delta, gamma: 0n, vega: 0n, theta: 0n };

  const root = sqrtFixed(years);
  const density = mulFixed(discount, normalDensity(d1));
  const vega = mulFixed(mulFixed(forward, density), root);
  const rate = -divFixed(lnFixed(discount), years);
  const decay = divFixed(mulFixed(mulFixed(forward, density), vol), 2n * root);
  return {
    price,
    delta,
    // φ/(F·v) at once: F·v alone rounds to nothing for the smallest volatilities.
    gamma: divFixed(density * ONE, forward * v),
    vega,
    theta: mulFixed(rate, price) - decay,
  };
}

/** The discount factor that discounts nothing. */
export const NO_DISCOUNT = ONE;
