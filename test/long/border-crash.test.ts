import { describe, expect, test } from 'vitest';
import { diesAtBorder, plannedDeaths, TOGETHER } from '../sim/border-crashes.ts';

describe('a member that dies in a write of a rotation crosses the border when it is back, and contradicts nothing', () => {
  const planned = plannedDeaths();

  test.each(planned)(
    'in each write to its safe, alone or with others: one that $role',
    ({ member, first, writes }) => {
      expect(writes).toBeGreaterThan(first + 2);
      for (const together of TOGETHER)
        for (let write = first; write <= writes; write++)
          diesAtBorder(member, 'safe', write, write, together);
    },
  );

  test.each(planned)(
    'in the last writes to its store of the epoch that ends, and the first of the next: one that $role',
    ({ member, stores }) => {
      const ends = stores.get(1)?.writes ?? 0;
      for (let write = Math.max(1, ends - 12); write <= ends; write++) diesAtBorder(member, 1, write, 0, []);
      const begins = stores.get(2)?.writes ?? 0;
      for (let write = 1; write <= Math.min(12, begins); write++) diesAtBorder(member, 2, write, 1, []);
    },
  );
});
