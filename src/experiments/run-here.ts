import { type Experiment, jobsOf, type Measured, type RunContext } from './define.ts';
import { ExperimentError } from './errors.ts';
import { jobKey } from './journal.ts';
import { type Results, resultsOf } from './results.ts';
import type { Row } from './row.ts';

export interface RunHereOptions {
  /** Runs the quick grid. */
  readonly quick?: boolean;
  /** Seeds 1 … n; the experiment's own number by default. */
  readonly seeds?: number;
  /** For experiments that send shards (AVID). */
  readonly erasure?: RunContext['erasure'];
}

/**
 * Runs an experiment in this process, one job after the other, and keeps nothing: `velum experiment run` uses all cores, can be
 * interrupted and writes files.
 * @throws {ExperimentError} EXPERIMENT_FAILED if it sends shards and there is no erasure code; what the experiment's own code throws
 */
export async function runHere(
  experiment: Experiment,
  { quick = false, seeds, erasure = NO_ERASURE_CODE }: RunHereOptions = {},
): Promise<Results> {
  const measured: Measured = (await experiment.measure?.(quick)) ?? {};
  const jobs = jobsOf(experiment, quick, seeds === undefined ? {} : { count: seeds });
  const done = new Map<string, { readonly rows: readonly Row[] }>();
  for (const job of jobs)
    done.set(jobKey(job), { rows: await experiment.run(job.point, job.seed, { erasure, measured }) });
  return resultsOf(experiment, quick, jobs, done);
}

const missing = (): never => {
  throw new ExperimentError('EXPERIMENT_FAILED', 'this experiment sends shards: give it an erasure code', {
    id: 'runHere',
  });
};
const NO_ERASURE_CODE: RunContext['erasure'] = { encode: missing, reconstruct: missing };
