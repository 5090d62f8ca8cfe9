import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeldAba } from '../../../../src/consensus/aba/held.ts';
import { VOTE_KINDS } from '../../../../src/consensus/aba/votes.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { ABA_ROUND_WINDOW } from '../../../../src/params/sizes.ts';

describe('votes before the own input', () => {
  const votes = fc.array(
    fc.record({
      from: fc.nat(3),
      kind: fc.constantFrom(...VOTE_KINDS),
      round: fc.nat(ABA_ROUND_WINDOW),
      values: fc.constantFrom(1 as const, 2 as const, 3 as const),
    }),
    { maxLength: 30 },
  );

  test('wait, and come out each once', () => {
    fc.assert(
      fc.property(votes, (said) => {
        const held = new HeldAba(4);
        for (const { from, ...vote } of said) expect(held.handle(at(from), vote)).toBeUndefined();
        const text = (from: number, { kind, round, values }: (typeof said)[number]): string =>
          `${from} ${kind} ${round} ${values}`;
        const out = held.take().map(({ from, vote }) => text(from, { from, ...vote }));
        expect(out.sort()).toEqual([...new Set(said.map((vote) => text(vote.from, vote)))].sort());
        expect(held.take()).toEqual([]);
      }),
    );
  });

  test('are dropped beyond the window of rounds, and heard at once after the input', () => {
    const held = new HeldAba(4);
    const vote = { kind: 'bval', round: ABA_ROUND_WINDOW + 1, values: 1 } as const;
    expect(held.handle(at(1), vote)).toBeUndefined();
    expect(held.take()).toEqual([]);
    expect(held.propose(1).sends).toMatchObject([{ message: { kind: 'first' } }]);
    expect(held.handle(at(1), vote)?.faults).toMatchObject([{ by: 1, fault: 'ABA_ROUND_BEYOND_WINDOW' }]);
    for (const from of [0, 1]) held.handle(at(from), { kind: 'first', round: 0, values: 2 });
    expect(held.decided).toBeUndefined();
    held.handle(at(2), { kind: 'first', round: 0, values: 2 });
    expect(held.decided).toBe(1);
  });
});
