import { expect } from 'vitest';
import { type RotatingOptions, RotatingWorld } from '../../src/committee/rotating-world.ts';
import { moved } from '../../src/committee/sample-market.ts';
import type { CommitteeWorld } from '../../src/committee/world.ts';
import { height } from '../../src/params/ids.ts';
import type { Border } from '../../src/validator/border.ts';
import { kernels } from '../helpers/kernels.ts';
import { trade } from './committee-heights.ts';

/** The last height of epoch 1 here: register until 2, deal in 3, one height of notice. */
export const LAST = 4;

/** Committees of four of ten members that follow each other. */
export const rotatingWorld = (options: Partial<RotatingOptions>): RotatingWorld =>
  new RotatingWorld({ n: 4, registry: 10, seed: 1, epochHeights: 3, dealingHeights: 2, kernels, ...options });

/** What every correct validator of an epoch that is over leaves, which is the same at all. */
export function borderOf({ members, correct }: CommitteeWorld): Border {
  const [first, ...others] = correct.map((i) => members.hosts[i]!.legacy()!.border);
  for (const other of others) expect(other).toEqual(first);
  return first!;
}

/** One height of the committee that orders now; every validator comes to what the replica comes to. */
export function nextHeight(world: RotatingWorld, isTraded: boolean, who?: readonly number[]): number {
  const { trading } = world;
  world.enter();
  const at = trading.replica.settlement.height + 1;
  world.doDuties();
  if (isTraded) trade(trading, at);
  const { fills } = trading.runHeight(
    at,
    moved(at),
    who === undefined ? trading.committee.correct : [...who],
  );
  expect(fills.length > 0).toBe(isTraded);
  if (who === undefined) trading.committee.agree(at);
  expect(world.slander).toEqual([]);
  return at;
}

/** The epoch that orders now goes on to its end, and all cross into the next one. @returns its last height */
export function toNext(world: RotatingWorld, who?: readonly number[]): number {
  const { epoch } = world;
  world.enter();
  for (let tries = 0; world.epoch === epoch; tries++) {
    expect(tries).toBeLessThan(9);
    nextHeight(world, false, who);
  }
  world.enter();
  return height(world.newest.epoch.firstHeight - 1);
}
