import { describe, expect, test } from 'vitest';
import { type AbaRules, FIRST_HAND, MMR } from '../../src/consensus/aba/rules.ts';
import { beginnings, explore, exploreBinding } from './aba-explore.ts';
import { AbaModel } from './aba-model.ts';
import { Refinement } from './aba-refinement.ts';
import { storm } from './first-hand-storm.ts';

/** What is missing, by name: every one of these forms must be found out. */
const WITHOUT_REPROPOSAL: AbaRules = { ...FIRST_HAND, reproposes: false };
const WITHOUT_AUX_AT_ONCE: AbaRules = { ...FIRST_HAND, auxAtOnce: false };
const LIMIT = 1_000_000;
const broken = (rules: AbaRules, eager: 'none' | 'due' = 'due'): string[] => [
  ...explore(new AbaModel({ n: 4, rounds: 1, rules }), eager, LIMIT).counterExamples.keys(),
];

describe('every schedule of round 0 among four, one of them a liar', () => {
  test.each([
    ['bkr', MMR, 2_724, 156],
    ['first-hand', FIRST_HAND, 15_156, 663],
  ])(
    'the agreement of %s gets stuck in none, and what is sure is not refused',
    (_name, rules, states, ends) => {
      const found = explore(new AbaModel({ n: 4, rounds: 1, rules }), 'due', LIMIT);
      expect(found).toEqual({ states, ends, counterExamples: new Map() });
    },
  );

  test.each([MMR, FIRST_HAND])('a bit that nobody correct has for input is not decided', (rules) => {
    for (const bit of [0, 1] as const) {
      const model = new AbaModel({ n: 4, rounds: 2, rules, inputs: [bit] });
      expect(explore(model, 'all', LIMIT).counterExamples.has('validity')).toBe(false);
    }
  });

  test('without re-proposals one waits for ever', () => {
    expect(broken(WITHOUT_REPROPOSAL)).toEqual(['stuck']);
  });

  test('without AUX at once what is sure is refused', () => {
    expect(broken(WITHOUT_AUX_AT_ONCE)).toEqual(['sure']);
  });

  test('with old rounds ignored one waits for ever', () => {
    expect(broken({ ...MMR, oldRounds: false }, 'none')).toEqual(['stuck']);
  });

  test('with decided validators that stop one waits for ever', () => {
    expect(broken({ ...MMR, staysUntilTerms: false }, 'none')).toEqual(['stuck']);
  });
});

describe('every schedule of a round with a real coin among four, some of whom may have decided before it', () => {
  const found = (rules: AbaRules, rounds: number): string[] => {
    const model = new AbaModel({ n: 4, rounds, rules });
    return [...explore(model, 'due', LIMIT, beginnings(model, 2)).counterExamples.keys()];
  };

  test('none gets stuck, nobody votes ahead of all, and nobody who decided is driven on', () => {
    expect(found(MMR, 3)).toEqual([]);
  });

  test('if one that decided enters no later round, one waits for ever', () => {
    expect(found({ ...MMR, decidedEnters: 'never' }, 3)).toEqual(['stuck']);
  });

  test('if one that decided waits for nobody, liars drive it on', () => {
    expect(found({ ...MMR, decidedEnters: 'always' }, 3)).toEqual(['driven']);
  });

  test('if TERM counts above the own round, one votes in a round that nobody is in', () => {
    const model = new AbaModel({ n: 4, rounds: 4, rules: { ...MMR, termsAhead: true } });
    const oneDecided = explore(model, 'due', LIMIT, [model.begin(2, model.correct, 1)]);
    expect([...oneDecided.counterExamples.keys()]).toEqual(['ahead']);
  });
});

test('when a real coin can be found out, one value at most can still decide: with CONF, and not without', () => {
  expect(exploreBinding(new AbaModel({ n: 4, rounds: 3, rules: MMR }))).toEqual({
    states: 1_112,
    open: undefined,
  });
  const model = new AbaModel({ n: 4, rounds: 3, rules: { ...MMR, conf: false } });
  expect(exploreBinding(model).open).toBeDefined();
});

test.each([
  ['bkr', MMR],
  ['first-hand', FIRST_HAND],
  ['first-hand without re-proposals', WITHOUT_REPROPOSAL],
  ['first-hand without AUX at once', WITHOUT_AUX_AT_ONCE],
  ['bkr without CONF', { ...MMR, conf: false }],
])('what the machine of %s does, the model can do', (_name, rules) => {
  let steps = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const run = new Refinement(4, 4, rules, seed);
    run.run();
    steps += run.steps;
  }
  for (let seed = 1; seed <= 20; seed++) new Refinement(7, 3, rules, seed).run();
  expect(steps).toBeGreaterThan(1000);
});

test('a step that the model does not have is noticed', () => {
  const run = (): void => {
    for (let seed = 1; seed <= 50; seed++) {
      const refinement = new Refinement(4, 3, FIRST_HAND, seed);
      const model = Reflect.get(refinement, 'model') as AbaModel;
      Reflect.set(model.options, 'rules', MMR);
      refinement.run();
    }
  };
  expect(run).toThrow('no steps');
});

describe('the whole first-hand subset under a hostile scheduler and f liars', () => {
  test.each([
    [4, 150],
    [7, 40],
    [10, 8],
  ])('at n = %i agrees on q valid proposals, and never refuses what is sure', (n, seeds) => {
    for (let seed = 1; seed <= seeds; seed++) {
      expect(storm(n, seed, FIRST_HAND), `SEED=${seed}`).toBe('agreed');
    }
  });

  // Seeds that the long suite's search finds first.
  test.each([
    [4, 34],
    [7, 114],
    [10, 183],
  ])('at n = %i one waits for ever without re-proposals', (n, seed) => {
    expect(storm(n, seed, WITHOUT_REPROPOSAL)).toBe('stuck');
  });

  test.each([
    [4, 74],
    [7, 116],
    [10, 210],
  ])('at n = %i what is sure is refused without AUX at once', (n, seed) => {
    expect(storm(n, seed, WITHOUT_AUX_AT_ONCE)).toBe('sure and refused');
  });
});
