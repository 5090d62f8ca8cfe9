import { expect, test } from 'vitest';
import { type JudgedBatch, longestGapMs, lostBatches } from '../../../src/cli/devnet/chaos/observed.ts';

const at = (height: number, atMs: number) => ({ height, atMs });
const up = (atMs: number, correctUp: number) => ({ atMs, correctUp });

test('a gap counts from when enough nodes are up to the next height, between heights, and to when they are no longer', () => {
  const heights = [at(1, 10), at(2, 40), at(3, 45), at(4, 95)];
  expect(longestGapMs([up(0, 6)], heights, 5, 100)).toBe(50);
  // Between 44 and 90 too few are up: what matters is 95 after 90, and 44 after 40.
  expect(longestGapMs([up(0, 6), up(44, 4), up(90, 5)], heights, 5, 100)).toBe(30);
  expect(longestGapMs([up(0, 4)], heights, 5, 100)).toBe(0);
  expect(longestGapMs([up(0, 6), up(20, 5), up(30, 6)], [], 5, 100)).toBe(100);
});

const batch = (more: Partial<JudgedBatch>): JudgedBatch => ({
  id: 'one',
  lastHeight: 10,
  heldSince: undefined,
  saidAt: new Set(),
  orderedAt: undefined,
  ...more,
});
const isLost = (more: Partial<JudgedBatch>, end = 12): boolean => lostBatches([batch(more)], end).length > 0;

test('a batch is lost that a node called ordered where the chain did not order it', () => {
  expect(isLost({ saidAt: new Set([7]), orderedAt: 7 })).toBe(false);
  expect(isLost({ saidAt: new Set([7]) })).toBe(true);
  expect(isLost({ saidAt: new Set([7]), orderedAt: 8 })).toBe(true);
  expect(isLost({ saidAt: new Set([7, 8]), orderedAt: 8 })).toBe(true);
});

test('a batch is lost that enough nodes held in time and no height of its window ordered', () => {
  expect(isLost({ heldSince: 5 })).toBe(true);
  expect(isLost({ heldSince: 5, orderedAt: 6 })).toBe(false);
  expect(isLost({ heldSince: 7 })).toBe(false);
  expect(isLost({})).toBe(false);
  expect(isLost({ heldSince: 5 }, 9)).toBe(false);
});
