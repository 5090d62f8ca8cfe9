import { describe, expect, test } from 'vitest';
import { type CensorshipFound, type CensorshipPoint, run } from '../../../src/experiments/censorship-runs.ts';

const BASE: CensorshipPoint = {
  part: 'in time',
  protocol: 'acs',
  n: 4,
  censors: 1,
  holders: 2,
  lists: 'none',
  requestDelays: null,
  censor: 'leaves out',
  hold: 'none',
  trader: 'none',
};
const found = (more: Partial<CensorshipPoint>): CensorshipFound =>
  run({ ...BASE, ...more } as CensorshipPoint, 900)[0]!;

describe('a stable leader of PBFT that leaves batches out', () => {
  const stable = { protocol: 'pbft, stable leader' } as const;

  test('is voted out once a batch has waited for its time-out, and not before', () => {
    const { neverIn, leaderChanges, longestWaitS } = found({ ...stable, requestDelays: 20 });
    expect(neverIn).toBe(0);
    expect(leaderChanges).toBe(1);
    expect(longestWaitS).toBeGreaterThan(1);
    expect(longestWaitS).toBeLessThan(3);
  });

  test('leads on if it is only slow', () => {
    const { leaderChanges, meanWaitS } = found({ ...stable, requestDelays: 20, censor: 'is slow' });
    expect(leaderChanges).toBe(0);
    expect(meanWaitS).toBeGreaterThan(0.5);
    expect(meanWaitS).toBeLessThan(1.2);
  });
});

test('what f validators announce can be held for as long as the bound, and for no longer', () => {
  const lists = 'held by 2f + 1';
  const { neverIn, longestWaitS } = found({ lists, hold: '2 s' });
  expect(neverIn).toBe(0);
  expect(longestWaitS).toBeGreaterThan(2);
  expect(longestWaitS).toBeLessThan(5);
  expect(found({ lists, hold: 'unbounded' }).neverIn).toBe(1);
  expect(found({ lists: 'held', hold: 'unbounded' }).neverIn).toBe(0);
});

test('renewed variants halt all heights if ballots list what f + 1 hold, and pay no fee', () => {
  const variants = { part: 'variants', holders: 3, trader: 'renewed variants' } as const;
  const weak = found({ ...variants, lists: 'held by f + 1' });
  expect(weak).toMatchObject({ emptyHeights: 1, neverIn: 1, traderAccepted: 0 });
});
