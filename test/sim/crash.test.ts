import { describe, expect, test } from 'vitest';
import { EquivocationMonitor } from '../../src/committee/equivocation-monitor.ts';
import { FAULTY } from '../../src/committee/faulty.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import { MemoryStore } from '../../src/host/memory-store.ts';
import { kernels } from '../helpers/kernels.ts';
import { type Swap, withMutant } from '../helpers/mutant.ts';
import {
  type CrashPlan,
  companies,
  crashRun,
  type Deaths,
  deathsDue,
  diesAt,
  manyDeaths,
} from './crashes.ts';
import { CachedStore, LateStore } from './crippled-stores.ts';
import { HastyStore } from './delayed-store.ts';

describe('a validator that dies in a write and restarts from its store contradicts nothing, and all settle to equal roots', () => {
  /** Samples of test/long/crash.test.ts and crash-alone.test.ts, which go through the writes of all heights. */
  const WRITES: ReadonlyMap<number, number> = new Map([
    [1, 165],
    [2, 196],
    [4, 7],
  ]);
  test.each(companies(4))('at n = 4, %i at once, in a write', (company) => {
    const write = WRITES.get(company)!;
    diesAt(4, write % 2 === 0 ? 'direct' : 'stem', write, company);
  });

  test('many times, alone and with others', () => {
    for (const plan of [{ ...oftenIn(1), isDelayed: true }]) {
      const result = crashRun(plan);
      expect([plan.seed, result.flaws, result.secretsShown]).toEqual([plan.seed, [], []]);
      expect(result.restarts).toBeGreaterThan(4);
      expect(result.restarts).toBeGreaterThanOrEqual(deathsDue(plan, result));
    }
  });
});

describe('the same campaign finds equivocations', () => {
  test.each([
    [
      'what inputs lead to leaves before they are logged',
      3,
      (deaths: Deaths) => new LateStore(deaths),
      oftenIn,
    ],
    [
      'sends leave before the fsync, and up to 40 last commits are lost',
      3,
      (deaths: Deaths) => new CachedStore(deaths),
      (seed: number) => manyDeaths(4, seed),
    ],
    [
      'sends leave before a disk that takes its time has what led to them',
      4,
      (deaths: Deaths) => new HastyStore(new MemoryStore(deaths)),
      (seed: number) => ({ ...manyDeaths(4, seed, 10), dieTogether: [], burst: 4, isDelayed: false }),
    ],
  ])('when %s', (_what, first, storeOf, planOf) => {
    const found: string[] = [];
    // Seeds before the first one find nothing.
    for (let seed = first; found.length === 0 && seed <= 20; seed++)
      found.push(...crashRun(planOf(seed), storeOf).equivocations);
    expect(found).not.toEqual([]);
  });
});

/** A host that handles its inputs, and logs them when it commits the next ones. */
const LOGS_AFTER_HANDLING: readonly Swap[] = [
  [
    'const records = [...group.records, encodeRecord(',
    'const handled = this.handled ?? []; this.handled = group.records; const records = [...handled, encodeRecord(',
  ],
  ['this.#logBytes = 0;\n  }', 'this.#logBytes = 0; this.handled = [];\n  }'],
];
/** A replay that goes on whatever it sends. */
const GOES_ON: readonly Swap[] = [
  ['requireSame(this.#last, record.hash, this.height);', ''],
  ['return requireNext(record, this.#owner, this.#last);', 'return;'],
];

describe('a host that handles its inputs before it logs them', () => {
  const load = (swaps: readonly Swap[]): Promise<typeof import('./crashes.ts')> =>
    withMutant('src/host/host.ts', swaps, () => import('./crashes.ts'));

  test('does not come back from a death: its replay sends something else than it sent', async () => {
    const mutant = await load(LOGS_AFTER_HANDLING);
    const { flaws } = mutant.crashRun(oftenIn(1));
    expect(flaws.join()).toMatch(/sends something else than was sent|a part of the log is missing/);
  });

  test('equivocates if its replay goes on all the same', async () => {
    const mutant = await load([...LOGS_AFTER_HANDLING, ...GOES_ON]);
    const found: string[] = [];
    for (let seed = 1; found.length === 0 && seed <= 20; seed++)
      found.push(...mutant.crashRun(oftenIn(seed)).equivocations);
    expect(found).not.toEqual([]);
  });
});

test('the monitor recovers the identity secret of a validator that casts two ballots, and of nobody else', () => {
  const faulty = new Map([[2, FAULTY['equivocating ballots']!.faulty]]);
  const world = new TradingWorld({ kernels, n: 4, seed: 5, faulty });
  world.runHeight(1, moved(1));
  const { committee } = world;
  const { secretsShown } = new EquivocationMonitor(committee, [2]);
  expect(new Set(secretsShown)).toEqual(new Set([committee.secrets[2]!.identitySecret]));
  expect(new EquivocationMonitor(committee, [0, 1, 3]).secretsShown).toEqual([]);
});

/** Deaths every few commits of many inputs each. */
function oftenIn(seed: number): CrashPlan {
  return { ...manyDeaths(4, seed, 4), dieTogether: [], burst: 20 };
}
