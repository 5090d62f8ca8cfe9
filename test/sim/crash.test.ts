import { describe, expect, test } from 'vitest';
import { companies, crashRun, manyDeaths, oneDeath } from './crashes.ts';
import { CachedStore, LateStore } from './crippled-stores.ts';

describe('a validator that dies in a write and restarts from its store contradicts nothing, and all settle to equal roots', () => {
  test.each(companies(4).map((company) => [company]))('at n = 4, these die: %j', (company) => {
    for (let write = 3 + company.length; write < 260; write += 126) {
      const { flaws, restarts } = crashRun(oneDeath(4, write % 2 === 0 ? 'direct' : 'stem', write, company));
      expect([write, flaws, restarts >= company.length]).toEqual([write, [], true]);
    }
  });

  test('many times, alone and with others', () => {
    for (let seed = 1; seed <= 2; seed++) {
      const { flaws, restarts, secretsShown } = crashRun(manyDeaths(4, seed));
      expect([seed, flaws, secretsShown]).toEqual([seed, [], []]);
      expect(restarts).toBeGreaterThan(4);
    }
  });
});

describe('the same campaign finds equivocations', () => {
  test.each([
    ['the validator handles and sends before it logs', LateStore],
    ['sends leave before the fsync, and up to 40 last commits are lost', CachedStore],
  ])('when %s', (_what, Store) => {
    const found: string[] = [];
    let seed = 1;
    for (; found.length === 0 && seed <= 12; seed++)
      found.push(
        ...crashRun({ ...manyDeaths(4, seed), burst: 16 }, (deaths) => new Store(deaths)).equivocations,
      );
    expect(found).not.toEqual([]);
  });
});
