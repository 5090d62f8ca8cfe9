import { expect } from 'vitest';
import { moved } from '../../src/committee/sample-market.ts';
import { perp, type TradingWorld } from '../../src/committee/traders.ts';

/** Two batches that meet, at every correct validator and in another order at each. */
export function trade(world: TradingWorld, at: number): void {
  const batches = [
    world.batch(0, [perp('buy', 3n)], world.terms(at)),
    world.batch(1, [perp('sell', 2n)], world.terms(at)),
  ];
  for (const i of world.committee.correct) {
    if (world.committee.prng.bit()) batches.reverse();
    for (const { bytes } of batches) world.submit(bytes, [i]);
  }
  world.committee.drain();
}

/** A trading height, an idle spell, a height that only moves the index, another trading height. */
export function runHeights(world: TradingWorld): void {
  const { committee } = world;
  trade(world, 1);
  expect(world.runHeight(1, moved(1)).fills).toHaveLength(2);
  const frames = committee.frames.length;
  committee.toAll({ type: 'ballotDue' });
  committee.drain();
  expect(committee.frames.length, 'an idle committee is silent').toBe(frames);
  expect(world.runHeight(2, moved(2)).fills).toHaveLength(0);
  trade(world, 3);
  expect(world.runHeight(3, moved(3)).fills).toHaveLength(2);
  for (const at of [1, 2, 3]) committee.check(at);
}
