import { describe, expect, test } from 'vitest';
import { companies, crashRun, manyDeaths, oneDeath } from '../sim/crashes.ts';

/** The write of validator 1 that is after all others of a run in which nobody dies. */
const writesOf = (n: number, dissemination: 'direct' | 'stem'): number =>
  crashRun({ ...oneDeath(n, dissemination, 0, []), deaths: new Map() }).writes[1]!;

/**
 * Without bursts every input is a write of its own: a death in each of them, of which nothing, a part or all is left, is a death
 * at every input of three heights.
 */
describe.each(['direct', 'stem'] as const)(
  '%s: a validator that dies contradicts nothing, and all settle to equal roots',
  (how) => {
    test('n = 4, alone, at every input of three heights', () => {
      const last = writesOf(4, how);
      for (let write = 1; write <= last; write++)
        expect([write, crashRun(oneDeath(4, how, write, [1])).flaws]).toEqual([write, []]);
    });

    test.each(
      companies(4)
        .slice(1)
        .map((company) => [company]),
    )('n = 4, at once: %j', (company) => {
      const last = writesOf(4, how);
      for (let write = 1; write <= last; write += 4)
        expect([write, crashRun(oneDeath(4, how, write, company)).flaws]).toEqual([write, []]);
    });

    test.each(companies(7).map((company) => [company]))('n = 7, at once: %j', (company) => {
      const last = writesOf(7, how);
      for (let write = 5; write <= last; write += 59)
        expect([write, crashRun(oneDeath(7, how, write, company)).flaws]).toEqual([write, []]);
    });
  },
);

test.each([4, 7])('n = %i: many deaths, alone and with others, over many schedules', (n) => {
  for (let seed = 1; seed <= 120 / n; seed++) {
    const { flaws, secretsShown } = crashRun(manyDeaths(n, seed));
    expect([seed, flaws, secretsShown]).toEqual([seed, [], []]);
  }
});
