import type { Experiment, Hypothesis } from './define.ts';
import { failuresStillPossible } from './intervals.ts';
import { type Beaten, beatenRivals } from './rivals.ts';
import type { Row } from './row.ts';

/** What rows say of a hypothesis. */
export type Ruling = 'held' | 'did not hold' | 'not decided';

export interface HypothesisVerdict {
  readonly text: string;
  readonly verdict: Ruling;
  /** What the verdict rests on, a clause. */
  readonly reason: string;
  /** In how many of the 20 seed sets it held; nothing where there are none. */
  readonly setsHeld: number | null;
  readonly control: boolean;
  readonly timed: boolean;
}

type SeededRow = Row & { readonly seed: number };

/** Into so many disjoint sets the seeds of a run are cut: a verdict must not hang on which of them were drawn. */
export const SEED_SETS = 20;
/** In so many sets a hypothesis that held may have failed, and one that did not hold may have held. */
const EXCEPTIONS = 1;

/** Seeds cut into 20 disjoint sets of the same size, give or take one. @returns nothing if they are fewer than 20 */
function seedSets(seeds: readonly number[]): number[][] {
  if (seeds.length < SEED_SETS) return [];
  const border = (i: number): number => Math.floor((i * seeds.length) / SEED_SETS);
  return Array.from({ length: SEED_SETS }, (_, i) => seeds.slice(border(i), border(i + 1)));
}

/** The rule for verdicts: the same for every experiment. @param rows of the seeds, in which a fixed point has the first one */
export function verdictsOf(
  experiment: Experiment,
  seeds: readonly number[],
  rows: readonly Row[],
): HypothesisVerdict[] {
  const all = rows as readonly SeededRow[];
  const fixed = all.filter((row) => experiment.isFixed?.(row) === true);
  const sampled = fixed.length === 0 ? all : all.filter((row) => experiment.isFixed?.(row) !== true);
  const setOf = new Map(seedSets(seeds).flatMap((set, i) => set.map((seed) => [seed, i] as const)));
  const sets = Array.from({ length: setOf.size === 0 ? 0 : SEED_SETS }, (): SeededRow[] => [...fixed]);
  if (sets.length > 0) for (const row of sampled) sets[setOf.get(row.seed)!]!.push(row);
  const beaten = beatenRivals(experiment.rivals ?? [], all);
  return experiment.hypotheses.map((hypothesis) => ({
    text: hypothesis.text,
    ...(restingOn(hypothesis, all, beaten) ??
      (hypothesis.isExact === true
        ? exactly(hypothesis, fixed)
        : withMeasurement(experiment, hypothesis, overSets(hypothesis, all, sets, seeds.length)))),
    control: hypothesis.isControl === true,
    timed: hypothesis.isTimed === true,
  }));
}

type Judgement = Pick<HypothesisVerdict, 'verdict' | 'reason' | 'setsHeld'>;
const undecided = (reason: string, setsHeld: number | null = null): Judgement => ({
  verdict: 'not decided',
  reason,
  setsHeld,
});
const NO_ROWS = undecided('no row is about it');
const OPEN = undecided(
  'between the quartiles, or the bounds, of what was measured it is true and it is false',
);
const CANNOT_FAIL = undecided('it holds of rows that were made to break it as well, so it cannot fail');

/** Whether a control holds of rows in which what it excludes is there. */
const cannotFail = (hypothesis: Hypothesis<SeededRow>, rows: readonly SeededRow[]): boolean =>
  hypothesis.isControl === true && hypothesis.held(hypothesis.breaks(rows)) !== false;

/** A claim that would be another one without a rival that another beats. */
function restingOn(
  hypothesis: Hypothesis<SeededRow>,
  all: readonly SeededRow[],
  beaten: readonly Beaten[],
): Judgement | undefined {
  if (hypothesis.isControl === true || hypothesis.compares === true) return undefined;
  const own = beaten.find(({ weaker }) => hypothesis.held(weaker.without(all)) !== hypothesis.held(all));
  return own === undefined
    ? undefined
    : undecided(`it rests on “${own.weaker.name}”, and “${own.stronger.name}” does better in the same run`);
}

/** Sets of seeds that share one measurement agree about it, however far off it is. */
const withMeasurement = (
  { measure }: Experiment,
  { isTimed }: Hypothesis<SeededRow>,
  judged: Judgement,
): Judgement =>
  measure === undefined || isTimed !== true || judged.setsHeld === null
    ? judged
    : { ...judged, reason: `${judged.reason}; all sets share one measurement of prices` };

function exactly(hypothesis: Hypothesis<SeededRow>, fixed: readonly SeededRow[]): Judgement {
  const held = hypothesis.held(fixed);
  if (held === undefined) return NO_ROWS;
  if (held === 'open') return OPEN;
  if (held && cannotFail(hypothesis, fixed)) return CANNOT_FAIL;
  const reason = 'no seed changes the rows that it is about';
  return { verdict: held ? 'held' : 'did not hold', reason, setsHeld: null };
}

function overSets(
  hypothesis: Hypothesis<SeededRow>,
  all: readonly SeededRow[],
  sets: readonly (readonly SeededRow[])[],
  seeds: number,
): Judgement {
  const held = hypothesis.held(all);
  if (held === undefined) return NO_ROWS;
  if (held === 'open') return OPEN;
  if (held && cannotFail(hypothesis, all)) return CANNOT_FAIL;
  const whole = `${held ? 'it held' : 'it did not hold'} over ${seeds === 1 ? 'the one seed' : `all ${seeds} seeds`}`;
  if (sets.length === 0) return undecided(`${whole}, and a verdict needs ${SEED_SETS} or more`);
  const setsHeld = sets.filter((rows) => hypothesis.held(rows) === true).length;
  const inSets = `in ${setsHeld} of ${SEED_SETS} seed sets`;
  if (held && setsHeld >= SEED_SETS - EXCEPTIONS) {
    const reason = `${inSets}${stillPossible(hypothesis, all)}`;
    return { verdict: 'held', reason, setsHeld };
  }
  if (!held && setsHeld <= EXCEPTIONS) return { verdict: 'did not hold', reason: inSets, setsHeld };
  return undecided(`${whole} and ${inSets}`, setsHeld);
}

/** What a sentence on every run leaves open. Rows of one job are one run. */
function stillPossible(hypothesis: Hypothesis<SeededRow>, all: readonly SeededRow[]): string {
  if (hypothesis.about === undefined) return '';
  const runs = new Set(hypothesis.about(all).map(({ seed }) => seed)).size;
  return `; none of ${runs} seeds failed, so at most ${(100 * failuresStillPossible(runs)).toPrecision(2)} % of all seeds do (95 %)`;
}

/** How many of each verdict, in words: hypotheses, and apart from them controls. */
export function talliesOf(verdicts: readonly Pick<HypothesisVerdict, 'verdict' | 'control'>[]): {
  readonly claims: string;
  readonly controls: string;
} {
  const words = (isControl: boolean): string =>
    (['held', 'did not hold', 'not decided'] as const)
      .map((verdict) => {
        const count = verdicts.filter(
          (each) => each.control === isControl && each.verdict === verdict,
        ).length;
        return count === 0 ? undefined : `${count} ${verdict}`;
      })
      .filter((part) => part !== undefined)
      .join(', ');
  return { claims: words(false), controls: words(true) };
}
