import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { changeText, isChanged, isChangeOf, withGrid } from '../../experiments/changed-grid.ts';
import { problemOfRows } from '../../experiments/check-rows.ts';
import { ranGrid } from '../../experiments/define.ts';
import { EXPERIMENTS } from '../../experiments/registry.ts';
import type { FinishedRun } from '../../experiments/report.ts';
import type { RunRecord } from '../../experiments/results.ts';
import { cellSchema, type Row, rowSchema } from '../../experiments/row.ts';
import { verdictsOf } from '../../experiments/verdicts.ts';
import { readJson } from '../../formats/json-file.ts';
import { CliError } from '../errors.ts';
import { readTextFile } from '../io.ts';

const MAX_FILE_BYTES = 1 << 26;
const resultsSchema = z.object({
  velum: z.literal('experiment'),
  id: z.enum(EXPERIMENTS.map(({ id }) => id)),
  quick: z.boolean(),
  set: z.record(z.string(), z.array(cellSchema).min(1)).optional(),
  grid: z.array(rowSchema).min(1).optional(),
  seeds: z.array(z.int()).min(1),
  rows: z.array(rowSchema).min(1),
});
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
  id: z.string(),
  command: z.string(),
  version: z.string(),
  program: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits are expected'),
  source: z.object({ commit: z.string().regex(/^[0-9a-f]{40,64}$/), isModified: z.boolean() }).nullable(),
  seeds: z.object({ from: z.int(), count: z.int() }),
  set: z.record(z.string(), z.array(cellSchema)).optional(),
  grid: z.array(rowSchema).optional(),
  machine: z.object({
    system: z.string(),
    cpu: z.string(),
    cores: z.number(),
    memoryGiB: z.number(),
    node: z.string(),
  }),
  started: z.iso.datetime(),
  finished: z.iso.datetime(),
  jobSeconds: z.number(),
  measured: z.record(z.string(), z.number()),
  hypotheses: z.array(verdictSchema),
  rows: z.array(rowSchema),
});

/**
 * The finished runs in a directory: its own, or those of its sub-directories.
 * @throws {CliError} EXPERIMENT_FILES if there are none or one is not what a run writes
 */
export async function readRuns(dir: string): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  for (const each of [dir, ...(await listing(dir)).directories])
    if ((await listing(each)).names.includes('results.json')) runs.push(await readRun(each));
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

async function readRun(dir: string): Promise<FinishedRun> {
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T> =>
    readJson(
      schema,
      await readTextFile(join(dir, name), MAX_FILE_BYTES),
      join(basename(dir), name),
      CliError.of('EXPERIMENT_FILES'),
    );
  const results = await read('results.json', resultsSchema);
  const record: RunRecord = await read('run.json', recordSchema);
  const published = EXPERIMENTS.find(({ id }) => id === results.id)!;
  const { quick, seeds, set = {} } = results;
  const refuse = (why: string): never => {
    throw new CliError('EXPERIMENT_FILES', `${dir}: ${why}; run it again`, { path: dir });
  };
  if (!isChangeOf(published, set)) refuse(`${published.id} has no grid with ${changeText(set)}`);
  const experiment = withGrid(published, set);
  if (isChanged(set) && JSON.stringify(results.grid) !== JSON.stringify(ranGrid(experiment, quick)))
    refuse(`its grid is not that of ${published.id} with ${changeText(set)}`);
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
  return { experiment, quick, set, seeds, hypotheses: verdictsOf(experiment, seeds, rows), rows, record };
}
