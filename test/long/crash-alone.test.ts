import { expect, test } from 'vitest';
import { diesAt, inputsOf } from '../sim/crashes.ts';

test.each(['direct', 'stem'] as const)(
  '%s, n = 4: one that dies at any input of three heights, of which nothing, a part or all is left, contradicts nothing; validators take turns',
  (how) => {
    const last = inputsOf(4, how);
    const pairs = new Set<string>();
    for (let write = 1; write <= last; write++)
      for (const turn of [0, 1, 2]) pairs.add(diesAt(4, how, write, 1, turn));
    expect(pairs.size, 'every validator dies of every fate').toBe(12);
  },
);
