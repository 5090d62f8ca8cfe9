import { expect, test } from 'vitest';
import { planCrashes } from '../../../src/cli/epoch/crash-plan.ts';

const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);

test('as many validators are dropped as were asked for, at moments in their order', () => {
  for (const seed of SEEDS)
    for (const total of [0, 1, 9, 40]) {
      const plan = planCrashes(total, 3, 7, seed);
      expect(plan).toHaveLength(3);
      expect(plan.flat().reduce((sum, { size }) => sum + size, 0)).toBe(total);
      for (const crashes of plan) {
        const ticks = crashes.map(({ tick }) => tick);
        expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
      }
    }
});

test('one, f + 1 or all of them are dropped at once, about half of the time inside a write', () => {
  const all = SEEDS.flatMap((seed) => planCrashes(100, 3, 7, seed).flat());
  const count = (size: number): number => all.filter((crash) => crash.size === size).length / all.length;
  for (const size of [3, 7]) expect(count(size)).toBeGreaterThan(0.15);
  expect(count(1)).toBeGreaterThan(0.4);
  const torn = all.flatMap(({ torn }) => torn ?? []);
  expect(torn.length / all.length).toBeGreaterThan(0.4);
  expect(torn.length / all.length).toBeLessThan(0.6);
  expect(torn.every((part) => part >= 0 && part < 1)).toBe(true);
});

test('the same seed gives the same moments', () => {
  expect(planCrashes(9, 2, 4, 5)).toEqual(planCrashes(9, 2, 4, 5));
  expect(planCrashes(9, 2, 4, 5)).not.toEqual(planCrashes(9, 2, 4, 6));
});
