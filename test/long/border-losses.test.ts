import { expect, test } from 'vitest';
import type { ShownBorder } from '../../src/validator/border.ts';
import { diesAtBorder, requireCrossed, TOGETHER } from '../sim/border-crashes.ts';
import { LAST, nextHeight, rotatingWorld, toNext } from '../sim/border-world.ts';
import { attackNamed } from '../sim/genesis-checks.ts';

test('a member that dies in a write to its safe at the border, alone or with all, crosses it when it is back', () => {
  // Before it the dealer's keys, two writes of a registration and a dealing: these are new keys and erased ones.
  expect(diesAtBorder(0, 'safe', 5, 0, TOGETHER[2]!)).toBeGreaterThan(3);
  expect(diesAtBorder(1, 'safe', 6, 1, TOGETHER[0]!)).toBeGreaterThan(0);
});

test('a member that has lost what opens its dealings is told so, and the others go on', () => {
  const world = rotatingWorld({ seed: 13 });
  while (world.trading.replica.claims.rotation.next === undefined) nextHeight(world, false);
  const { validators } = world.trading.replica.claims.rotation.next;
  const seat = validators.findIndex(({ registryIndex }) => registryIndex > 3);
  const member = validators[seat]!.registryIndex;
  world.safes[member]!.erase('registrant', 2);
  toNext(world);
  expect(world.crossed[0]!.get(member)).toEqual({ type: 'unshared', code: 'SHARE_KEYS_LOST' });
  expect(world.newest.members.hosts[seat]).toBeUndefined();
  nextHeight(
    world,
    true,
    [0, 1, 2, 3].filter((each) => each !== seat),
  );
});

test('a member that lags at the border is brought over it by those that left, and joins the next epoch late', () => {
  const world = rotatingWorld({ seed: 15 });
  const [before] = world.committees;
  while (world.trading.replica.claims.rotation.next === undefined) nextHeight(world, false);
  const { validators } = world.trading.replica.claims.rotation.next;
  const late = validators.findIndex(({ registryIndex }, seat) => registryIndex === seat);
  const others = [0, 1, 2, 3].filter((each) => each !== late);
  before!.cutOff(late);
  toNext(world, others);
  expect(world.newest.members.hosts[late]).toBeUndefined();
  nextHeight(world, true, others);
  before!.heal();
  for (let tries = 0; tries < 4; tries++) {
    before!.toAll({ type: 'resend' });
    world.drain();
  }
  expect(world.crossed[0]!.get(late)?.type).toBe('seated');
  nextHeight(world, true);
  requireCrossed(world);
});

test('who joins refuses a border that no quorum certified, and takes that of the next member', () => {
  const shows = (by: number, shown: ShownBorder): ShownBorder =>
    by < 1 ? { ...shown, settlement: shown.settlement.with(4, shown.settlement[4]! ^ 1) } : shown;
  const world = rotatingWorld({ seed: 17, shows });
  toNext(world);
  nextHeight(world, true);
  requireCrossed(world);
  expect(world.refusals.every(({ by }) => by < 1)).toBe(true);
  expect(world.refusals.length).toBeGreaterThan(0);
});

test('f dealers that say nothing are not waited for', () => {
  const world = rotatingWorld({ seed: 5, dealers: new Map([[1, attackNamed('silent-dealer')]]) });
  expect(toNext(world)).toBe(LAST);
  expect([...world.dealt[0]!.made.keys()].sort()).toEqual([0, 2, 3]);
  nextHeight(world, true);
});
