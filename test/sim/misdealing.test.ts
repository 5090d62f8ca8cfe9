import { expect, test } from 'vitest';
import { nextHeight, toNext } from './border-world.ts';
import { misdealt, requireKeys, withstandsMisdealing } from './misdealings.ts';
import { runRotation } from './rotation-campaign.ts';

/** test/long/rotation.test.ts has every attack, at 4, 7 and 10. */
test('a committee of four hands its keys on beside two dealings of one member', () =>
  withstandsMisdealing('two-dealings', 4, 2));

test('one member hands its keys on to itself', () => {
  const world = misdealt(1, 1, undefined);
  toNext(world);
  nextHeight(world, true);
  requireKeys(world);
  expect(world.epoch).toBe(2);
});

/** A sample; `npm run campaign -- --suite rotation` goes through as many seeds as one likes. */
test('registry, attacks, a death and delays at random', () => runRotation(4, 4));
