import { expect } from 'vitest';
import { EquivocationMonitor } from '../../src/committee/equivocation-monitor.ts';
import type { RotatingWorld } from '../../src/committee/rotating-world.ts';
import { MemorySafe } from '../../src/host/memory-safe.ts';
import { MemoryStore, type WriteFate } from '../../src/host/memory-store.ts';
import { LAST, rotatingWorld, toNext, tradeHeights } from './border-world.ts';

/** Two stay, two leave, two join. */
export const SEATS = [
  [0, 1, 2, 3],
  [4, 2, 5, 0],
];
const FATES: readonly WriteFate[] = ['nothing', 'torn', 'whole'];
/** A member that stays, one that leaves and one that joins. */
export const MEMBERS = [0, 1, 4];
type Where = 'safe' | 1 | 2;

/** A run over a border in which a member dies at one write, to its safe or to a store. */
function dying(member: number, where: Where, write: number, fate: WriteFate, dieTogether: readonly number[]) {
  const deaths = new Map([[write, fate]]);
  const none = new Map<number, WriteFate>();
  const stores: MemoryStore[] = [];
  const safes = Array.from({ length: 10 }, (_, i) => {
    if (i !== member) return new MemorySafe();
    return new MemorySafe(where === 'safe' ? deaths : none, (epoch) => {
      const store = new MemoryStore(epoch === where ? deaths : none);
      stores.push(store);
      return store;
    });
  });
  const world = rotatingWorld({ seats: SEATS, seed: 11, safes, dieTogether });
  toNext(world);
  tradeHeights(world.trading, LAST + 1, LAST + 1);
  return { world, safe: safes[member]!, stores };
}

/** Every member with a seat has its keys and runs; nobody has keys of before; nobody said two things. */
export function requireCrossed(world: RotatingWorld): void {
  for (const seat of world.newest.epoch.validators.keys()) {
    const member = world.memberAt(2, seat);
    expect([member, world.crossed[0]!.get(member)?.type]).toEqual([member, 'seated']);
    expect(world.newest.members.hosts[seat]!.height).toBeGreaterThan(LAST + 1);
  }
  for (const safe of world.safes) {
    expect(safe.read('keys', 1)).toBeUndefined();
    expect(safe.read('registrant', 2)).toBeUndefined();
  }
  for (const committee of world.committees)
    expect(new EquivocationMonitor(committee).equivocations).toEqual([]);
}

/** Writes that a member makes to its safe after it registered, and to its stores, in a run in which nobody dies. */
export function writesOf(member: number) {
  const { safe, stores } = dying(member, 'safe', 0, 'whole', []);
  const registered = member < 4 ? 1 + Number(SEATS[1]!.includes(member)) : 1;
  const all = Array.from({ length: safe.writes - registered }, (_, i) => registered + 1 + i);
  return { safe: all, stores: stores.map(({ writes }) => writes) };
}

/** Demands that a death does no harm. @param turn which part of the write is left */
export function diesAtBorder(
  member: number,
  where: Where,
  write: number,
  turn: number,
  together: readonly number[],
): void {
  requireCrossed(dying(member, where, write, FATES[(write + turn) % FATES.length]!, together).world);
}

/** Those that die with it: nobody, f + 1 in all, everybody. */
export const TOGETHER: readonly (readonly number[])[] = [[], [2, 3], [0, 1, 2, 3, 4, 5]];
