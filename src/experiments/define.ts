import type { ErasureCode } from '../consensus/rbc/erasure.ts';
import type { Chart } from './charts.ts';
import type { Cell, Row } from './row.ts';

/** Figures of this machine, by name. */
export type Measured = Readonly<Record<string, number>>;

/** What a run needs from outside of the pure rooms. */
export interface RunContext {
  /** Codes the shards of AVID broadcasts. */
  readonly erasure: ErasureCode;
  /** What `measure` found; empty for an experiment that measures nothing. */
  readonly measured: Measured;
}

/** `open`: between the bounds of what is known it is true and it is false. */
export type Truth = boolean | 'open';

/** Whether a value is in an open interval, of which only two bounds are known. */
export const between = (least: number, most: number, from: number, to: number): Truth =>
  least > from && most < to ? true : most <= from || least >= to ? false : 'open';

/** Whether all are true. One that is false settles it, and one that is open leaves it open. @returns undefined of none */
export const allOf = (truths: readonly Truth[]): Truth | undefined =>
  truths.length === 0 ? undefined : truths.includes(false) ? false : truths.includes('open') ? 'open' : true;

interface Statement<R> {
  readonly text: string;
  /** Whether the verdict depends on measured columns, so on the machine. */
  readonly isTimed?: true;
  /** It is given only rows that no seed changes (`isFixed`), so that one seed decides. */
  readonly isExact?: true;
  /** @returns undefined if none of the rows is about it; `open` if bounds or quartiles of what they say lie on both sides of it */
  held(rows: readonly R[]): Truth | undefined;
  /** Of a sentence on every run: the rows it is about. Where none contradicts it, the verdict says how many failures that leaves open. */
  about?(rows: readonly R[]): readonly R[];
}

/** A sentence that rows can contradict. It is written before the run; the verdict is computed. */
export interface Prediction<R> extends Statement<R> {
  readonly isControl?: never;
  /** It is about rivals beside each other, so that the weaker one belongs to it. */
  readonly compares?: true;
}

/** A setting in which the effect must vanish, or must be there, if the experiment is to show anything. */
export interface Control<R> extends Statement<R> {
  readonly isControl: true;
  /** Rows as they would be if it failed: the statement must be false of them, or it cannot fail and says nothing. */
  breaks(rows: readonly R[]): readonly R[];
}

export type Hypothesis<R> = Prediction<R> | Control<R>;

/** A sentence on each of the rows that it is about: no verdict where there are none. */
export const everyRow = <R>(among: (row: R) => boolean, is: (row: R) => boolean) => ({
  held: (rows: readonly R[]): boolean | undefined => {
    const own = rows.filter(among);
    return own.length === 0 ? undefined : own.every(is);
  },
  about: <Q extends R>(rows: readonly Q[]): readonly Q[] => rows.filter(among),
});

/** Rows with an effect planted in some of them: what a control is broken with. */
export const planted = <R>(rows: readonly R[], where: (row: R) => boolean, effect: (row: R) => Row): R[] =>
  rows.map((row) => (where(row) ? ({ ...row, ...effect(row) } as R) : row));

/**
 * One of several in the same run that try the same: an observer, an attacker. A claim must not rest on one that another beats: that it
 * finds little says little. Such a claim is not decided.
 */
export interface Rival<R = Row & { readonly seed: number }> {
  readonly name: string;
  /** How well it does, the larger the better; nothing where the row is not about it. */
  score(row: R): number | null;
  /** The rows as they would be without it. */
  without(rows: readonly R[]): readonly R[];
}

/** A column of the rows, in the data dictionary. */
export interface Column {
  /** `ms`, `bytes`, `count`; `category` for text, `truth value` for true and false. */
  readonly unit: string;
  readonly meaning: string;
  /** Whether the grid may be given a value that it does not have (`--set`). Without it any number is taken, and no other category. */
  accepts?(value: Cell): boolean;
}

/**
 * A claim, how it is tested, and what came of it. Equal grid, seeds and measured figures give equal rows, byte by byte, but for
 * the columns in `timed`.
 * @template P a point of the grid  @template R what `run` finds at a point, a row or several
 */
export interface Experiment<P extends Row = Row, R extends Row = Row> {
  /** `e2-flp`: short name and words; a command line may give the short name only. */
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** What is the project's own code in it and what is a model, and of what. */
  readonly method: string;
  /** What an earlier version of it said, and why it was changed. */
  readonly earlier?: string;
  /** Figures that others published of the same, each with its source and what is not comparable. */
  readonly published?: string;
  readonly hypotheses: readonly Hypothesis<P & R & { readonly seed: number }>[];
  /** Those that try the same in one run, if there are several. */
  readonly rivals?: readonly Rival<P & R & { readonly seed: number }>[];
  readonly grid: readonly P[];
  /** The part of the grid that `--quick` runs. */
  readonly quickGrid: readonly P[];
  /** A verdict needs 20 seed sets, so 20 seeds at least. */
  readonly seeds: number;
  readonly quickSeeds: number;
  /** Points whose rows no seed changes, measured columns apart: they run with the first seed only. */
  isFixed?(point: P): boolean;
  /** Of the grid and of the results. */
  readonly columns: Readonly<Record<keyof P | keyof R, Column>>;
  /** Columns that distinguish the rows of one run. */
  readonly per?: readonly (keyof R & string)[];
  /** Columns that a clock measured: kept apart from results.json. */
  readonly timed?: readonly (keyof R & string)[];
  /** Experiments with one name here take the measurement of whichever of them runs first into folders side by side. */
  readonly measuresAs?: string;
  /** Measures this machine, once, before the runs. */
  measure?(quick: boolean): Promise<Measured>;
  /** Pure, unless columns are timed; these runs then go one at a time. */
  run(point: P, seed: number, context: RunContext): readonly R[] | Promise<readonly R[]>;
  /** The first one is plot.svg. */
  charts(rows: readonly (P & R & { readonly seed: number })[]): readonly Chart[];
}

/** Checks types; every experiment goes through it. */
export const defineExperiment = <P extends Row, R extends Row>(experiment: Experiment<P, R>): Experiment =>
  experiment as unknown as Experiment;

/** One call of `run`. */
export interface Job {
  readonly point: Row;
  readonly seed: number;
}

/** Which seeds a run has, one after the other. */
export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

/** Seeds 1 to the experiment's own number, unless others are asked for. */
export const seedRange = (
  experiment: Experiment,
  quick: boolean,
  { from = 1, count }: Partial<SeedRange> = {},
): SeedRange => ({ from, count: count ?? (quick ? experiment.quickSeeds : experiment.seeds) });

/** The points that a run goes through. */
export const ranGrid = ({ grid, quickGrid }: Experiment, quick: boolean): readonly Row[] =>
  quick ? quickGrid : grid;

const isFixed = (experiment: Experiment, point: Row): boolean => experiment.isFixed?.(point) === true;

/** How many calls there are. */
export function jobCount(experiment: Experiment, quick: boolean, seeds: number): number {
  const grid = ranGrid(experiment, quick);
  const fixed = grid.filter((point) => isFixed(experiment, point)).length;
  return fixed + (grid.length - fixed) * seeds;
}

/** All calls, seeds innermost. @param seeds the experiment's own by default */
export function jobsOf(experiment: Experiment, quick: boolean, seeds?: Partial<SeedRange>): Job[] {
  const { from, count } = seedRange(experiment, quick, seeds);
  const grid = ranGrid(experiment, quick);
  return grid.flatMap((point) =>
    Array.from({ length: isFixed(experiment, point) ? 1 : count }, (_, i) => ({ point, seed: from + i })),
  );
}
