import { Prng } from '../sim/prng.ts';
import {
  BOUNDS,
  clearFlow,
  draw,
  estimateOf,
  FEE_PPM,
  type FlowHeight,
  type FlowResult,
  flowGain,
  MARK,
  TRADERS_A_HEIGHT,
} from './auction-flow.ts';
import { coarseLeader, coarsePolicy, coarseResponse } from './coarse-front-runner.ts';
import {
  bestOfLeader,
  bestPolicy,
  bestResponse,
  type Imagined,
  legsOf,
  type Policy,
  type Stance,
} from './front-runners.ts';

export const ORDERS = ['plain', 'sealed'] as const;
export const ORDERINGS = ['leader', 'acs'] as const;
export const ATTACKERS = ['exact', 'coarse'] as const;
/** Whether an attacker sees the orders, whether it leads, and how it looks for what is best. */
export interface AttackCell {
  readonly orders: (typeof ORDERS)[number];
  readonly ordering: (typeof ORDERINGS)[number];
  readonly attacker: (typeof ATTACKERS)[number];
}
/** How well it knows the fair price, and what it may trade. */
export interface Means {
  readonly attackerError: number;
  readonly budgetLots: number;
}

const USDC = 1e6;
/** Heights that one who sees nothing imagines. */
export const IMAGINED = 1000;
export const STEP_PPM = 500;
/** Limits of one who sees nothing: a buyer's from 4 % below its estimate to 2 % above, a seller's the other way round. */
const OFFSETS = Array.from({ length: 121 }, (_, i) => ((i - 80) * STEP_PPM * MARK) / 1e6);
const COARSE_STEP = (2500 * MARK) / 1e6;
/** How many orders a leader may let in that it does not see. */
export const KEEPS = [TRADERS_A_HEIGHT, 18, 12, 8, 6, 4, 3, 2, 1];

const policies = new Map<string, Policy>();
/** What one who sees nothing does: it is the same at all heights and with all seeds, in distance from what it believes. */
function policyOf(
  attacker: AttackCell['attacker'],
  keeps: number,
  { attackerError, budgetLots }: Means,
): Policy {
  const key = JSON.stringify([attacker, keeps, attackerError, budgetLots]);
  const known = policies.get(key);
  if (known !== undefined) return known;
  const prng = new Prng(2 ** 41);
  const imagined = Array.from({ length: IMAGINED }, (): Imagined => {
    const height = draw(prng);
    return {
      orders: height.victims.slice(0, keeps),
      fair: height.fair,
      estimate: estimateOf(height, attackerError, false),
    };
  });
  const stance = { budgetLots, bounds: BOUNDS, feePpm: FEE_PPM };
  const policy =
    attacker === 'exact'
      ? bestPolicy(imagined, OFFSETS, stance)
      : coarsePolicy(imagined, COARSE_STEP, stance);
  policies.set(key, policy);
  return policy;
}

/** Which orders of others are in the height, the attacker's own, and what it believes a lot to be worth. */
function attackOf(
  height: FlowHeight,
  { orders, ordering, attacker, attackerError, budgetLots }: AttackCell & Means,
) {
  const { victims } = height;
  const estimate = estimateOf(height, attackerError, orders === 'plain');
  if (budgetLots === 0) return { kept: victims, legs: [], estimate };
  if (orders === 'sealed') {
    const options = (ordering === 'acs' ? [TRADERS_A_HEIGHT] : KEEPS).map((keeps) => ({
      keeps,
      policy: policyOf(attacker, keeps, { attackerError, budgetLots }),
    }));
    const { keeps, policy } = options.reduce((best, each) =>
      each.policy.worth > best.policy.worth ? each : best,
    );
    return { kept: victims.slice(0, keeps), legs: legsOf(policy.legs, estimate), estimate };
  }
  const stance: Stance = { estimate, budgetLots, bounds: BOUNDS, feePpm: FEE_PPM };
  const [best, coarse] =
    ordering === 'leader' ? [bestOfLeader, coarseLeader] : [bestResponse, coarseResponse];
  const attack = attacker === 'exact' ? best(victims, stance) : coarse(victims, stance, COARSE_STEP);
  return { ...attack, estimate };
}

/**
 * What comes of an attack at so many heights, a height.
 * @param without the attacker, what the auctions give
 */
export function runCell(
  heights: readonly FlowHeight[],
  without: readonly FlowResult[],
  cell: AttackCell & Means,
) {
  let [profit, expected, loss, slippage, victimLots, traded, leftOut] = [0, 0, 0, 0, 0, 0, 0];
  for (const [i, height] of heights.entries()) {
    const { kept, legs, estimate } = attackOf(height, cell);
    const outcome = clearFlow([...kept, ...legs]);
    const calm = without[i]!;
    profit += flowGain(legs, outcome, height.fair, kept.length);
    expected += flowGain(legs, outcome, estimate, kept.length);
    loss += flowGain(height.victims, calm, height.fair) - flowGain(kept, outcome, height.fair);
    leftOut += TRADERS_A_HEIGHT - kept.length;
    for (let k = 0; k < legs.length; k++) traded += outcome.fills[kept.length + k]!;
    if (outcome.price === undefined || calm.price === undefined) continue;
    const moved = (outcome.price - calm.price) / calm.price;
    for (const [k, { side }] of kept.entries()) {
      slippage += outcome.fills[k]! * (side === 'buy' ? moved : -moved);
      victimLots += outcome.fills[k]!;
    }
  }
  const perHeight = (sum: number): number => sum / heights.length;
  return {
    profit: perHeight(profit) / USDC,
    expected: cell.orders === 'plain' ? perHeight(expected) / USDC : null,
    victimsLoss: perHeight(loss) / USDC,
    slippagePpm: victimLots === 0 ? 0 : (slippage / victimLots) * 1e6,
    tradedLots: perHeight(traded),
    leftOut: perHeight(leftOut),
  };
}
