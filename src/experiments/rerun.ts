import { availableParallelism } from 'node:os';
import { assert } from '../base/errors.ts';
import { isChanged } from './changed-grid.ts';
import { type Job, jobsOf } from './define.ts';
import { jobKey } from './journal.ts';
import type { FinishedRun } from './report.ts';
import type { Row } from './row.ts';
import { Workers } from './workers.ts';

/** What a job found when it ran again is not what its run says. */
export interface RowDifference {
  readonly point: Row;
  readonly seed: number;
  /** The rows of the run and those of now, without what a clock measured. */
  readonly published: readonly Row[];
  readonly found: readonly Row[];
}

/** All jobs of a finished run. */
export const jobsOfRun = ({ experiment, quick, seeds }: FinishedRun): Job[] =>
  jobsOf(experiment, quick, { from: seeds[0]!, count: seeds.length });

/**
 * Runs jobs of a finished run again and compares what they find, but for measured columns, with its rows.
 * @param workerEntry the module of a worker process
 */
export async function rerun(
  run: FinishedRun,
  jobs: readonly Job[],
  workerEntry: string,
): Promise<RowDifference[]> {
  const { experiment, place, record } = run;
  const point = Object.keys(experiment.grid[0]!);
  const apart = new Set<string>([...point, 'seed', ...(experiment.timed ?? [])]);
  const untimed = (row: Row): Row =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !apart.has(column)));
  const published = new Map<string, Row[]>();
  for (const row of run.rows) {
    const at = Object.fromEntries(point.map((column) => [column, row[column]!]));
    const key = jobKey({ point: at, seed: row['seed'] as number });
    published.set(key, [...(published.get(key) ?? []), row]);
  }
  const differences = new Map<Job, RowDifference>();
  const workers = new Workers(workerEntry, !isChanged(run.set) && place.own === undefined);
  const waiting = [...jobs];
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const answer = await workers.ask({ type: 'run', place, job, measured: record.measured });
      assert(answer.type === 'ran', 'a job is answered by its rows');
      const [then, now] = [(published.get(jobKey(job)) ?? []).map(untimed), answer.rows.map(untimed)];
      if (!isSame(then, now)) differences.set(job, { ...job, published: then, found: now });
    }
  };
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, lane));
  } finally {
    workers.close();
  }
  return jobs.map((job) => differences.get(job)).filter((difference) => difference !== undefined);
}

const sorted = (row: Row): unknown => Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
const isSame = (a: readonly Row[], b: readonly Row[]): boolean =>
  JSON.stringify(a.map(sorted)) === JSON.stringify(b.map(sorted));
