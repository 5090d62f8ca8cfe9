import { expect, test } from 'vitest';
import { nextHeight, toNext } from './border-world.ts';
import { misdealt, requireKeys, withstandsMisdealing } from './misdealings.ts';

/** test/long/rotation.test.ts has every attack, at 4, 7 and 10. */
test.each(['bad-dealing', 'two-dealings'])('a committee of four hands its keys on beside %s', (name) =>
  withstandsMisdealing(name, 4, 2),
);

test.each([1, 3])('%i members hand their keys on to themselves', (n) => {
  const world = misdealt(n, 1, undefined);
  toNext(world);
  nextHeight(world, true);
  requireKeys(world);
  expect(world.epoch).toBe(2);
});
