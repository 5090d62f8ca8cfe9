import { afterEach, expect, test, vi } from 'vitest';
import { ChainEvents } from '../../../src/node/chain-events.ts';
import { Follower } from '../../../src/node/follower.ts';
import { height } from '../../../src/params/ids.ts';
import { nextHeight, rotatingWorld } from '../../sim/border-world.ts';

const AT = { host: '127.0.0.1', port: 1 };
const world = rotatingWorld({ seed: 4 });
for (let h = 1; h <= 2; h++) nextHeight(world, h === 1);
const { chain, epoch } = world.newest;
afterEach(() => vi.restoreAllMocks());

/** Shows the blocks of a validator. @param onAsk hears of each question */
function followerOf(onAsk: () => void): { follower: Follower; told: number[] } {
  const events = new ChainEvents();
  const told: number[] = [];
  events.listen((each) => {
    if (each.topic === 'settlements') told.push(each.event.accepted);
  });
  const store = world.safes[world.memberAt(1, 0)]!.store(1);
  const visitor = {
    get: async (_: unknown, path: string) => {
      onAsk();
      return store.block(height(Number(path.replace('/blocks/', ''))));
    },
  };
  return { follower: new Follower(chain, epoch, undefined, visitor, undefined, events), told };
}

test('who follows knows the items of a certified height, and tells how many there were', async () => {
  const { follower, told } = followerOf(() => {});
  await follower.follow(AT, 1, () => false);
  expect(follower.height).toBe(1);
  const roots = follower.view.roots(height(1))!;
  expect(roots.accepted).toBeGreaterThan(1);
  expect(told).toEqual([roots.accepted]);
});

test('who answers slowly is left for another one after some seconds', async () => {
  let nowMs = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const { follower } = followerOf(() => {
    nowMs += 6_000;
  });
  await follower.follow(AT, 2, () => false);
  expect(follower.height).toBe(1);
  await follower.follow(AT, 2, () => false);
  expect(follower.height).toBe(2);
});
