import { expect } from 'vitest';
import { EquivocationMonitor } from '../../src/committee/equivocation-monitor.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import { MemoryStore, type WriteFate } from '../../src/host/memory-store.ts';
import type { CommitteeOptions } from '../../src/sim/committee.ts';
import { Prng } from '../../src/sim/prng.ts';
import type { Dissemination } from '../../src/validator/types.ts';
import { kernels } from '../helpers/kernels.ts';
import { trade } from './committee-heights.ts';
import { DelayedStore } from './delayed-store.ts';

const FATES: readonly WriteFate[] = ['nothing', 'torn', 'whole'];
const STRATEGIES: readonly Dissemination[] = ['direct', 'stem'];
export const HEIGHTS = 3;

export type Deaths = ReadonlyMap<number, WriteFate>;

/** Who dies when. */
export interface CrashPlan {
  readonly n: number;
  readonly seed: number;
  readonly dissemination: Dissemination;
  /** Of each validator that dies: at which writes to its store, counted from 1, and what is left of them. */
  readonly deaths: ReadonlyMap<number, Deaths>;
  /** These die at the same moment as any other one. */
  readonly dieTogether: readonly number[];
  /** Most inputs of all validators between two commits. */
  readonly burst: number;
  /** Disks take their time, and hosts go on meanwhile. */
  readonly isDelayed: boolean;
}

export interface CrashResult {
  readonly restarts: number;
  /** What is wrong: nothing, it is hoped. */
  readonly flaws: readonly string[];
  readonly equivocations: readonly string[];
  /** Identity secrets that ballots gave away. */
  readonly secretsShown: readonly bigint[];
  /** Writes of each validator. */
  readonly writes: readonly number[];
}

/** Three heights, two of them with trades, of a committee in which stores take their hosts with them. */
export function crashRun(
  plan: CrashPlan,
  storeOf?: (deaths: Deaths) => MemoryStore | DelayedStore,
): CrashResult {
  const { n, seed, dissemination, deaths, dieTogether, burst, isDelayed } = plan;
  const stores = Array.from({ length: n }, (_, i) => {
    const own = deaths.get(i);
    if (own !== undefined && storeOf !== undefined) return storeOf(own);
    const store = new MemoryStore(own);
    return isDelayed ? new DelayedStore(store) : store;
  });
  const disks = new Map(
    stores.flatMap((store, i) => (store instanceof DelayedStore ? [[i, store] as const] : [])),
  );
  const more: Partial<CommitteeOptions> = {
    stores,
    disks,
    burst,
    onDeath: (members) => {
      for (const other of dieTogether) members.kill(other);
    },
  };
  const flaws: string[] = [];
  const world = new TradingWorld({ kernels, n, seed, dissemination, more });
  try {
    for (let at = 1; at <= HEIGHTS; at++) {
      if (at !== 2) trade(world, at);
      world.runHeight(at, moved(at));
    }
    for (let at = 1; at <= HEIGHTS; at++) world.committee.check(at);
  } catch (error) {
    flaws.push(String(error));
  }
  const { equivocations, secretsShown } = new EquivocationMonitor(world.committee);
  return {
    restarts: world.committee.members.restarts,
    flaws: [...flaws, ...equivocations],
    equivocations,
    secretsShown,
    writes: stores.map(({ writes }) => writes),
  };
}

/** How many die at once: one validator, f + 1 of them, or all. */
export const companies = (n: number): readonly number[] => [1, Math.floor((n - 1) / 3) + 1, n];

/**
 * One death in a validator's store at its `write`th write. Validators and fates take turns: twelve writes in a row have every pair of the
 * two at n = 4, and three `turns` have every fate of each write.
 * @param company how many die at that moment: it and those after it
 */
export function oneDeath(
  n: number,
  dissemination: Dissemination,
  write: number,
  company: number,
  turn = 0,
): CrashPlan {
  const victim = write % n;
  const fate = FATES[(Math.floor(write / n) + turn) % FATES.length]!;
  const dieTogether = Array.from({ length: company }, (_, i) => (victim + i) % n);
  const deaths = new Map([[victim, new Map([[write, fate]])]]);
  return { n, seed: 1, dissemination, deaths, dieTogether, burst: 1, isDelayed: false };
}

/** Inputs, each of them a write, of three heights in which nobody dies, at the validator that has the fewest. */
export const inputsOf = (n: number, how: Dissemination): number =>
  Math.min(...crashRun({ ...oneDeath(n, how, 0, 1), deaths: new Map() }).writes);

/** Demands that a death happens and does no harm. @returns who died of what */
export function diesAt(n: number, how: Dissemination, write: number, company: number, turn = 0): string {
  const plan = oneDeath(n, how, write, company, turn);
  const { flaws, restarts } = crashRun(plan);
  expect([write, turn, flaws, restarts >= company]).toEqual([write, turn, [], true]);
  return [...plan.deaths].map(([victim, deaths]) => `${victim} ${[...deaths.values()]}`).join();
}

/** Deaths that a run had, of those that were planned: a run may end before the others. */
export const deathsDue = ({ deaths }: CrashPlan, { writes }: CrashResult): number =>
  [...deaths].flatMap(([i, own]) => [...own.keys()].filter((write) => write <= writes[i]!)).length;

/** A validator that dies many times, every now and then with others. @param gap commits between two deaths, about: a delayed disk writes two of them together, about */
export function manyDeaths(n: number, seed: number, gap = 25): CrashPlan {
  const prng = new Prng(seed);
  const victim = seed % n;
  const isDelayed = Math.floor(seed / 12) % 2 === 1;
  const between = isDelayed ? Math.ceil(gap / 2) : gap;
  const deaths = new Map<number, WriteFate>();
  for (
    let write = 1 + prng.below(between);
    write < 600;
    write += 1 + Math.ceil(between / 2) + prng.below(between)
  )
    deaths.set(write, FATES[prng.below(3)]!);
  return {
    n,
    seed,
    dissemination: STRATEGIES[seed % 2]!,
    deaths: new Map([[victim, deaths]]),
    dieTogether: Array.from({ length: companies(n)[seed % 3]! }, (_, i) => (victim + i) % n),
    burst: [1, 4, 20][prng.below(3)]!,
    isDelayed,
  };
}
