import type { Experiment, Hypothesis, Job, Measured } from './define.ts';
import { type Done, jobKey } from './journal.ts';
import type { Row } from './row.ts';

export interface HypothesisVerdict {
  readonly text: string;
  readonly held: boolean;
  readonly control: boolean;
  readonly timed: boolean;
}

/** What a run found: rows in the order of its jobs, whatever finished first. */
export interface Results {
  readonly id: string;
  readonly quick: boolean;
  readonly seeds: readonly number[];
  readonly hypotheses: readonly HypothesisVerdict[];
  readonly rows: readonly Row[];
}

export function resultsOf(
  experiment: Experiment,
  quick: boolean,
  jobs: readonly Job[],
  done: ReadonlyMap<string, Pick<Done, 'rows'>>,
): Results {
  const rows = jobs.flatMap((job) =>
    done.get(jobKey(job))!.rows.map((row): Row => ({ ...job.point, seed: job.seed, ...row })),
  );
  const seeds = [...new Set(jobs.map(({ seed }) => seed))];
  return { id: experiment.id, quick, seeds, hypotheses: verdictsOf(experiment, rows), rows };
}

const isTimed = (hypothesis: Hypothesis<never>): boolean => hypothesis.isTimed === true;

export const verdictsOf = ({ hypotheses }: Experiment, rows: readonly Row[]): HypothesisVerdict[] =>
  hypotheses.map((hypothesis) => ({
    text: hypothesis.text,
    held: hypothesis.held(rows as readonly (Row & { seed: number })[]),
    control: hypothesis.isControl === true,
    timed: isTimed(hypothesis),
  }));

const list = (values: readonly unknown[]): string =>
  values.map((value) => `    ${JSON.stringify(value)}`).join(',\n');

/** What is the same on every machine: everything but measured columns and the verdicts that depend on them. */
export function resultsJson(experiment: Experiment, { quick, seeds, hypotheses, rows }: Results): string {
  const timed = new Set<string>(experiment.timed ?? []);
  const apart = rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !timed.has(column))),
  );
  const columns = Object.entries(experiment.columns).filter(([column]) => !timed.has(column));
  const verdicts = hypotheses
    .filter((verdict) => !verdict.timed)
    .map(({ text, held, control }) => ({ text, held, control }));
  return [
    '{',
    '  "velum": "experiment",',
    `  "id": ${JSON.stringify(experiment.id)},`,
    `  "quick": ${quick},`,
    `  "seeds": ${JSON.stringify(seeds)},`,
    `  "columns": ${JSON.stringify(Object.fromEntries(columns))},`,
    `  "hypotheses": [\n${list(verdicts)}\n  ],`,
    `  "rows": [\n${list(apart)}\n  ]`,
    '}\n',
  ].join('\n');
}

/** Where and when it ran, and all that a clock measured. */
export interface RunRecord {
  readonly velum: 'experiment run';
  readonly id: string;
  readonly command: string;
  readonly version: string;
  readonly program: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
  };
  readonly finished: string;
  /** Seconds of all jobs together, by the clock. */
  readonly jobSeconds: number;
  readonly measured: Measured;
  readonly hypotheses: readonly { readonly text: string; readonly held: boolean }[];
  /** Measured columns, row by row of results.json. */
  readonly rows: readonly Row[];
}

export const timedRows = (experiment: Experiment, rows: readonly Row[]): Row[] =>
  experiment.timed === undefined
    ? []
    : rows.map((row) => Object.fromEntries(experiment.timed!.map((column) => [column, row[column] ?? null])));

/** Rows for a spreadsheet, measured columns included. */
export function resultsCsv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: Row[string] | undefined): string => {
    const text = value === undefined || value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[columns, ...rows.map((row) => columns.map((column) => row[column]))].map((line) => line.map(cell).join(',')).join('\n')}\n`;
}
