import { expect, test } from 'vitest';
import { FILLINGS, fill } from './full-machines.ts';

// Larger committees are in the long suite.
test.each([
  ['agreement', 60],
  ['votes that wait', 60],
  ['consistent broadcast', 40],
  ['digest broadcast', 40],
  ['AVID broadcast', 40],
  ['coins', 4],
] as const)(
  '%s: f of ten that flood it make it hold at most twice the stated bound, and more of it adds nothing',
  (name, machines) => {
    const { once, thrice } = fill(FILLINGS[name](10), machines);
    expect(once).toBeGreaterThan(0.1);
    expect(once).toBeLessThan(2);
    expect(thrice).toBeLessThan(1.1 * once + 0.05);
  },
);
