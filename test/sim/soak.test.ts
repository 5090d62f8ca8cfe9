import { expect, test } from 'vitest';
import { crash } from '../../src/sim/adversaries/adversaries.ts';
import { soak } from './soak.ts';

test('200 heights take as much memory as 100, with a dead validator for whom nothing piles up', () => {
  const { violations, early, late } = soak(4, 200, crash());
  expect(violations).toEqual([]);
  expect(early).toBeGreaterThan(1);
  expect(late - early).toBeLessThan(2);
});
