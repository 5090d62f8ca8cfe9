import { describe, expect, test } from 'vitest';
import { Prng } from '../../../src/sim/prng.ts';
import { openSchedule, type ScheduleOptions } from '../../../src/sim/schedule.ts';

/** The order in which messages are delivered that were all sent before the first delivery: `from>to`. */
function order(options: ScheduleOptions, sends: readonly [number, number][], seed = 1): string[] {
  const schedule = openSchedule(4, options, new Prng(seed));
  return sends
    .map(([from, to], i) => ({ name: `${from}>${to}`, key: schedule.key(from, to, 10, 0), i }))
    .sort((a, b) => a.key - b.key || a.i - b.i)
    .map(({ name }) => name);
}
const sends: [number, number][] = [
  [0, 3],
  [1, 2],
  [2, 0],
  [3, 1],
  [1, 0],
  [0, 2],
];
const names = sends.map(([from, to]) => `${from}>${to}`);

describe('a schedule', () => {
  test('fifo keeps the order of sending, lifo turns it round', () => {
    expect(order({ kind: 'fifo' }, sends)).toEqual(names);
    expect(order({ kind: 'lifo' }, sends)).toEqual([...names].reverse());
  });

  test('lowest-first gives the lowest validator all it has, in the order of sending', () => {
    expect(order({ kind: 'lowest-first' }, sends)).toEqual(['2>0', '1>0', '3>1', '1>2', '0>2', '0>3']);
  });

  test('targeted keeps what one validator says and hears until there is nothing else', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const late = order({ kind: 'targeted', target: 2 }, sends, seed).slice(3);
      expect(late.sort()).toEqual(['0>2', '1>2', '2>0']);
    }
  });

  test('random gives every order its turn, and equal seeds the same', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 200; seed++)
      seen.add(order({ kind: 'random' }, sends.slice(0, 3), seed).join());
    expect(seen.size).toBe(6);
    expect(order({ kind: 'random' }, sends, 9)).toEqual(order({ kind: 'random' }, sends, 9));
  });

  test('only links know time', () => {
    const delay = { kind: 'const', ms: 100 } as const;
    expect(openSchedule(4, { kind: 'links', delay }, new Prng(1)).timed).toBe(true);
    for (const kind of ['random', 'fifo', 'lifo', 'lowest-first'] as const)
      expect(openSchedule(4, { kind }, new Prng(1)).timed).toBe(false);
  });
});
