import { expect, test } from 'vitest';
import type { ChainProgress } from '../../src/validator/progress.ts';
import { ByHand } from './by-hand.ts';

test('how far a height has come is told as it gets further, and a part without a quorum says what it lacks', () => {
  const seen: ChainProgress[] = [];
  const world = new ByHand(4, (i) => {
    if (i === 0) seen.push(world.validators[0]!.shown.progress());
  });
  // Validator 3 is cut off: three are a quorum of four, two are none.
  const isOpen = { count: 2 };
  const links = (_: unknown, from: number, to: number) =>
    from < isOpen.count && to < isOpen.count ? 'open' : 'slow';
  world.vote([0, 1, 2]);
  world.run(links);
  const stuck = world.validators[0]!.shown.progress();
  expect(stuck.heights).toMatchObject([{ height: 1, ballots: 2, isSettled: false, opening: [], signed: [] }]);
  expect(stuck.heights[0]!.ordered).toBeUndefined();
  expect(stuck.heights[0]!.proposals.filter(({ isHere }) => isHere)).toEqual([]);
  isOpen.count = 3;
  world.run(links);
  const ballots = seen.map(({ heights }) => heights[0]!).filter(({ height }) => height === 1);
  const kept = <T>(values: readonly T[]): T[] => [...new Set(values)];
  expect(kept(ballots.map((each) => each.ballots))).toEqual([0, 1, 2, 3]);
  expect(kept(ballots.map(({ isSettled }) => isSettled))).toEqual([false, true]);
  const last = ballots.at(-1)!;
  expect(last.proposals.map(({ decided }) => decided)).toEqual([1, 1, 1, 0]);
  expect(last.opening.length).toBeGreaterThanOrEqual(3);
  expect(world.validators[0]!.shown.progress().reached).toEqual([2, 2, 2, 1]);
});
