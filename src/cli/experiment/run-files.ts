import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { changeText, isChanged, isChangeOf, withGrid } from '../../experiments/changed-grid.ts';
import { problemOfRows } from '../../experiments/check-rows.ts';
import { type Experiment, ranGrid } from '../../experiments/define.ts';
import { JOURNAL_FILE, jobsIn } from '../../experiments/journal.ts';
import type { FoundShard } from '../../experiments/merge.ts';
import { type FoundExperiment, packaged } from '../../experiments/own-experiment.ts';
import { EXPERIMENTS } from '../../experiments/registry.ts';
import type { FinishedRun } from '../../experiments/report.ts';
import { type RunRecord, SHARD_FILE, type ShardFile } from '../../experiments/results.ts';
import { cellSchema, type Row, rowSchema } from '../../experiments/row.ts';
import { verdictsOf } from '../../experiments/verdicts.ts';
import { readJson } from '../../formats/json-file.ts';
import { CliError } from '../errors.ts';
import { readTextFile } from '../io.ts';

const MAX_FILE_BYTES = 1 << 26;
const MAX_JOURNAL_BYTES = 1 << 29;
const resultsSchema = z.object({
  velum: z.literal('experiment'),
  id: z.string(),
  quick: z.boolean(),
  set: z.record(z.string(), z.array(cellSchema).min(1)).optional(),
  grid: z.array(rowSchema).min(1).optional(),
  seeds: z.array(z.int()).min(1),
  rows: z.array(rowSchema).min(1),
});
const sourceSchema = { name: z.string(), sha256: z.string() };
const verdictSchema = z.object({
  text: z.string(),
  verdict: z.enum(['held', 'did not hold', 'not decided']),
  reason: z.string(),
  setsHeld: z.int().nullable(),
  control: z.boolean(),
  timed: z.boolean(),
});
const recordSchema = z.object({
  velum: z.literal('experiment run'),
  shards: z.array(z.looseObject({ index: z.int(), count: z.int() })).optional(),
  id: z.string(),
  file: z.object({ ...sourceSchema, others: z.array(z.object(sourceSchema)) }).optional(),
  command: z.string(),
  version: z.string(),
  program: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits are expected'),
  source: z.object({ commit: z.string().regex(/^[0-9a-f]{40,64}$/), isModified: z.boolean() }).nullable(),
  seeds: z.object({ from: z.int().min(1), count: z.int().min(1).max(1_000_000) }),
  set: z.record(z.string(), z.array(cellSchema)).optional(),
  grid: z.array(rowSchema).optional(),
  machine: z.object({
    system: z.string(),
    cpu: z.string(),
    cores: z.number(),
    memoryGiB: z.number(),
    node: z.string(),
  }),
  queue: z.literal(true).optional(),
  started: z.iso.datetime(),
  finished: z.iso.datetime(),
  jobSeconds: z.number(),
  measured: z.record(z.string(), z.number()),
  hypotheses: z.array(verdictSchema),
  rows: z.array(rowSchema),
});
const shardSchema = z.object({ index: z.int().min(1), count: z.int().min(1).max(1_000_000) });
const shardFileSchema = recordSchema.omit({ hypotheses: true, rows: true }).extend({
  velum: z.literal('experiment shard'),
  quick: z.boolean(),
  shard: shardSchema,
});

/**
 * The finished runs in a directory: its own, or those of its sub-directories.
 * @param own experiments of one's own, which runs are of
 * @throws {CliError} EXPERIMENT_FILES if there are none or one is not what a run writes
 */
export async function readRuns(dir: string, own: readonly FoundExperiment[] = []): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  for (const each of [dir, ...(await listing(dir)).directories])
    if ((await listing(each)).names.includes('results.json')) runs.push(await readRun(each, own));
  if (runs.length === 0) {
    const help = 'run one first: velum experiment run e2 --quick';
    throw new CliError('EXPERIMENT_FILES', `${dir} holds no finished run (results.json): ${help}`, {
      path: dir,
    });
  }
  const order = EXPERIMENTS.map(({ id }) => id);
  return runs.sort((a, b) => order.indexOf(a.experiment.id) - order.indexOf(b.experiment.id));
}

async function listing(dir: string): Promise<{ readonly names: string[]; readonly directories: string[] }> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const directories = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(dir, name));
    return { names: entries.map(({ name }) => name), directories: directories.sort() };
  } catch (cause) {
    const message = `${dir} is not a directory that can be read: name the --out of a run, or what holds several`;
    throw new CliError('EXPERIMENT_FILES', message, { path: dir }, cause);
  }
}

async function readRun(dir: string, own: readonly FoundExperiment[]): Promise<FinishedRun> {
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T> =>
    readJson(
      schema,
      await readTextFile(join(dir, name), MAX_FILE_BYTES),
      join(basename(dir), name),
      CliError.of('EXPERIMENT_FILES'),
    );
  const results = await read('results.json', resultsSchema);
  const record = (await read('run.json', recordSchema)) as RunRecord;
  const { experiment: unchanged, place } = experimentOfRun(dir, results.id, record, own);
  const { quick, seeds, set = {} } = results;
  const refuse = (why: string): never => {
    throw new CliError('EXPERIMENT_FILES', `${dir}: ${why}; run it again`, { path: dir });
  };
  if (!isChangeOf(unchanged, set)) refuse(`${unchanged.id} has no grid with ${changeText(set)}`);
  const experiment = withGrid(unchanged, set);
  if (isChanged(set) && JSON.stringify(results.grid) !== JSON.stringify(ranGrid(experiment, quick)))
    refuse(`its grid is not that of ${unchanged.id} with ${changeText(set)}`);
  const timed: readonly string[] = experiment.timed ?? [];
  if (
    record.id !== results.id ||
    JSON.stringify(record.set ?? {}) !== JSON.stringify(set) ||
    record.rows.length !== (timed.length === 0 ? 0 : results.rows.length) ||
    record.rows.some((row) => Object.keys(row).some((column) => !timed.includes(column)))
  )
    refuse('run.json and results.json are of two runs');
  const rows = results.rows.map((each, i): Row => ({ ...each, ...record.rows[i] }));
  const problem = problemOfRows(experiment, quick, seeds, rows);
  if (problem !== undefined)
    refuse(`results.json is no run of ${experiment.id} as this version has it: ${problem}`);
  return {
    experiment,
    place,
    quick,
    set,
    seeds,
    hypotheses: verdictsOf(experiment, seeds, rows),
    rows,
    record,
  };
}

/** The experiment that a run is of: the package's, or the one of the very file that its record names. */
export function experimentOfRun(
  dir: string,
  id: string,
  { file }: Pick<RunRecord, 'file'>,
  own: readonly FoundExperiment[],
): FoundExperiment {
  const published = EXPERIMENTS.find((each) => each.id === id);
  if (file === undefined && published !== undefined) return packaged(published);
  const found = own.find(({ place }) => JSON.stringify(place.own!.file) === JSON.stringify(file));
  if (found?.experiment.id === id) return found;
  const refuse = (why: string): never => {
    throw new CliError('EXPERIMENT_FILES', `${dir}: ${why}`, { path: dir });
  };
  if (file === undefined) return refuse(`${id} is no experiment of this version; run it again`);
  const isOther = own.some(({ experiment }) => experiment.id === id);
  return refuse(
    isOther
      ? `${id} ran from another version of ${file.name} (SHA-256 ${file.sha256}) or of what it imports or reads: run it again, or name that version with --file`
      : `${id} is an experiment of one's own: name its file as well, --file ${file.name}`,
  );
}

/**
 * A finished part of a run, and the experiment with the grid that it is of.
 * @throws {CliError} EXPERIMENT_FILES
 */
export async function readShard(
  dir: string,
  own: readonly FoundExperiment[],
): Promise<FoundShard & { readonly experiment: Experiment }> {
  const refuse = (why: string): never => {
    throw new CliError('EXPERIMENT_FILES', `${dir} ${why}`, { path: dir });
  };
  if (!(await listing(dir)).names.includes(SHARD_FILE))
    refuse(`holds no finished part of a run (${SHARD_FILE}): run it to its end with --shard`);
  const path = join(dir, SHARD_FILE);
  const text = await readTextFile(path, MAX_FILE_BYTES);
  const refusal = CliError.of('EXPERIMENT_FILES');
  const file = readJson(shardFileSchema, text, join(basename(dir), SHARD_FILE), refusal) as ShardFile;
  const { experiment: unchanged } = experimentOfRun(dir, file.id, file, own);
  const { set = {} } = file;
  if (!isChangeOf(unchanged, set)) refuse(`: ${unchanged.id} has no grid with ${changeText(set)}`);
  const experiment = withGrid(unchanged, set);
  const done = jobsIn(await readTextFile(join(dir, JOURNAL_FILE), MAX_JOURNAL_BYTES), experiment);
  return { dir, file, done, experiment };
}
