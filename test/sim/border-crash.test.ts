import { expect, test } from 'vitest';
import type { ShownBorder } from '../../src/validator/border.ts';
import { diesAtBorder, MEMBERS, requireCrossed, SEATS, TOGETHER, writesOf } from './border-crashes.ts';
import { LAST, rotatingWorld, toNext, tradeHeights } from './border-world.ts';

test('a member that dies in a write to its safe round the border, alone or with all, crosses it when it is back', () => {
  const [first, second, third] = writesOf(MEMBERS[0]!).safe;
  diesAtBorder(MEMBERS[0]!, 'safe', first!, 0, TOGETHER[0]!);
  diesAtBorder(MEMBERS[0]!, 'safe', second!, 1, TOGETHER[2]!);
  diesAtBorder(MEMBERS[0]!, 'safe', third!, 2, TOGETHER[1]!);
});

test('a member that has lost what opens its dealings is told so, and the others go on', () => {
  const world = rotatingWorld({ seats: SEATS, seed: 13 });
  world.prepare();
  world.safes[5]!.erase('registrant', 2);
  tradeHeights(world.trading, 1, LAST);
  world.enter();
  expect(world.crossed[0]!.get(5)).toEqual({ type: 'unshared', code: 'SHARE_KEYS_LOST' });
  expect(world.newest.members.hosts[world.seatOf(2, 5)!]).toBeUndefined();
  const others = [4, 2, 0].map((member) => world.seatOf(2, member)!);
  tradeHeights(world.trading, LAST + 1, LAST + 1, others);
});

test('a member that lags at the border is brought over it by those that left, and joins the next epoch late', () => {
  const world = rotatingWorld({ seats: SEATS, seed: 15 });
  world.prepare();
  const [before] = world.committees;
  before!.cutOff(2);
  tradeHeights(world.trading, 1, LAST, [0, 1, 3]);
  world.enter();
  const [late, ...others] = [2, 0, 4, 5].map((member) => world.seatOf(2, member)!);
  expect(world.newest.members.hosts[late!]).toBeUndefined();
  tradeHeights(world.trading, LAST + 1, LAST + 1, others);
  before!.heal();
  for (let tries = 0; tries < 4; tries++) {
    before!.toAll({ type: 'resend' });
    world.drain();
  }
  expect(world.crossed[0]!.get(2)?.type).toBe('seated');
  tradeHeights(world.trading, LAST + 2, LAST + 2);
  requireCrossed(world);
});

test('who joins refuses a border that no quorum certified, and takes that of the next member', () => {
  const shows = (by: number, shown: ShownBorder): ShownBorder =>
    by < 2 ? { ...shown, settlement: shown.settlement.with(4, shown.settlement[4]! ^ 1) } : shown;
  const world = rotatingWorld({ seats: SEATS, seed: 17, shows });
  toNext(world);
  tradeHeights(world.trading, LAST + 1, LAST + 1);
  requireCrossed(world);
  const liars = new Set(world.refusals.map(({ by }) => by));
  expect([...liars].every((by) => by < 2)).toBe(true);
  expect(liars.size).toBeGreaterThan(0);
});
