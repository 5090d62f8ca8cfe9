import { type Experiment, jobsOf } from './define.ts';
import { ExperimentError } from './errors.ts';
import { type Done, jobKey } from './journal.ts';
import { type Results, type RunRecord, resultsOf, type ShardFile } from './results.ts';
import type { Row } from './row.ts';

/** A finished part of a run as read from its folder. */
export interface FoundShard {
  readonly dir: string;
  readonly file: ShardFile;
  readonly done: readonly Done[];
}

/** What all parts of one run have in common. */
const SAME = {
  id: 'experiment',
  quick: 'choice of --quick',
  set: 'grid (--set)',
  grid: 'grid',
  seeds: 'seeds',
  file: 'file',
  version: 'version of the program',
  program: 'version of the program',
} as const satisfies Partial<Record<keyof ShardFile, string>>;

/**
 * Puts the parts of a run together: the results are those of one run, byte by byte.
 * @param experiment with the grid that ran
 * @param program    hash of the program that runs now: verdicts are its
 * @param command    what the record says was done
 * @throws {ExperimentError} EXPERIMENT_MERGE if a part is missing, they are of different runs, or rows of one job differ
 */
export function mergeShards(
  experiment: Experiment,
  shards: readonly FoundShard[],
  program: string,
  command: string,
): { readonly results: Results; readonly head: Omit<RunRecord, 'hypotheses' | 'rows'> } {
  const refuse = (why: string): never => {
    throw new ExperimentError('EXPERIMENT_MERGE', why, { id: experiment.id });
  };
  const [first, ...rest] = shards;
  if (first === undefined) return refuse('no parts are named');
  for (const { dir, file } of rest)
    for (const [field, what] of Object.entries(SAME)) {
      const of = ({ [field as keyof typeof SAME]: value }: ShardFile): string => JSON.stringify(value) ?? '';
      if (of(file) !== of(first.file)) refuse(`${dir} and ${first.dir} have not the same ${what}`);
    }
  if (first.file.program !== program)
    refuse(`${first.dir} ran with another version of the program than this one: merge it with that`);
  const { quick, seeds, set = {} } = first.file;
  const jobs = jobsOf(experiment, quick, seeds);
  const done = new Map<string, Done & { readonly dir: string }>();
  for (const { dir, done: own } of shards)
    for (const each of own) {
      const earlier = done.get(each.key);
      if (earlier !== undefined && untimed(experiment, earlier.rows) !== untimed(experiment, each.rows))
        refuse(`${earlier.dir} and ${dir} found different rows for ${each.key}`);
      if (earlier === undefined) done.set(each.key, { ...each, dir });
    }
  const missing = jobs.filter((job) => !done.has(jobKey(job))).length;
  if (missing > 0) {
    const { count } = first.file.shard;
    const isThere = new Set(shards.map(({ file }) => JSON.stringify(file.shard)));
    const lacking = Array.from({ length: count }, (_, i) => i + 1).filter(
      (index) => !isThere.has(JSON.stringify({ index, count })),
    );
    const which =
      lacking.length === 0 ? '' : `; not among them: ${lacking.map((i) => `${i}/${count}`).join(', ')}`;
    refuse(`${missing} of ${jobs.length} jobs are in none of the ${shards.length} parts${which}`);
  }
  const { velum: _, quick: __, shard: ___, ...head } = first.file;
  const times = shards.map(({ file }) => file);
  return {
    results: resultsOf(experiment, quick, jobs, done, set),
    head: {
      ...head,
      velum: 'experiment run',
      command,
      started: times.map(({ started }) => started).sort()[0]!,
      finished: times
        .map(({ finished }) => finished)
        .sort()
        .at(-1)!,
      jobSeconds: Math.round(times.reduce((sum, { jobSeconds }) => sum + jobSeconds, 0) * 10) / 10,
      shards: times.map(({ shard, source, machine, started, finished, jobSeconds, measured }) => ({
        ...shard,
        source,
        machine,
        started,
        finished,
        jobSeconds,
        measured,
      })),
    },
  };
}

const untimed = ({ timed = [] }: Experiment, rows: readonly Row[]): string =>
  JSON.stringify(
    rows.map((row) =>
      Object.entries(row).filter(([column]) => !(timed as readonly string[]).includes(column)),
    ),
  );
