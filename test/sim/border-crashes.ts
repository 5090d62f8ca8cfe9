import { expect } from 'vitest';
import { EquivocationMonitor } from '../../src/committee/equivocation-monitor.ts';
import type { RotatingWorld } from '../../src/committee/rotating-world.ts';
import { MemorySafe } from '../../src/host/memory-safe.ts';
import { MemoryStore, type WriteFate } from '../../src/host/memory-store.ts';
import { nextHeight, rotatingWorld, toNext } from './border-world.ts';

const SEED = 11;
const FATES: readonly WriteFate[] = ['nothing', 'torn', 'whole'];
/** A member's safe, or its store of an epoch. */
export type Where = 'safe' | 1 | 2;

/** A run over a border in which a member dies at one write, perhaps with others. */
function dying(member: number, where: Where, write: number, fate: WriteFate, dieTogether: readonly number[]) {
  const deaths = new Map([[write, fate]]);
  const none = new Map<number, WriteFate>();
  const stores = new Map<number, MemoryStore>();
  const safes = Array.from({ length: 10 }, (_, i) => {
    if (i !== member) return new MemorySafe();
    return new MemorySafe(where === 'safe' ? deaths : none, (epoch) => {
      const store = new MemoryStore(epoch === where ? deaths : none);
      stores.set(epoch, store);
      return store;
    });
  });
  const world = rotatingWorld({ seed: SEED, safes, dieTogether });
  toNext(world);
  nextHeight(world, true);
  return { world, safe: safes[member]!, stores };
}

/** Every member with a seat has its keys and runs, or is told why not; nobody has keys of before; nobody said two things. */
export function requireCrossed(world: RotatingWorld): void {
  const { firstHeight, validators } = world.newest.epoch;
  for (const [seat, { registryIndex }] of validators.entries()) {
    expect([registryIndex, world.crossed[0]!.get(registryIndex)?.type]).toEqual([registryIndex, 'seated']);
    expect(world.newest.members.hosts[seat]!.height).toBeGreaterThan(firstHeight);
  }
  for (const member of world.crossed[0]!.keys())
    for (const [kind, epoch] of [
      ['keys', 1],
      ['dealing', 1],
      ['registrant', 2],
    ] as const)
      expect([member, kind, world.safes[member]!.read(kind, epoch)]).toEqual([member, kind, undefined]);
  for (const committee of world.committees)
    expect(new EquivocationMonitor(committee).equivocations).toEqual([]);
}

/** Members that stay, leave and join in a run in which nobody dies, with the writes that each makes. */
export function plannedDeaths() {
  const { world } = dying(0, 'safe', 0, 'whole', []);
  const next = world.newest.epoch.validators.map(({ registryIndex }) => registryIndex);
  const roles = {
    stays: [0, 1, 2, 3].find((member) => next.includes(member))!,
    leaves: [0, 1, 2, 3].find((member) => !next.includes(member))!,
    joins: next.find((member) => member > 3)!,
  };
  return Object.entries(roles).map(([role, member]) => {
    const { safe, stores } = dying(member, 'safe', 0, 'whole', []);
    // The dealer's keys of the first epoch are the first write of its members.
    const first = member > 3 ? 1 : 2;
    return { role, member, first, writes: safe.writes, stores };
  });
}

/** Demands that a death does no harm. @param turn which part of the write is left. @returns hosts that came back */
export function diesAtBorder(
  member: number,
  where: Where,
  write: number,
  turn: number,
  together: readonly number[],
): number {
  const { world } = dying(member, where, write, FATES[(write + turn) % FATES.length]!, together);
  requireCrossed(world);
  return world.committees.reduce((sum, { members }) => sum + members.restarts, 0);
}

/** Those that die with it: nobody, f + 1 of the committee, everybody. */
export const TOGETHER: readonly (readonly number[])[] = [[], [2, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]];
