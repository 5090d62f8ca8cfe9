import { describe, expect, test } from 'vitest';
import { diesAtBorder, MEMBERS, TOGETHER, writesOf } from '../sim/border-crashes.ts';

describe('a member that dies in a write round the border crosses it when it is back, and contradicts nothing', () => {
  test.each(TOGETHER)('in each write to its safe, with %j', (...together) => {
    for (const [turn, member] of MEMBERS.entries()) {
      const writes = writesOf(member).safe;
      expect(writes.length).toBeGreaterThan(1);
      for (const write of writes) diesAtBorder(member, 'safe', write, turn, together);
    }
  });

  test.each(MEMBERS)(
    'in the last writes to its store of the epoch that ends, and the first of the next: member %i',
    (member) => {
      const { stores } = writesOf(member);
      const [first, second] = stores.length === 2 ? stores : member === 1 ? [stores[0]!, 0] : [0, stores[0]!];
      for (let write = Math.max(1, first! - 12); write <= first!; write++)
        diesAtBorder(member, 1, write, 0, []);
      for (let write = 1; write <= Math.min(12, second!); write++) diesAtBorder(member, 2, write, 1, []);
    },
  );
});
