import { expect, test } from 'vitest';
import { badBlocks, changingLinks, cutOff } from './lagging.ts';

test('a validator that was cut off for 30 heights takes them from blocks, one after the other, and keeps nothing of them', () => {
  const { sizes, blocks } = cutOff(30, 1, 10);
  expect(blocks).toBe(30);
  expect(sizes).toHaveLength(3);
  // The roots of the last 128 heights are all that grows.
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(6_000);
});

test('a committee of which others are away every few heights, and in which validators die, goes on', () => {
  changingLinks(4, 8, 1, 'stem');
});

test('a validator that is answered with bad blocks blames who sent them and takes those of another', () => {
  const faults = badBlocks(12, 1);
  expect(faults.length).toBeGreaterThan(0);
  expect(new Set(faults)).toEqual(new Set(['BLOCK_INVALID']));
});
