import { expect, test } from 'vitest';
import { crash, twisted } from '../../src/sim/adversaries/adversaries.ts';
import { ACS_TWISTS } from '../../src/sim/adversaries/twists.ts';
import { soak } from '../sim/soak.ts';

test.each([
  ['a dead validator', crash()],
  ['a validator that votes at random', twisted('random', ACS_TWISTS.random)],
])('1,000 heights of 4 validators beside %s take as much memory as 500', (_what, adversary) => {
  const { violations, early, late } = soak(4, 1000, adversary);
  expect(violations).toEqual([]);
  expect(early).toBeGreaterThan(1);
  expect(late - early).toBeLessThan(1);
});
