import { expect, test } from 'vitest';
import { itemCost } from '../../../src/cli/bench/item-cost.ts';

test.each([4, 10])('at n = %i an item sent to all is listable after one delay and moves in no pull', (n) => {
  expect(itemCost(n, n)).toMatchObject({ delays: 1, pulledByNeeded: undefined });
});

test.each([4, 10])(
  'at n = %i an item sent to one is pulled by each of the others once, or little more',
  (n) => {
    const { delays, pulledByNeeded, bytes } = itemCost(n, 1);
    expect(pulledByNeeded).toBeGreaterThan(1);
    expect(pulledByNeeded).toBeLessThan(1.3);
    expect(delays).toBe(4);
    expect(bytes).toBeLessThan(1_000 + 130 * n);
  },
);
