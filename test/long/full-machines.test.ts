import { expect, test } from 'vitest';
import { FILLINGS, fill } from '../sim/full-machines.ts';

test.each([
  ['agreement', 31, 60],
  ['votes that wait', 31, 60],
  ['consistent broadcast', 31, 30],
  ['digest broadcast', 31, 30],
  ['AVID broadcast', 31, 30],
  ['coins', 31, 1],
  ['agreement', 100, 20],
  ['votes that wait', 100, 20],
  ['consistent broadcast', 100, 10],
  ['digest broadcast', 100, 10],
  ['AVID broadcast', 100, 10],
] as const)(
  '%s: f of %i that flood it make it hold at most twice the stated bound, and more of it adds nothing',
  (name, n, machines) => {
    const { once, thrice } = fill(FILLINGS[name](n), machines);
    expect(once).toBeGreaterThan(0.1);
    expect(once).toBeLessThan(2);
    expect(thrice).toBeLessThan(1.1 * once + 0.05);
  },
);
