import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { assert } from '../base/errors.ts';
import { type GridChange, isChanged } from './changed-grid.ts';
import { chartSvg } from './charts.ts';
import {
  type Experiment,
  type Job,
  jobsOf,
  type Measured,
  ranGrid,
  type SeedRange,
  seedRange,
} from './define.ts';
import { type Done, JobJournal, type JournalHead, jobKey, type Shard } from './journal.ts';
import { thisMachine } from './machine.ts';
import type { ExperimentPlace } from './own-experiment.ts';
import { programHash } from './program-hash.ts';
import {
  columnsCsv,
  type Results,
  type RunRecord,
  resultsCsv,
  resultsJson,
  resultsOf,
  SHARD_FILE,
  type ShardFile,
  timedRows,
} from './results.ts';
import { sharedMeasurement } from './shared-measurement.ts';
import type { SourceCommit } from './source-commit.ts';
import { Workers } from './workers.ts';

export interface RunOptions {
  readonly experiment: Experiment;
  readonly place: ExperimentPlace;
  readonly quick: boolean;
  /** What is changed in the grid; `experiment` has the changed one. */
  readonly set: GridChange;
  /** Seeds 1 to the experiment's own number by default. */
  readonly seeds?: Partial<SeedRange>;
  readonly dir: string;
  /** Only this part of the jobs; `mergeShards` puts the parts together. */
  readonly shard?: Shard;
  /** Worker processes; what a clock measures runs in one. */
  readonly jobs?: number;
  /** Runs the jobs in place of worker processes of this machine. */
  readonly elsewhere?: JobRunner;
  readonly fresh: boolean;
  /** The module of a worker process. */
  readonly workerEntry: string;
  readonly version: string;
  readonly source: SourceCommit | null;
  /** What the record says was run. */
  readonly command: string;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Runs jobs, in whatever order, and tells each that is done. What it tells has been checked: it is what a job of the experiment finds. */
export type JobRunner = (
  jobs: readonly Job[],
  measured: Measured,
  onDone: (job: Job, found: Pick<Done, 'ms' | 'rows'>) => void,
) => Promise<void>;

/** Whether runs of an experiment read a clock themselves: then nothing else runs beside them, and not on several machines. */
export const readsClock = ({ timed, measure }: Experiment): boolean =>
  timed !== undefined && measure === undefined;

export interface Finished {
  /** Of a part of a run there are none yet. */
  readonly results?: Results;
  readonly jobs: number;
  /** Jobs that an earlier run had done. */
  readonly resumed: number;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/**
 * Runs all jobs that the directory's journal does not hold yet.
 * @returns the files that the caller writes beside the journal
 * @throws {FileError} OUT_EXISTS, FILE_UNREADABLE, FILE_UNWRITABLE, EXPERIMENT_FAILED
 */
export async function runExperiment(options: RunOptions): Promise<Finished> {
  const { experiment, place, quick, set, dir, onProgress = () => {} } = options;
  const program = programHash();
  const journal = new JobJournal(dir, headOf(options, program), experiment, options.fresh);
  const { shard } = options;
  const all = jobsOf(experiment, quick, options.seeds);
  const jobs = shard === undefined ? all : all.filter((_, i) => i % shard.count === shard.index - 1);
  const waiting = jobs.filter((job) => !journal.done.has(jobKey(job)));
  const resumed = jobs.length - waiting.length;
  let done = resumed;
  onProgress(done, jobs.length);
  if (journal.started === undefined) journal.setStarted(new Date().toISOString());
  const workers = new Workers(options.workerEntry, !isChanged(set) && place.own === undefined);
  try {
    if (experiment.measure !== undefined && journal.measured === undefined) {
      const measure = async (): Promise<Measured> => {
        const answer = await workers.ask({ type: 'measure', place, quick });
        assert(answer.type === 'measured', 'a measurement is answered by one');
        return answer.measured;
      };
      // What others measure never becomes a figure of the package's own experiments.
      const name = place.own === undefined ? experiment.measuresAs : undefined;
      journal.setMeasured(
        await (name === undefined
          ? measure()
          : sharedMeasurement(dirname(dir), { name, quick, program }, measure)),
      );
    }
    const measured = journal.measured ?? {};
    const onDone = (job: Job, { ms, rows }: Pick<Done, 'ms' | 'rows'>): void => {
      journal.add({ key: jobKey(job), ms: Math.round(ms), rows });
      done += 1;
      onProgress(done, jobs.length);
    };
    const here: JobRunner = async () => {
      const lane = async (): Promise<void> => {
        for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
          const answer = await workers.ask({ type: 'run', place, job, measured });
          assert(answer.type === 'ran', 'a job is answered by its rows');
          onDone(job, answer);
        }
      };
      const lanes = readsClock(experiment) ? 1 : (options.jobs ?? availableParallelism());
      await Promise.all(Array.from({ length: lanes }, lane));
    };
    await (options.elsewhere ?? here)(waiting, measured, onDone);
  } finally {
    workers.close();
  }
  if (shard !== undefined) {
    const { velum: _, ...record } = recordOf(options, program, journal);
    const file: ShardFile = { velum: 'experiment shard', quick, shard, ...record };
    const text = `${JSON.stringify(file, null, 1)}\n`;
    return { jobs: jobs.length, resumed, files: [{ name: SHARD_FILE, text }] };
  }
  const results = resultsOf(experiment, quick, jobs, journal.done, set);
  const files = await resultFiles(experiment, results, recordOf(options, program, journal));
  return { results, jobs: jobs.length, resumed, files };
}

/** What a run says of itself before its rows are looked at. */
type RunHead = Omit<RunRecord, 'hypotheses' | 'rows'>;

/** All files of a finished run. */
export async function resultFiles(
  experiment: Experiment,
  results: Results,
  head: RunHead,
): Promise<Finished['files']> {
  const charts = await Promise.all(experiment.charts(results.rows as never).map(chartSvg));
  const record: RunRecord = {
    ...head,
    hypotheses: results.hypotheses.filter(({ timed }) => timed),
    rows: timedRows(experiment, results.rows),
  };
  return [
    { name: 'results.json', text: resultsJson(experiment, results) },
    { name: 'results.csv', text: resultsCsv(results.rows) },
    { name: 'columns.csv', text: columnsCsv(experiment) },
    { name: 'run.json', text: `${JSON.stringify(record, null, 1)}\n` },
    ...charts.map((text, i) => ({ name: i === 0 ? 'plot.svg' : `plot-${i + 1}.svg`, text })),
  ];
}

const headOf = ({ experiment, place, quick, set, shard }: RunOptions, program: string): JournalHead => ({
  id: experiment.id,
  quick,
  ...(isChanged(set) && { set }),
  ...(place.own && { file: place.own.file }),
  ...(shard && { shard }),
  program,
});

function recordOf(options: RunOptions, program: string, journal: JobJournal): RunHead {
  const { experiment, place, quick, set, version, source, command } = options;
  let ms = 0;
  for (const done of journal.done.values()) ms += done.ms;
  return {
    velum: 'experiment run',
    id: experiment.id,
    ...(place.own && { file: place.own.file }),
    command,
    version,
    program,
    source,
    seeds: seedRange(experiment, quick, options.seeds),
    ...(isChanged(set) && { set }),
    grid: ranGrid(experiment, quick),
    machine: thisMachine(),
    ...(options.elsewhere && { queue: true }),
    started: journal.started!,
    finished: new Date().toISOString(),
    jobSeconds: Math.round(ms / 100) / 10,
    measured: journal.measured ?? {},
  };
}
