import { describe, expect, test } from 'vitest';
import { EquivocationMonitor } from '../../src/committee/equivocation-monitor.ts';
import { FAULTY } from '../../src/committee/faulty.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import { type CrashPlan, companies, crashRun, manyDeaths, oneDeath } from './crashes.ts';
import { CachedStore, LateStore } from './crippled-stores.ts';

describe('a validator that dies in a write and restarts from its store contradicts nothing, and all settle to equal roots', () => {
  test.each(companies(4).map((company) => [company]))('at n = 4, these die: %j', (company) => {
    for (let write = 3 + company.length; write < 260; write += 126) {
      const { flaws, restarts } = crashRun(oneDeath(4, write % 2 === 0 ? 'direct' : 'stem', write, company));
      expect([write, flaws, restarts >= company.length]).toEqual([write, [], true]);
    }
  });

  test('many times, alone and with others', () => {
    for (const plan of [manyDeaths(4, 1), manyDeaths(4, 2), oftenIn(1)]) {
      const { flaws, restarts, secretsShown } = crashRun(plan);
      expect([plan.seed, flaws, secretsShown]).toEqual([plan.seed, [], []]);
      expect(restarts).toBeGreaterThan(4);
    }
  });
});

describe('the same campaign finds equivocations', () => {
  test.each([
    ['the validator handles and sends before it logs', LateStore, oftenIn],
    [
      'sends leave before the fsync, and up to 40 last commits are lost',
      CachedStore,
      (seed: number) => manyDeaths(4, seed),
    ],
  ])('when %s', (_what, Store, planOf) => {
    const found: string[] = [];
    for (let seed = 1; found.length === 0 && seed <= 20; seed++)
      found.push(...crashRun(planOf(seed), (deaths) => new Store(deaths)).equivocations);
    expect(found).not.toEqual([]);
  });
});

test('the monitor recovers the identity secret of a validator that casts two ballots, and of nobody else', () => {
  const faulty = new Map([[2, FAULTY['equivocating ballots']!.faulty]]);
  const world = new TradingWorld({ n: 4, seed: 5, faulty });
  world.runHeight(1, moved(1));
  const { committee } = world;
  const { secretsShown } = new EquivocationMonitor(committee, [2]);
  expect(new Set(secretsShown)).toEqual(new Set([committee.secrets[2]!.identitySecret]));
  expect(new EquivocationMonitor(committee, [0, 1, 3]).secretsShown).toEqual([]);
});

/** Deaths every few commits of many inputs each. */
function oftenIn(seed: number): CrashPlan {
  return { ...manyDeaths(4, seed, 4), dieTogether: [1], burst: 20 };
}
