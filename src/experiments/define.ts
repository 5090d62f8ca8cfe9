import type { ErasureCode } from '../consensus/rbc/erasure.ts';
import type { Chart } from './charts.ts';
import type { Row } from './row.ts';

/** Figures of this machine, by name. */
export type Measured = Readonly<Record<string, number>>;

/** What a run needs from outside of the pure rooms. */
export interface RunContext {
  /** Codes the shards of AVID broadcasts. */
  readonly erasure: ErasureCode;
  /** What `measure` found; empty for an experiment that measures nothing. */
  readonly measured: Measured;
}

/** A sentence that rows can contradict. It is written before the run; the verdict is computed. */
export interface Hypothesis<R> {
  readonly text: string;
  /** A setting in which the effect must vanish. */
  readonly isControl?: true;
  /** Whether the verdict depends on measured columns, so on the machine. */
  readonly isTimed?: true;
  held(rows: readonly R[]): boolean;
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
  readonly hypotheses: readonly Hypothesis<P & R & { readonly seed: number }>[];
  readonly grid: readonly P[];
  /** The part of the grid that `--quick` runs. */
  readonly quickGrid: readonly P[];
  readonly seeds: number;
  readonly quickSeeds: number;
  /** What each column is and its unit: of the grid and of the results. */
  readonly columns: Readonly<Record<keyof P | keyof R, string>>;
  /** Columns that distinguish the rows of one run. */
  readonly per?: readonly (keyof R & string)[];
  /** Columns that a clock measured: kept apart from results.json. */
  readonly timed?: readonly (keyof R & string)[];
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

/** All calls, seeds innermost. @param seeds how many; the experiment's own number by default */
export function jobsOf(experiment: Experiment, quick: boolean, seeds?: number): Job[] {
  const count = seeds ?? (quick ? experiment.quickSeeds : experiment.seeds);
  const grid = quick ? experiment.quickGrid : experiment.grid;
  return grid.flatMap((point) => Array.from({ length: count }, (_, i) => ({ point, seed: i + 1 })));
}
