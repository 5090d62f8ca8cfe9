import type { InstrumentIndex } from '../params/ids.ts';
import { type Account, equity, type Holdings, longOptionValue } from './account.ts';
import { expiryRequirement, type HeldOption, type Requirement } from './option-margin.ts';
import { ratesOf } from './params.ts';
import { loaded, type Prices } from './prices.ts';
import { abs, max, min, ppmUp } from './rounding.ts';
import { tieredRequirement } from './tiers.ts';

/** Positions that are required for together: one perpetual, or the options of one expiry. */
export type MarginGroup = readonly (readonly [InstrumentIndex, bigint])[];

/** The positions in groups; the order within and of the groups follows the holdings'. */
export function marginGroups({ params }: Prices, holdings: Holdings): MarginGroup[] {
  const perpetuals: MarginGroup[] = [];
  const expiries = new Map<bigint, [InstrumentIndex, bigint][]>();
  for (const [i, { lots }] of holdings) {
    const instrument = params.instruments[i]!;
    if (instrument.kind === 'perp') {
      perpetuals.push([[i, lots]]);
      continue;
    }
    const group = expiries.get(instrument.expiry);
    if (group === undefined) expiries.set(instrument.expiry, [[i, lots]]);
    else group.push([i, lots]);
  }
  return [...perpetuals, ...expiries.values()];
}

/** IM₀ and MM₀ of one group: `tieredRequirement` of a perpetual, `expiryRequirement` of options; IM₀ at the prices' open interest. */
export function groupRequirement({ params, marks, loads, options }: Prices, group: MarginGroup): Requirement {
  const [first] = group;
  const instrument = params.instruments[first![0]]!;
  if (instrument.kind === 'option') {
    return expiryRequirement(group.map(([i, lots]): HeldOption => ({ lot: options[i]!, lots })));
  }
  const [i, lots] = first!;
  const notional = abs(lots) * marks[i]!;
  const { initial, maintenance } = tieredRequirement(ratesOf(params, instrument), notional);
  return { initial: loaded(initial, notional, loads[i]!), maintenance };
}

/** Σ over groups, before what is asked of long options that stand in for cash. */
export function positionRequirement(prices: Prices, holdings: Holdings): Requirement {
  let initial = 0n;
  let maintenance = 0n;
  for (const group of marginGroups(prices, holdings)) {
    const own = groupRequirement(prices, group);
    initial += own.initial;
    maintenance += own.maintenance;
  }
  return { initial, maintenance };
}

/**
 * R + ⌈longPpm·min(L, max(0, R − (E − L)))/10⁶⌉ for both rates: what E − L, the equity without long options, does not cover, they have to cover, and
 * count for 1 − longPpm only. So they are collateral, but an account that leans on them is liquidated before they are worth too little.
 * It is asked for initially as well: an account could else enter that is below maintenance at once.
 * @param E equity, signed
 * @param L `longOptionValue`
 */
export function withLongOptions({ params }: Prices, base: Requirement, E: bigint, L: bigint): Requirement {
  if (L === 0n) return base;
  const of = (required: bigint): bigint =>
    required + ppmUp(min(L, max(0n, required - (E - L))), params.optionMargin.longPpm);
  return { initial: of(base.initial), maintenance: of(base.maintenance) };
}

/** IM and MM of an account, units; MM ≤ IM. */
export function marginRequirement(prices: Prices, account: Account): Requirement {
  const L = longOptionValue(prices.params, account.positions, prices.marks);
  const base = positionRequirement(prices, account.positions);
  return withLongOptions(prices, base, equity(account, prices.marks), L);
}

/** Whether an account has to be liquidated: E < MM. */
export function isBelowMaintenance(prices: Prices, account: Account): boolean {
  if (account.positions.size === 0) return account.cash < 0n;
  return equity(account, prices.marks) < marginRequirement(prices, account).maintenance;
}

/**
 * E − L, units, signed: what may leave does not count on long options. Their premium lies in their quote, not in cash: an account
 * that buys an option for all its cash still shows E = cash, and what it could take out would be a loan on something that may become worthless.
 */
export const openingEquity = ({ params, marks }: Prices, account: Account): bigint =>
  equity(account, marks) - longOptionValue(params, account.positions, marks);

/**
 * What may leave an account, units ≥ 0: min(cash, E − L − IM), less what the account gained in this height, if
 * anything: that stays until the height is over, for a haircut may need it (insurance.ts). Unrealised profit cannot leave.
 * @param prices at the loads of open interest
 * @param gained equity now − equity at the end of the last height − what this height paid in + what left in it, signed
 */
export function withdrawable(prices: Prices, account: Account, gained: bigint): bigint {
  const free = openingEquity(prices, account) - marginRequirement(prices, account).initial;
  return max(0n, min(account.cash, free) - max(0n, gained));
}
