import { expect } from 'vitest';
import { EquivocationMonitor } from '../../src/committee/equivocation-monitor.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import type { Faulty } from '../../src/committee/world.ts';
import { MemoryStore } from '../../src/host/memory-store.ts';
import type { Dissemination } from '../../src/validator/types.ts';
import { kernels } from '../helpers/kernels.ts';
import { trade } from './committee-heights.ts';

const VICTIM = 1;
/** The store is lost in this height, and the run ends after that one. */
const LOST_AT = 3;
const LAST = 9;
const TRADING = new Set([1, LOST_AT, LAST - 1]);
/** Deliveries between the loss and another death, from which it restarts with the store that it has then. */
const SECOND_DEATH = 40;

export interface LossPlan {
  readonly n: number;
  readonly seed: number;
  readonly dissemination: Dissemination;
  /** Deliveries in the height before the loss. */
  readonly after: number;
  readonly faulty?: ReadonlyMap<number, Faulty>;
  /** Whether its next store says that one was lost. */
  readonly tells: boolean;
}

/** A validator loses its store in the middle of a height, while its keys are left. @returns what is wrong, and where it orders again */
export function lossRun(plan: LossPlan) {
  const { n, seed, dissemination, after, faulty, tells } = plan;
  const nonce = Uint8Array.from({ length: 16 }, (_, i) => seed + i);
  const stores = Array.from({ length: n }, () => new MemoryStore());
  const more = { stores };
  const world = new TradingWorld({
    kernels,
    ...{ n, seed, dissemination, more },
    ...(faulty === undefined ? {} : { faulty }),
  });
  const { committee } = world;
  let deaths = 0;
  let deliveries = Number.NEGATIVE_INFINITY;
  committee.onDelivery = () => {
    deliveries += 1;
    const isUp = committee.members.hosts[VICTIM] !== undefined;
    const isDue = deaths === 0 ? deliveries >= after : deaths === 1 && deliveries >= after + SECOND_DEATH;
    if (!isDue || !isUp) return;
    if (deaths++ === 0) stores[VICTIM] = new MemoryStore(new Map(), tells ? nonce : undefined);
    committee.members.kill(VICTIM);
  };
  const flaws: string[] = [];
  try {
    for (let at = 1; at <= LAST; at++) {
      if (at === LOST_AT) deliveries = 0;
      if (TRADING.has(at)) trade(world, at);
      world.runHeight(at, moved(at));
    }
    for (let at = 1; at <= LAST; at++) committee.check(at);
  } catch (error) {
    flaws.push(String(error));
  }
  const { equivocations, secretsShown } = new EquivocationMonitor(committee);
  const ordered = Array.from({ length: LAST }, (_, i) => i + 1).filter(
    (at) => committee.view(VICTIM, at).ordered !== undefined,
  );
  return { flaws: [...flaws, ...equivocations], secretsShown, restarts: committee.members.restarts, ordered };
}

/** Demands that it contradicts nothing, that the chain goes on, and that it orders again, but not where it may have voted before. */
export function takesPartAgain(plan: LossPlan): void {
  const { flaws, secretsShown, restarts, ordered } = lossRun(plan);
  expect({ flaws, secretsShown, restarts }).toEqual({ flaws: [], secretsShown: [], restarts: 2 });
  expect(ordered.filter((at) => at === LOST_AT + 1)).toEqual([]);
  expect(ordered).toContain(LAST);
}
