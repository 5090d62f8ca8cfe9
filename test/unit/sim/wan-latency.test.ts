import { expect, test } from 'vitest';
import { oneWayMs, REGIONS, SPREADS } from '../../../src/sim/wan-latency.ts';

test('published latencies: a diagonal within a region, and both directions within a tenth of each other', () => {
  const matrix = oneWayMs('world');
  expect(matrix).toHaveLength(REGIONS.length);
  for (const [i, row] of matrix.entries()) {
    for (const [j, ms] of row.entries()) {
      if (i === j) expect(ms).toBe(1);
      else expect(Math.abs(ms / matrix[j]![i]! - 1)).toBeLessThan(0.1);
    }
  }
  expect(new Set(SPREADS.world).size).toBe(REGIONS.length);
});
