import type { Side } from '../market/order.ts';
import { curveOf, type LimitOrder } from './auction-curve.ts';
import { type FrontRun, type Imagined, legsOf, type Policy, type Stance, worthOf } from './front-runners.ts';

/** Of an attacker that tries a list: one order at 17 limits, or one on either side, with three sizes. */
type Strategy = Policy['legs'];

const SIDES = ['buy', 'sell'] as const;

/** @param step between limits, units */
function strategiesOf(budgetLots: number, step: number): Strategy[] {
  const sizes = [0.25, 0.5, 1].map((share) => Math.round(budgetLots * share)).filter((lots) => lots > 0);
  const offsets = Array.from({ length: 17 }, (_, i) => (i - 8) * step);
  const legs = (side: Side, offset: number): Strategy => sizes.map((lots) => ({ side, offset, lots }));
  const single = SIDES.flatMap((side) => offsets.flatMap((offset) => legs(side, offset))).map((leg) => [leg]);
  const double = offsets
    .filter((offset) => offset > 0)
    .flatMap((offset) =>
      legs('sell', offset).map((leg) => [{ ...leg, side: 'buy' as const, offset: -offset }, leg]),
    );
  return [[], ...single, ...double];
}

/** What each strategy gains: orders on either side that do not meet gain what each gains alone. */
function worths(
  strategies: readonly Strategy[],
  orders: readonly LimitOrder[],
  estimate: number,
  stance: Stance,
): number[] {
  const curves = {
    buy: curveOf(orders, 'buy', stance.bounds),
    sell: curveOf(orders, 'sell', stance.bounds),
  };
  return strategies.map((strategy) =>
    legsOf(strategy, estimate).reduce((sum, leg) => sum + worthOf(curves[leg.side], leg, stance), 0),
  );
}

const firstBest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** The best of the list for one who sees the orders that are kept. */
export function coarseResponse(orders: readonly LimitOrder[], stance: Stance, step: number): FrontRun {
  const strategies = strategiesOf(stance.budgetLots, step);
  const all = worths(strategies, orders, stance.estimate, stance);
  const at = firstBest(all);
  return { kept: orders, legs: legsOf(strategies[at]!, stance.estimate), worth: all[at]! };
}

/** For a leader that leaves out nobody, or one side, or of one side the half with the less aggressive limits. */
export function coarseLeader(orders: readonly LimitOrder[], stance: Stance, step: number): FrontRun {
  const kept = SIDES.flatMap((side) => {
    const own = orders.filter((order) => order.side === side);
    const other = orders.filter((order) => order.side !== side).sort((a, b) => a.price - b.price);
    const half = other.length / 2;
    return [[...own, ...(side === 'sell' ? other.slice(0, half) : other.slice(half))], own];
  });
  const attacks = [orders, ...kept].map((each) => coarseResponse(each, stance, step));
  return attacks[firstBest(attacks.map(({ worth }) => worth))]!;
}

/** The best of the list on average for one who sees nothing. */
export function coarsePolicy(
  imagined: readonly Imagined[],
  step: number,
  stance: Omit<Stance, 'estimate'>,
): Policy {
  const strategies = strategiesOf(stance.budgetLots, step);
  const sums = strategies.map(() => 0);
  for (const { orders, fair, estimate } of imagined) {
    const gains = worths(strategies, orders, estimate, { ...stance, estimate: fair });
    for (const [i, worth] of gains.entries()) sums[i]! += worth / imagined.length;
  }
  const at = firstBest(sums);
  return { legs: strategies[at]!, worth: sums[at]! };
}
