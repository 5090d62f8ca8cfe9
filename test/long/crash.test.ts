import { describe, expect, test } from 'vitest';
import { companies, crashRun, manyDeaths, oneDeath } from '../sim/crashes.ts';

/** The write of validator 1 that is after all others of a run in which nobody dies. */
const writesOf = (n: number, dissemination: 'direct' | 'stem'): number =>
  crashRun({ ...oneDeath(n, dissemination, 0, []), deaths: new Map() }).writes[1]!;

/** One death, of all in the company: it happens, and does no harm. */
function dies(n: number, how: 'direct' | 'stem', write: number, company: readonly number[]): void {
  const { flaws, restarts } = crashRun(oneDeath(n, how, write, company));
  expect([write, flaws, restarts >= company.length]).toEqual([write, [], true]);
}

/**
 * Without bursts every input is a write of its own: a death in each of them, of which nothing, a part or all is left, is a death
 * at every input of three heights.
 */
describe.each(['direct', 'stem'] as const)(
  '%s: a validator that dies contradicts nothing, and all settle to equal roots',
  (how) => {
    test('n = 4, alone, at every input of three heights', () => {
      const last = writesOf(4, how);
      for (let write = 1; write <= last; write++) dies(4, how, write, [1]);
    });

    test.each(
      companies(4)
        .slice(1)
        .map((company) => [company]),
    )('n = 4, at once: %j', (company) => {
      const last = writesOf(4, how);
      for (let write = 1; write <= last; write += 4) dies(4, how, write, company);
    });

    test.each(companies(7).map((company) => [company]))('n = 7, at once: %j', (company) => {
      const last = writesOf(7, how);
      for (let write = 5; write <= last; write += 59) dies(7, how, write, company);
    });
  },
);

test.each([4, 7])('n = %i: many deaths, alone and with others, over many schedules', (n) => {
  for (let seed = 1; seed <= 120 / n; seed++) {
    const { flaws, secretsShown } = crashRun(manyDeaths(n, seed));
    expect([seed, flaws, secretsShown]).toEqual([seed, [], []]);
  }
});
