import { ChildPool } from '../groth16/child-pool.ts';
import type { ExperimentProblem } from './check-experiment.ts';
import type { Job, Measured } from './define.ts';
import { ExperimentError } from './errors.ts';
import type { ExperimentPlace } from './own-experiment.ts';
import type { Row } from './row.ts';

/** From the runner to a worker process. */
export type WorkerRequest =
  | { readonly type: 'check'; readonly path: string }
  | { readonly type: 'measure'; readonly place: ExperimentPlace; readonly quick: boolean }
  | { readonly type: 'run'; readonly place: ExperimentPlace; readonly job: Job; readonly measured: Measured };

export type WorkerAnswer =
  | { readonly type: 'checked'; readonly problems: readonly ExperimentProblem[] }
  | { readonly type: 'measured'; readonly measured: Measured }
  | { readonly type: 'ran'; readonly rows: readonly Row[]; readonly ms: number }
  | { readonly type: 'failed'; readonly code?: string; readonly message: string };

/** Processes that compute, so that this one stays free for a person. A simulation under way does not look up: it may take minutes. */
export class Workers {
  private readonly children: ChildPool<WorkerRequest, WorkerAnswer>;
  private readonly isPublished: boolean;

  /**
   * @param entry       the module a worker process runs
   * @param isPublished whether jobs are of the package's own experiments and grids, which fail by a bug alone
   */
  constructor(entry: string, isPublished = true) {
    this.children = new ChildPool(entry);
    this.isPublished = isPublished;
  }

  /**
   * One request to one worker, of which a new one is started if none is idle.
   * @throws {ExperimentError} EXPERIMENT_FAILED, EXPERIMENT_JOB if the job throws or its process ends
   */
  async ask(request: WorkerRequest): Promise<WorkerAnswer> {
    const answer = await this.children.ask(request);
    if (answer.type !== 'failed' && answer.type !== 'ended') return answer;
    const why = answer.type === 'ended' ? `its process ended (${answer.how})` : answer.message;
    if (request.type === 'check')
      throw new ExperimentError('EXPERIMENT_FILE', why, { path: request.path, problems: [] });
    const { id } = request.place;
    const what = request.type === 'run' ? jobText(id, request.job) : `measuring for ${id}`;
    throw jobFailure(id, this.isPublished, `${what}: ${why}`);
  }

  close(): void {
    this.children.close();
  }
}

/** A job in words. */
export const jobText = (id: string, job: Job): string => `${JSON.stringify(job)} of ${id}`;

/** What a job fails with: a published one fails by a bug alone. */
export const jobFailure = (id: string, isPublished: boolean, message: string): Error =>
  new ExperimentError(isPublished ? 'EXPERIMENT_FAILED' : 'EXPERIMENT_JOB', message, { id });
