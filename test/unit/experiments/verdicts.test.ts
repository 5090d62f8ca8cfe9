import { describe, expect, test } from 'vitest';
import {
  allOf,
  between,
  defineExperiment,
  everyRow,
  type Hypothesis,
  planted,
} from '../../../src/experiments/define.ts';
import { frontRunning } from '../../../src/experiments/e3-front-running.ts';
import { EXPERIMENTS } from '../../../src/experiments/registry.ts';
import { beatenRivals } from '../../../src/experiments/rivals.ts';
import type { Row } from '../../../src/experiments/row.ts';
import { type HypothesisVerdict, talliesOf, verdictsOf } from '../../../src/experiments/verdicts.ts';
import { docsRows, seedsOf } from '../../helpers/experiment-rows.ts';

type Point = { readonly size: number };
type Found = { readonly value: number };
type All = Point & Found & { readonly seed: number };

const sampleOf = (hypothesis: Hypothesis<All>, isFixed?: (point: Point) => boolean) =>
  defineExperiment<Point, Found>({
    id: 'e0-sample',
    title: 'A sample',
    question: 'Is it?',
    method: 'Made up.',
    hypotheses: [hypothesis],
    grid: [{ size: 1 }, { size: 2 }],
    quickGrid: [{ size: 1 }],
    seeds: 20,
    quickSeeds: 1,
    columns: { size: { unit: 'count', meaning: 'size' }, value: { unit: 'count', meaning: 'value' } },
    ...(isFixed === undefined ? {} : { isFixed }),
    run: () => [],
    charts: () => [],
  });

const seedsTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, i) => from + i);
/** One row a seed; the value is 1 but for some seeds. */
const rowsWith = (seeds: readonly number[], others: readonly number[] = []): Row[] =>
  seeds.map((seed) => ({ size: 1, seed, value: others.includes(seed) ? 0 : 1 }));
const judged = (hypothesis: Hypothesis<All>, seeds: readonly number[], rows: readonly Row[]) =>
  verdictsOf(sampleOf(hypothesis), seeds, rows)[0]!;

const allOnes: Hypothesis<All> = {
  text: 'All are 1.',
  ...everyRow(
    () => true,
    ({ value }) => value === 1,
  ),
};
const mostOnes: Hypothesis<All> = {
  text: 'More than half are 1.',
  held: (rows) => rows.filter(({ value }) => value === 1).length > rows.length / 2,
};

describe('the rule for verdicts', () => {
  test('decides nothing out of one seed, nor out of fewer than twenty', () => {
    for (const count of [1, 2, 19]) {
      const { verdict, reason, setsHeld } = judged(mostOnes, seedsTo(count), rowsWith(seedsTo(count)));
      expect({ verdict, setsHeld }).toEqual({ verdict: 'not decided', setsHeld: null });
      expect(reason).toMatch(/^it held over .* and a verdict needs 20 or more$/);
    }
  });

  test.each([
    [0, 'held', 20],
    [1, 'held', 19],
    [2, 'not decided', 18],
    [10, 'not decided', 10],
    [18, 'not decided', 2],
    [19, 'did not hold', 1],
    [20, 'did not hold', 0],
  ])('where %i of twenty seeds contradict most, it says: %s', (others, verdict, setsHeld) => {
    const seeds = seedsTo(20, 1001);
    const found = judged(mostOnes, seeds, rowsWith(seeds, seeds.slice(0, others)));
    expect({ verdict: found.verdict, setsHeld: found.setsHeld }).toEqual({ verdict, setsHeld });
  });

  test('decides nothing where what was measured lies on both sides, in whatever number of seeds', () => {
    const bounded = (least: number, most: number): Hypothesis<All> => ({
      text: 'It is below 2.',
      isTimed: true,
      held: (rows) => allOf(rows.map(({ value }) => between(value * least, value * most, 0, 2))),
    });
    const seeds = seedsTo(20);
    const verdictOf = (least: number, most: number): string =>
      judged(bounded(least, most), seeds, rowsWith(seeds)).verdict;
    expect([verdictOf(1, 1.9), verdictOf(1, 2.1), verdictOf(2, 3)]).toEqual([
      'held',
      'not decided',
      'did not hold',
    ]);
    expect(judged(bounded(1, 3), seeds, rowsWith(seeds)).reason).toMatch(/^between the quartiles/);
    expect([allOf([]), allOf([true, 'open']), allOf(['open', false])]).toEqual([undefined, 'open', false]);
  });

  test('judges by all seeds as well: one run that contradicts “all” leaves it open, many settle it', () => {
    const seeds = seedsTo(40);
    expect(judged(allOnes, seeds, rowsWith(seeds, [7]))).toMatchObject({
      verdict: 'not decided',
      reason: 'it did not hold over all 40 seeds and in 19 of 20 seed sets',
    });
    expect(judged(allOnes, seeds, rowsWith(seeds, seeds)).verdict).toBe('did not hold');
  });

  test('cuts the seeds into disjoint sets of the same size that have all of them', () => {
    const seen: number[][] = [];
    const spy: Hypothesis<All> = {
      text: 'Seen.',
      held: (rows) => {
        seen.push(rows.map(({ seed }) => seed));
        return true;
      },
    };
    const seeds = seedsTo(50, 5);
    judged(spy, seeds, rowsWith(seeds));
    const [whole, ...sets] = seen;
    expect(sets).toHaveLength(20);
    expect(whole).toEqual(seeds);
    expect(sets.flat()).toEqual(seeds);
    expect(new Set(sets.map(({ length }) => length))).toEqual(new Set([2, 3]));
  });

  test('says what a sentence on every run leaves open', () => {
    const seeds = seedsTo(100);
    expect(judged(allOnes, seeds, rowsWith(seeds)).reason).toBe(
      'in 20 of 20 seed sets; none of 100 seeds failed, so at most 3.0 % of all seeds do (95 %)',
    );
  });

  test('decides nothing where no row is about it', () => {
    const nothing: Hypothesis<All> = {
      text: 'Large ones are 1.',
      ...everyRow(
        ({ size }) => size > 9,
        () => true,
      ),
    };
    const seeds = seedsTo(20);
    expect(judged(nothing, seeds, rowsWith(seeds))).toMatchObject({
      verdict: 'not decided',
      reason: 'no row is about it',
    });
  });

  test('takes one seed where no seed changes the rows, and then no others', () => {
    const exact: Hypothesis<All> = { ...allOnes, isExact: true };
    const experiment = sampleOf(exact, ({ size }) => size === 1);
    const rows = [...rowsWith([1]), { size: 2, seed: 1, value: 0 }];
    expect(verdictsOf(experiment, [1], rows)[0]).toMatchObject({
      verdict: 'held',
      reason: 'no seed changes the rows that it is about',
      setsHeld: null,
    });
    expect(verdictsOf(sampleOf(exact), [1], rows)[0]!.verdict).toBe('not decided');
  });

  test('notices a control that cannot fail', () => {
    const seeds = seedsTo(20);
    const control = (held: Hypothesis<All>['held']): Hypothesis<All> => ({
      text: 'No effect.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          () => true,
          () => ({ value: 0 }),
        ),
      held,
    });
    const rows = rowsWith(seeds);
    expect(
      judged(
        control((all) => all.every(({ value }) => value === 1)),
        seeds,
        rows,
      ).verdict,
    ).toBe('held');
    for (const held of [() => true, (all: readonly All[]) => all.every(({ value }) => value >= 0)])
      expect(judged(control(held), seeds, rows)).toMatchObject({
        verdict: 'not decided',
        reason: 'it holds of rows that were made to break it as well, so it cannot fail',
      });
    expect(
      judged(
        control((all) => all.every(({ size }) => size !== 1)),
        seeds,
        rows,
      ).verdict,
    ).toBe('did not hold');
  });

  test('notices a claim that rests on an observer that another of the same run beats', () => {
    const seeds = seedsTo(20);
    // The one of size 1 finds half of what that of size 2 finds, with every seed a little else.
    const rows = seeds.flatMap((seed) =>
      [1, 2].map((size) => ({ size, seed, value: size * 10 + (seed % 3) })),
    );
    const rivals = [1, 2].map((own) => ({
      name: `size ${own}`,
      score: ({ size, value }: All) => (size === own ? value : null),
      without: (all: readonly All[]) => all.filter(({ size }) => size !== own),
    }));
    const ofLeast: Hypothesis<All> = {
      text: 'Observers find less than 15.',
      held: (all) => Math.min(...all.map(({ value }) => value)) < 15,
    };
    const ofMost: Hypothesis<All> = {
      text: 'An observer finds more than 15.',
      held: (all) => Math.max(...all.map(({ value }) => value)) > 15,
    };
    const judgedWith = (hypothesis: Hypothesis<All>, own: readonly Row[]) =>
      verdictsOf({ ...sampleOf(hypothesis), rivals: rivals as never }, seeds, own)[0]!;
    expect(judgedWith(ofMost, rows).verdict).toBe('held');
    expect(judgedWith({ ...ofLeast, compares: true }, rows).verdict).toBe('held');
    expect(judgedWith(ofLeast, rows)).toMatchObject({
      verdict: 'not decided',
      reason: 'it rests on “size 1”, and “size 2” does better in the same run',
    });
    // As good as each other, but for chance: neither is the weaker one.
    const alike = rows.map((row) => ({ ...row, value: 10 + ((row.seed * row.size) % 3) }));
    expect(judgedWith(ofLeast, alike).verdict).toBe('held');
  });

  test('counts controls apart', () => {
    const of = (verdict: 'held' | 'not decided', control: boolean) => ({ verdict, control });
    expect(
      talliesOf([of('held', false), of('not decided', false), of('held', true), of('held', false)]),
    ).toEqual({
      claims: '2 held, 1 not decided',
      controls: '1 held',
    });
  });
});

describe.each(EXPERIMENTS.map((experiment) => [experiment.id, experiment] as const))(
  '%s',
  (_, experiment) => {
    const rows = docsRows(experiment);

    test('has controls that can fail: of the published rows, or where the effect is planted in them', () => {
      const controls = experiment.hypotheses.filter(({ isControl }) => isControl === true);
      expect(controls.length).toBeGreaterThan(0);
      for (const control of controls) {
        if (control.isControl !== true) continue;
        const fails = [rows, control.breaks(rows) as typeof rows].map((each) => control.held(each) === false);
        expect(fails, control.text).toContain(true);
      }
    });

    test('decides nothing that rests on a rival beaten in the published rows', () => {
      for (const { weaker } of beatenRivals(experiment.rivals ?? [], rows)) {
        const claim: Hypothesis<Row & { readonly seed: number }> = {
          text: `“${weaker.name}” finds something.`,
          held: (own) => own.some((row) => (weaker.score(row) ?? 0) > 0),
        };
        const [{ verdict, reason }] = verdictsOf(
          { ...experiment, hypotheses: [claim] },
          seedsOf(rows),
          rows,
        ) as [HypothesisVerdict];
        expect(verdict).toBe('not decided');
        expect(reason).toContain(`it rests on “${weaker.name}”`);
      }
    });

    test('calls exact only what reads rows that no seed changes', () => {
      const fixed = rows.filter((row) => experiment.isFixed?.(row) === true);
      for (const { text, isExact, held } of experiment.hypotheses)
        if (isExact === true) expect(held(fixed), text).toBeDefined();
    });
  },
);

test('of the attackers of e3 the coarse one is beaten, in the published rows', () => {
  const beaten = beatenRivals(frontRunning.rivals!, docsRows(frontRunning));
  expect(beaten.map(({ weaker, stronger }) => [weaker.name, stronger.name])).toEqual([['coarse', 'exact']]);
});
