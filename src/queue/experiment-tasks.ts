import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isChangeOf } from '../experiments/changed-grid.ts';
import type { Experiment, Job, Measured } from '../experiments/define.ts';
import { ExperimentError } from '../experiments/errors.ts';
import { foundSchema, measuredSchema } from '../experiments/journal.ts';
import { type ExperimentPlace, type FoundExperiment, packaged } from '../experiments/own-experiment.ts';
import { EXPERIMENTS } from '../experiments/registry.ts';
import { rowSchema } from '../experiments/row.ts';
import type { JobRunner } from '../experiments/run.ts';
import { jobFailure, jobText, type WorkerAnswer, type WorkerRequest } from '../experiments/workers.ts';
import type { ChildPool } from '../groth16/child-pool.ts';
import { collect } from './collect.ts';
import type { QueueConnection } from './connection.ts';
import type { Present } from './roll-call.ts';
import type { Service, TaskOutcome } from './serve.ts';
import { TaskQueue } from './task-queue.ts';

/** Of what tasks and answers say. */
const FORMAT = 1;

const hashOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/**
 * The queue that jobs of an experiment go through: one for the package's experiments of one version of the program, and one for each file of
 * one's own, by its hash and that of all it imports. So a worker never sees a job that it could not do, and nothing that
 * comes from a queue says which code runs.
 * @param program hash of the program's own files
 */
export const experimentQueue = ({ own }: ExperimentPlace, program: string): string =>
  own === undefined
    ? `experiments-${FORMAT}-${hashOf(program)}`
    : `own-experiments-${FORMAT}-${hashOf(program, own.file)}`;

const taskSchema = z.strictObject({
  id: z.string(),
  point: rowSchema,
  seed: z.int().min(1).max(2_000_000_000),
  measured: measuredSchema,
});

/** A job as a queue carries it. */
export const jobBody = (id: string, { point, seed }: Job, measured: Measured): string =>
  JSON.stringify({ id, point, seed, measured } satisfies z.infer<typeof taskSchema>);

/**
 * What a worker may run of what a queue says: a job of an experiment that it has, at a point that the experiment's grid, or a change of it,
 * can have.
 * @param body hostile
 * @returns    or what is wrong with it
 */
export function readJob(
  experiments: readonly FoundExperiment[],
  body: string,
): { readonly found: FoundExperiment; readonly job: Job; readonly measured: Measured } | string {
  const { data } = taskSchema.safeParse(parsed(body));
  if (data === undefined) return 'it is no job of an experiment';
  const { id, point, seed, measured } = data;
  const found = experiments.find(({ experiment }) => experiment.id === id);
  if (found === undefined) return 'it is of no experiment that this worker has';
  const columns = Object.keys(found.experiment.grid[0]!);
  const isPoint =
    Object.keys(point).length === columns.length &&
    isChangeOf(found.experiment, Object.fromEntries(Object.entries(point).map(([c, value]) => [c, [value]])));
  return isPoint ? { found, job: { point, seed }, measured } : 'it is of no point that the grid can have';
}

/** @param answer hostile. @returns what a job found, undefined if it cannot have found that */
export const readFound = (experiment: Experiment, answer: string) =>
  foundSchema(experiment).safeParse(parsed(answer)).data;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Runs jobs of an experiment on the workers of a queue. @param experiment with the grid that runs */
export const onQueue =
  (
    connection: QueueConnection,
    { experiment, place }: FoundExperiment,
    {
      program,
      isPublished,
      signal,
      onPresent,
    }: {
      readonly program: string;
      readonly isPublished: boolean;
      readonly signal: AbortSignal;
      readonly onPresent: (workers: readonly Present[]) => void;
    },
  ): JobRunner =>
  async (jobs, measured, onDone) => {
    const { id } = experiment;
    const asked = new Map<string, Job>(
      jobs.map((job) => [`job${hashOf(id, job.point, job.seed, measured)}`, job]),
    );
    await collect({
      connection,
      queue: await TaskQueue.open(connection, experimentQueue(place, program)),
      questions: [...asked].map(([task, job]) => ({ id: task, body: () => jobBody(id, job, measured) })),
      accept(task, answer) {
        const found = readFound(experiment, answer);
        if (found === undefined) return `no rows of ${id}`;
        onDone(asked.get(task)!, found);
        return undefined;
      },
      failed: (task, reason) => jobFailure(id, isPublished, `${jobText(id, asked.get(task)!)}: ${reason}`),
      onPresent,
      signal,
    });
  };

/**
 * What a worker does for experiments: those of the package, and those of files that its own command line named.
 * @param own of one file, or nothing for the package's
 */
export function experimentService(
  children: ChildPool<WorkerRequest, WorkerAnswer>,
  program: string,
  own?: FoundExperiment,
): Service {
  const experiments: readonly FoundExperiment[] = own === undefined ? EXPERIMENTS.map(packaged) : [own];
  return {
    queue: experimentQueue(experiments[0]!.place, program),
    async work(_, body): Promise<TaskOutcome> {
      const read = readJob(experiments, body);
      if (typeof read === 'string') return { failure: read };
      const { found, job, measured } = read;
      const answer = await children.ask({ type: 'run', place: found.place, job, measured });
      if (answer.type === 'ran') return { answer: JSON.stringify({ ms: answer.ms, rows: answer.rows }) };
      if (answer.type === 'ended') return { failure: `its process ended (${answer.how})` };
      if (answer.type !== 'failed') return { failure: 'its process answered something else' };
      // Its file is another one by now: those who have the old one go on.
      const path = found.place.own?.path;
      return path !== undefined && answer.code === 'EXPERIMENT_FILE'
        ? { unable: new ExperimentError('EXPERIMENT_FILE', answer.message, { path, problems: [] }) }
        : { failure: answer.message };
    },
  };
}
