import { PPM } from '../params/sizes.ts';
import type { Requirement } from './option-margin.ts';
import type { MarginTier, PerpetualRates } from './params.ts';
import { ceilDiv, min } from './rounding.ts';

/** The rates of a perpetual and the notional from which on each holds, ascending, the first from 0. */
const bracketsOf = ({ imfPpm, mmfPpm, tiers }: PerpetualRates): readonly MarginTier[] => [
  { fromNotional: 0n, imfPpm, mmfPpm },
  ...tiers,
];

/**
 * Requirement of a perpetual position: each bracket's rate on the part of the notional that lies in it,
 * ⌈Σ (min(N, next) − from)·rate/10⁶⌉ over brackets with from < N. Continuous and convex in N.
 * @param notional N = |lots|·mark, units
 * @see Binance, "Leverage and margin of futures": notional·rate − maintenance amount is the same sum
 */
export function tieredRequirement(rates: PerpetualRates, notional: bigint): Requirement {
  const brackets = bracketsOf(rates);
  let initial = 0n;
  let maintenance = 0n;
  for (const [i, { fromNotional, imfPpm, mmfPpm }] of brackets.entries()) {
    if (notional <= fromNotional) break;
    const part = min(notional, brackets[i + 1]?.fromNotional ?? notional) - fromNotional;
    initial += part * imfPpm;
    maintenance += part * mmfPpm;
  }
  return { initial: ceilDiv(initial, PPM), maintenance: ceilDiv(maintenance, PPM) };
}
