import { type GridChange, isChanged } from './changed-grid.ts';
import { type Column, type Experiment, type Job, type Measured, ranGrid, type SeedRange } from './define.ts';
import { type Done, jobKey, type Shard } from './journal.ts';
import type { RunMachine } from './machine.ts';
import type { OwnFile } from './own-module.ts';
import type { Row } from './row.ts';
import type { SourceCommit } from './source-commit.ts';
import { type HypothesisVerdict, verdictsOf } from './verdicts.ts';

/** What a run found: rows in the order of its jobs, whatever finished first. */
export interface Results {
  readonly id: string;
  readonly quick: boolean;
  /** What was changed in the grid; nothing in a run of the experiment as it is. */
  readonly set: GridChange;
  readonly seeds: readonly number[];
  readonly hypotheses: readonly HypothesisVerdict[];
  readonly rows: readonly Row[];
}

/** @param experiment with the grid that ran */
export function resultsOf(
  experiment: Experiment,
  quick: boolean,
  jobs: readonly Job[],
  done: ReadonlyMap<string, Pick<Done, 'rows'>>,
  set: GridChange = {},
): Results {
  const rows = jobs.flatMap((job) =>
    done.get(jobKey(job))!.rows.map((row): Row => ({ ...job.point, seed: job.seed, ...row })),
  );
  const seeds = [...new Set(jobs.map(({ seed }) => seed))];
  return { id: experiment.id, quick, set, seeds, hypotheses: verdictsOf(experiment, seeds, rows), rows };
}

const list = (values: readonly unknown[]): string =>
  values.map((value) => `    ${JSON.stringify(value)}`).join(',\n');

/** What is the same on every machine: everything but measured columns and the verdicts that depend on them. */
export function resultsJson(
  experiment: Experiment,
  { quick, set, seeds, hypotheses, rows }: Results,
): string {
  const timed = new Set<string>(experiment.timed ?? []);
  const apart = rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !timed.has(column))),
  );
  const columns = Object.entries(experiment.columns).filter(([column]) => !timed.has(column));
  const verdicts = hypotheses.filter((verdict) => !verdict.timed).map(({ timed: _, ...verdict }) => verdict);
  return [
    '{',
    '  "velum": "experiment",',
    `  "id": ${JSON.stringify(experiment.id)},`,
    `  "quick": ${quick},`,
    ...(isChanged(set)
      ? [`  "set": ${JSON.stringify(set)},`, `  "grid": [\n${list(ranGrid(experiment, quick))}\n  ],`]
      : []),
    `  "seeds": ${JSON.stringify(seeds)},`,
    `  "columns": ${JSON.stringify(Object.fromEntries(columns))},`,
    `  "hypotheses": [\n${list(verdicts)}\n  ],`,
    `  "rows": [\n${list(apart)}\n  ]`,
    '}\n',
  ].join('\n');
}

/** Where a run comes from, and all that a clock measured: nothing of it is in results.json, which is equal on every machine. */
export interface RunRecord {
  readonly velum: 'experiment run';
  readonly id: string;
  /** The file of an experiment of one's own. */
  readonly file?: OwnFile | undefined;
  readonly command: string;
  readonly version: string;
  /** Hash of the program's own files. */
  readonly program: string;
  readonly source: SourceCommit | null;
  readonly seeds: SeedRange;
  /** What was changed in the grid, if anything was. */
  readonly set?: GridChange | undefined;
  /** The points that ran. */
  readonly grid?: readonly Row[] | undefined;
  readonly machine: RunMachine;
  /** Whether its jobs ran on workers of a queue, wherever these were: `machine` is the one that asked them. */
  readonly queue?: true | undefined;
  /** When its first job began and its last one ended, ISO 8601; it may have been interrupted between them. */
  readonly started: string;
  readonly finished: string;
  /** Seconds of all jobs together, by the clock. */
  readonly jobSeconds: number;
  readonly measured: Measured;
  /** Of a run that was put together: its parts. `machine` and `measured` are then those of the first. */
  readonly shards?: readonly ShardRecord[] | undefined;
  /** Those that depend on measured columns. */
  readonly hypotheses: readonly HypothesisVerdict[];
  /** Measured columns, row by row of results.json. */
  readonly rows: readonly Row[];
}

/** Where a part of a run comes from. */
export type ShardRecord = Shard &
  Pick<RunRecord, 'source' | 'machine' | 'started' | 'finished' | 'jobSeconds' | 'measured'>;

/** What stands beside the jobs of a part of a run, when all of them are done. */
export interface ShardFile extends Omit<RunRecord, 'velum' | 'shards' | 'hypotheses' | 'rows'> {
  readonly velum: 'experiment shard';
  readonly quick: boolean;
  readonly shard: Shard;
}
export const SHARD_FILE = 'shard.json';

export const timedRows = (experiment: Experiment, rows: readonly Row[]): Row[] =>
  experiment.timed === undefined
    ? []
    : rows.map((row) => Object.fromEntries(experiment.timed!.map((column) => [column, row[column] ?? null])));

type CsvCell = Row[string] | undefined;
const csvLine = (cells: readonly CsvCell[]): string =>
  cells
    .map((value) => {
      const text = value === undefined || value === null ? '' : String(value);
      return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
const csvOf = (lines: readonly (readonly CsvCell[])[]): string => `${lines.map(csvLine).join('\n')}\n`;

/** All rows, a column a variable, measured ones included. */
export function resultsCsv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return csvOf([columns, ...rows.map((row) => columns.map((column) => row[column]))]);
}

/** A data dictionary: name, unit and meaning of each column. */
export const dictionaryCsv = (columns: Readonly<Record<string, Column>>): string =>
  csvOf([
    ['column', 'unit', 'meaning'],
    ...Object.entries(columns).map(([name, { unit, meaning }]) => [name, unit, meaning]),
  ]);

/** The data dictionary of these rows. */
export const columnsCsv = ({ columns }: Experiment): string =>
  dictionaryCsv({ seed: { unit: 'seed', meaning: 'of all that is drawn' }, ...columns });
