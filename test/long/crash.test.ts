import { describe, expect, test } from 'vitest';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { companies, crashRun, deathsDue, diesAt, inputsOf, manyDeaths } from '../sim/crashes.ts';

const STRATEGIES = ['direct', 'stem'] as const;

describe.each(STRATEGIES)(
  '%s: validators that die at once contradict nothing, and all settle to equal roots',
  (how) => {
    test.each(companies(4).slice(1))(
      'n = 4, %i at once: at every fifth input of three heights',
      (company) => {
        const last = inputsOf(4, how);
        const pairs = new Set<string>();
        for (let write = 1; write <= last; write += 5) pairs.add(diesAt(4, how, write, company));
        expect(pairs.size, 'every validator dies of every fate').toBe(12);
      },
    );

    test.each(companies(7))('n = 7, %i at once: at every 34th input of three heights', (company) => {
      const last = inputsOf(7, how);
      const pairs = new Set<string>();
      for (let write = 1; write <= last; write += 34) pairs.add(diesAt(7, how, write, company));
      expect(pairs.size, 'every validator dies of every fate').toBe(21);
    });
  },
);

describe('many deaths, of each validator in turn, alone and with others, contradict nothing', () => {
  test.each(sizesOf([4, 7]))('n = %i: over many seeds', (n) => {
    for (const seed of seedsOf(Math.floor(120 / n))) {
      const plan = manyDeaths(n, seed);
      const result = crashRun(plan);
      expect([seed, result.flaws, result.secretsShown]).toEqual([seed, [], []]);
      const due = deathsDue(plan, result);
      expect([seed, due >= 3, result.restarts >= due]).toEqual([seed, true, true]);
    }
  });
});
