import { expect, test } from 'vitest';
import { brokenShare, hypergeometricTail } from '../../../src/experiments/committee-draws.ts';

test('the formula is what counting all committees of a small registry gives', () => {
  // Committees of 4, so f = 1, among 6 of which 3 are faulty.
  const committees = Array.from({ length: 2 ** 6 }, (_, bits) =>
    Array.from({ length: 6 }, (_, i) => i).filter((i) => (bits >> i) % 2 === 1),
  ).filter((seats) => seats.length === 4);
  const broken = committees.filter((seats) => seats.filter((index) => index < 3).length > 1);
  expect(hypergeometricTail(6, 3, 4)).toBeCloseTo(broken.length / committees.length, 12);
  expect(hypergeometricTail(40, 1, 4)).toBe(0);
});

test('a choice of beacons breaks more committees', () => {
  const at = { n: 4, registry: 12, faulty: 3 };
  expect(brokenShare({ ...at, choices: 2 }, 901)).toBeGreaterThan(brokenShare({ ...at, choices: 1 }, 901));
});
