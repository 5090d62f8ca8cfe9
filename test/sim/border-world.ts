import { expect } from 'vitest';
import { type RotatingOptions, RotatingWorld } from '../../src/committee/rotating-world.ts';
import { moved } from '../../src/committee/sample-market.ts';
import type { TradingWorld } from '../../src/committee/traders.ts';
import type { CommitteeWorld } from '../../src/committee/world.ts';
import type { Border } from '../../src/validator/border.ts';
import { reshare } from '../helpers/resharing.ts';
import { trade } from './committee-heights.ts';

/** The last height of epoch 1 here. */
export const LAST = 2;

export interface BorderOptions extends Partial<Omit<RotatingOptions, 'plan' | 'n'>> {
  /** Registry indices by seat, of each epoch; the first one's are 0 … n − 1. */
  readonly seats: readonly (readonly number[])[];
}

/** Committees that follow each other, each with a last height but the last one. */
export function rotatingWorld({ seats, ...options }: BorderOptions): RotatingWorld {
  const lastHeights = seats.slice(1).map((_, i) => LAST * (i + 1));
  return new RotatingWorld({
    seed: 1,
    registry: 10,
    n: seats[0]!.length,
    lastHeights,
    plan: (world) => reshare(world, seats[world.epoch]!, lastHeights[world.epoch - 1]! + 1),
    ...options,
  });
}

/** What every correct validator of an epoch that is over leaves, which is the same at all. */
export function borderOf({ members, correct }: CommitteeWorld): Border {
  const [first, ...others] = correct.map((i) => members.hosts[i]!.legacy!.border);
  for (const other of others) expect(other).toEqual(first);
  return first!;
}

/** Heights of one epoch, with trades in each; every validator comes to what the replica comes to. */
export function tradeHeights(
  world: TradingWorld,
  from: number,
  to: number,
  who = world.committee.correct,
): void {
  for (let at = from; at <= to; at++) {
    trade(world, at);
    expect(world.runHeight(at, moved(at), who).fills.length).toBeGreaterThan(0);
    if (who === world.committee.correct) world.committee.check(at);
  }
}

/** The epoch that orders now goes on to its end, and all cross into the next one. */
export function toNext(world: RotatingWorld): void {
  world.prepare();
  const last = world.newest.epoch.firstHeight - 1;
  tradeHeights(world.trading, world.trading.replica.settlement.height + 1, last);
  world.enter();
}
