import { describe, expect, test } from 'vitest';
import { FAULTY } from '../../src/committee/faulty.ts';
import { Prng } from '../../src/sim/prng.ts';
import { changingLinks, cutOff, slowLinks } from '../sim/lagging.ts';

/** Heights for which one correct validator hears nothing and is not heard. */
const SLOW_HEIGHTS = 50;
const CUT_OFF_HEIGHTS = 1000;

describe.each(['direct', 'stem'] as const)(
  'a correct validator whose links are slow while f lie (%s)',
  (dissemination) => {
    test.each([
      [4, 6],
      [7, 2],
    ])('at n = %i comes back after fifty heights, the f fall silent, and the chain goes on', (n, seeds) => {
      for (let seed = 1; seed <= seeds; seed++) slowLinks(n, SLOW_HEIGHTS, seed, dissemination);
    });
  },
);

const KINDS = Object.values(FAULTY);

test.each([
  [4, 12, 0],
  [7, 4, 0],
  [7, KINDS.length, 1],
])(
  'n = %i: in %i schedules others are away every few heights and validators die, %i are Byzantine',
  (n, seeds, liars) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const liar = new Prng(seed).below(n);
      const faulty = new Map(liars === 0 ? [] : [[liar, KINDS[seed % KINDS.length]!.faulty]]);
      changingLinks(n, 10, seed, seed % 2 === 0 ? 'direct' : 'stem', faulty);
    }
  },
);

test('a validator that was cut off for a thousand heights takes them from blocks, and keeps nothing of them', () => {
  const { sizes, blocks } = cutOff(CUT_OFF_HEIGHTS, 1, 200);
  expect(blocks).toBe(CUT_OFF_HEIGHTS);
  expect(sizes).toHaveLength(5);
  // The roots of the last 128 heights are all that grows.
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(6_000);
});
