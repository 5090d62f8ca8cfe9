import { expect, test } from 'vitest';
import { scriptedFeed, withWrongClock } from '../../../src/node/oracle-feed.ts';

const steps = [
  { fromS: 100n, ageS: 2n, prices: [1n] },
  { fromS: 200n, ageS: 0n, prices: [2n] },
];

test('prices hold from their time on, and before the first one too', () => {
  const feed = scriptedFeed(steps);
  expect(feed.report(50n)).toEqual({ prices: [1n], observedS: 48n, clockS: 50n });
  expect(feed.report(199n)).toEqual({ prices: [1n], observedS: 197n, clockS: 199n });
  expect(feed.report(200n)).toEqual({ prices: [2n], observedS: 200n, clockS: 200n });
});

test('a validator with a wrong clock reports what it takes the time to be, and the prices of then', () => {
  expect(withWrongClock(scriptedFeed(steps), 60).report(150n)).toEqual({
    prices: [2n],
    observedS: 210n,
    clockS: 210n,
  });
  expect(withWrongClock(scriptedFeed(steps), -60).report(210n).clockS).toBe(150n);
});
