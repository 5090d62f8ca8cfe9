import { describe, expect, test } from 'vitest';
import { type AbaRules, FIRST_HAND, MMR } from '../../src/consensus/aba/rules.ts';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { beginnings, explore, exploreBinding } from '../sim/aba-explore.ts';
import { AbaModel } from '../sim/aba-model.ts';
import { Refinement } from '../sim/aba-refinement.ts';
import { foundAmong } from '../sim/aba-world.ts';
import { storm } from '../sim/first-hand-storm.ts';

const WITHOUT_REPROPOSAL: AbaRules = { ...FIRST_HAND, reproposes: false };
const WITHOUT_AUX_AT_ONCE: AbaRules = { ...FIRST_HAND, auxAtOnce: false };
const LIMIT = 3_000_000;
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/**
 * The exhaustive check of src/consensus/README.md, "What is checked": all schedules, all behaviours of f liars, of the first rounds; and the
 * random one, of whole subsets. Their small sample is test/sim/aba-model.test.ts.
 */
describe('every schedule', () => {
  test.each([
    ['bkr', MMR],
    ['first-hand', FIRST_HAND],
    ['first-hand without re-proposals', WITHOUT_REPROPOSAL],
    ['first-hand without AUX at once', WITHOUT_AUX_AT_ONCE],
  ])('of round 0 of %s ends in the same states with and without the reduction', (_name, rules) => {
    const model = new AbaModel({ n: 4, rounds: 1, rules });
    const whole = explore(model, 'none', LIMIT);
    const reduced = explore(model, 'due', LIMIT);
    expect(reduced.ends).toBe(whole.ends);
    expect([...reduced.counterExamples.keys()]).toEqual([...whole.counterExamples.keys()]);
    expect(reduced.states).toBeLessThan(whole.states);
  });

  test.each([
    ['bkr', MMR, 168_150],
    ['first-hand', FIRST_HAND, 967_369],
  ])('of rounds 0 and 1 of %s among four, with TERM: none gets stuck, all agree', (_name, rules, states) => {
    const found = explore(new AbaModel({ n: 4, rounds: 2, rules }), 'due', LIMIT);
    expect(found.counterExamples).toEqual(new Map());
    expect(found.states).toBe(states);
  });

  test('of rounds 2 and 3 among four, with real coins: none gets stuck, all agree, nobody is driven or ahead', () => {
    const model = new AbaModel({ n: 4, rounds: 4, rules: MMR });
    const found = explore(model, 'due', LIMIT, beginnings(model, 2));
    expect(found).toEqual({ states: 268_212, ends: 9_544, counterExamples: new Map() });
  });

  test.each([
    ['never', 'stuck'],
    ['always', 'driven'],
  ] as const)(
    'of rounds 2 and 3 among four, where one that decided enters later rounds %s: one is %s',
    (decidedEnters, what) => {
      const model = new AbaModel({ n: 4, rounds: 4, rules: { ...MMR, decidedEnters } });
      expect([...explore(model, 'due', LIMIT, beginnings(model, 2)).counterExamples.keys()]).toEqual([what]);
    },
  );

  test('of round 2 among four ends in the same states with and without the reduction', () => {
    const model = new AbaModel({ n: 4, rounds: 3, rules: MMR });
    const [whole, reduced] = (['none', 'due'] as const).map((eager) =>
      explore(model, eager, LIMIT, beginnings(model, 2)),
    );
    expect(reduced!.ends).toBe(whole!.ends);
    expect(reduced!.states).toBeLessThan(whole!.states);
  });

  test('of round 0 of bkr among seven, two of them liars: none gets stuck', () => {
    const found = explore(new AbaModel({ n: 7, rounds: 1, rules: MMR }), 'due', LIMIT);
    expect(found).toEqual({ states: 425_380, ends: 2_422, counterExamples: new Map() });
  });

  test.each([4, 7])('of a round with CONF among %i: the coin comes too late for the adversary', (n) => {
    expect(exploreBinding(new AbaModel({ n, rounds: 3, rules: MMR })).open).toBeUndefined();
    const model = new AbaModel({ n, rounds: 3, rules: { ...MMR, conf: false } });
    expect(exploreBinding(model).open).toBeDefined();
  });
});

test.each([
  ['bkr', MMR],
  ['first-hand', FIRST_HAND],
  ['first-hand without re-proposals', WITHOUT_REPROPOSAL],
  ['first-hand without AUX at once', WITHOUT_AUX_AT_ONCE],
  ['bkr without CONF', { ...MMR, conf: false }],
])('what the machine of %s does, the model can do, over many seeds', (_name, rules) => {
  if (sizesOf([4]).length > 0) for (const seed of seedsOf(5000)) new Refinement(4, 5, rules, seed).run();
  if (sizesOf([7]).length > 0) for (const seed of seedsOf(500)) new Refinement(7, 4, rules, seed).run();
});

describe('first-hand subsets under hostile schedulers and f liars', () => {
  const results = (n: number, seeds: readonly number[], rules: AbaRules): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const seed of seeds) {
      const result = storm(n, seed, rules);
      counts.set(result, (counts.get(result) ?? 0) + 1);
    }
    return counts;
  };
  const RUNS = [
    [4, 20_000],
    [7, 5_000],
    [10, 2_000],
  ] as const;

  test.each(RUNS.filter(([n]) => sizesOf([n]).length > 0))(
    'at n = %i all runs agree over many seeds, by default %i',
    (n, usual) => {
      const seeds = seedsOf(usual);
      expect(results(n, seeds, FIRST_HAND)).toEqual(new Map([['agreed', seeds.length]]));
    },
  );

  test.each(RUNS)('at n = %i some of %i get stuck without re-proposals', (n, seeds) => {
    expect(results(n, upTo(seeds), WITHOUT_REPROPOSAL).get('stuck')).toBeGreaterThan(0);
  });

  test.each(RUNS)('at n = %i some of %i refuse what is sure without AUX at once', (n, seeds) => {
    expect(results(n, upTo(seeds), WITHOUT_AUX_AT_ONCE).get('sure and refused')).toBeGreaterThan(0);
  });
});

test('of 20,000 schedules some get stuck or slander without a rule', () => {
  expect(foundAmong(20_000, { ...MMR, oldRounds: false }).stuck).toBeGreaterThan(0);
  expect(foundAmong(20_000, { ...MMR, staysUntilTerms: false }).stuck).toBeGreaterThan(0);
  expect(foundAmong(20_000, { ...MMR, decidedEnters: 'never' }).stuck).toBeGreaterThan(0);
  expect(foundAmong(20_000, { ...MMR, termsAhead: true }).slandered).toBeGreaterThan(0);
});

test.each(sizesOf([4, 7, 10]))(
  'with all rules no agreement of bkr among %i gets stuck or slanders over many seeds',
  (n) => {
    const seeds = seedsOf(20_000);
    expect(foundAmong(seeds.length, MMR, n, seeds[0])).toEqual({ stuck: 0, slandered: 0 });
  },
);
