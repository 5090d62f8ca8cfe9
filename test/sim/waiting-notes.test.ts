import { expect, test } from 'vitest';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import { kernels } from '../helpers/kernels.ts';

test('a shielded note joins the tree though nothing is traded: heights go on until it has, and then the committee is silent', () => {
  const world = new TradingWorld({ kernels, n: 2, seed: 5 });
  const { committee } = world;
  world.submitAll(world.deposit(1n, world.accountOf(0), 5_000_000n));
  world.runHeight(1, moved(1));
  const { authorised, ...shield } = world.action(0, 1_000_000n);
  world.submitAll(shield);
  world.runHeight(2, moved(1));
  const { commitment } = authorised.statement;
  expect(world.replica.notePath(commitment)).toBeUndefined();
  const heights: number[] = [];
  for (let at = 3; at <= 5; at++) {
    const frames = committee.frames.length;
    committee.toAll({ type: 'ballotDue' });
    committee.drain();
    if (committee.frames.length > frames) heights.push(at);
    if (committee.view(0, at).certified !== undefined) world.follow(at, committee.correct);
  }
  expect(heights).toEqual([3, 4]);
  expect(world.replica.notePath(commitment)).toBeDefined();
});
