import type { InstrumentIndex } from '../params/ids.ts';
import { type Account, equity, longOptionValue } from './account.ts';
import { type Band, canFill, worstPrice } from './band.ts';
import { applyFill } from './fill.ts';
import { groupRequirement, type MarginGroup, marginGroups, marginRequirement } from './margin.ts';
import { reducedMaintenance } from './option-margin.ts';
import type { Order } from './order.ts';
import type { Prices } from './prices.ts';
import { max, ppmUp } from './rounding.ts';

/** Most reducing orders of an account in a height whose equity does not carry them whatever they reduce: 2⁴ subsets are tried. */
export const MAX_REDUCING = 4;

/**
 * Which reduce-only orders enter although the equity would not carry their cost with nothing reduced: those that never lower E/MM, whatever part of them fills.
 * An order enters if with every subset of those before it, filled at their worst limits with fees, E' ≥ 0 and E'·MM ≥ E·MM̄': closing may cost at most its
 * share of the equity, and an account below IM may always reduce at such prices. MM̄ is `maintenanceBound`: E'·MM − E·MM̄' is concave in what fills,
 * so that its corners speak for everything between them, up to a unit for each rounding. With "E' ≥ 0" alone an account
 * stripped itself to other accounts of its owner, and the fund paid for what was left.
 * @param orders their lots cut to what they may reduce; the first MAX_REDUCING that pass alone are judged
 */
export function thatOnlyReduce<T extends Order>(
  {
    prices,
    bands,
    account,
  }: { readonly prices: Prices; readonly bands: readonly Band[]; readonly account: Account },
  orders: readonly T[],
): T[] {
  const E = equity(account, prices.marks);
  if (E < 0n) return [];
  const { maintenance } = marginRequirement(prices, account);
  const bound = maintenanceBound(prices, account);
  const keeps = (filled: readonly T[]): boolean => {
    let after = account;
    for (const order of filled) {
      const { instrument, side, lots } = order;
      const band = bands[instrument]!;
      if (!canFill(order, band)) continue;
      const price = worstPrice(order, band);
      after = applyFill(after, instrument, side, lots, price, prices.params.feePpm).account;
    }
    const left = equity(after, prices.marks);
    // A unit for each further leg: the fee of a part is rounded up as well.
    return left >= BigInt(filled.length - 1) && left * maintenance >= E * bound(after);
  };
  const able = orders.filter((order) => keeps([order])).slice(0, MAX_REDUCING);
  let subsets: T[][] = [[]];
  for (const order of able) {
    const grown = subsets.map((subset) => [...subset, order]);
    if (grown.every(keeps)) subsets = [...subsets, ...grown];
  }
  return subsets.at(-1)!;
}

/**
 * An upper bound of MM while positions of the account are reduced: exact for the account itself, convex in the lots and equity that are left. Tiers are convex;
 * options by `reducedMaintenance`; of min(L, MM₀ − (E − L)), what long options are asked for, the one that is the smaller now.
 */
function maintenanceBound(prices: Prices, account: Account): (after: Account) => bigint {
  const { params, marks, options } = prices;
  const lotsIn = (of: Account, i: InstrumentIndex): bigint => of.positions.get(i)?.lots ?? 0n;
  const rowsOf = (group: MarginGroup, of: Account) =>
    group.map(([i]) => ({ lot: options[i]!, lots: lotsIn(of, i) }));
  const groups = marginGroups(prices, account.positions).map((group): ((after: Account) => bigint) => {
    const [i] = group[0]!;
    if (params.instruments[i]!.kind === 'perp')
      return (after) => groupRequirement(prices, [[i, lotsIn(after, i)]]).maintenance;
    const reduced = reducedMaintenance(rowsOf(group, account));
    return (after) => reduced(rowsOf(group, after));
  });
  const sum = (after: Account): bigint => groups.reduce((total, group) => total + group(after), 0n);
  const long = (after: Account): bigint => longOptionValue(params, after.positions, marks);
  const leaning = (after: Account): bigint => max(0n, sum(after) - equity(after, marks) + long(after));
  const asked = long(account) < leaning(account) ? long : leaning;
  return (after) => sum(after) + ppmUp(asked(after), params.optionMargin.longPpm);
}
