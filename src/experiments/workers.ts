import { type ChildProcess, fork } from 'node:child_process';
import { atExit } from '../groth16/at-exit.ts';
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

/**
 * Processes that compute, so that this one stays free for a person. They end with it: at once when it exits or Ctrl-C hits the
 * terminal, after the job under way, which may take minutes, when it is killed: a simulation does not look up.
 */
export class Workers {
  private readonly idle: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();
  private readonly entry: string;
  private readonly isPublished: boolean;
  private readonly forget: () => void;

  /**
   * @param entry       the module a worker process runs
   * @param isPublished whether jobs are of the package's own experiments and grids, which fail by a bug alone
   */
  constructor(entry: string, isPublished = true) {
    this.entry = entry;
    this.isPublished = isPublished;
    this.forget = atExit(() => this.kill());
  }

  /**
   * One request to one worker, of which a new one is started if none is idle.
   * @throws {ExperimentError} EXPERIMENT_FAILED, EXPERIMENT_JOB if the job throws or its process ends
   */
  async ask(request: WorkerRequest): Promise<WorkerAnswer> {
    const child = this.idle.pop() ?? this.start();
    const answer = await new Promise<WorkerAnswer>((resolve) => {
      const onEnd = (code: number | null, signal: string | null): void =>
        resolve({ type: 'failed', message: `its process ended (${signal ?? `exit code ${code}`})` });
      child.once('exit', onEnd);
      child.once('message', (message) => {
        child.off('exit', onEnd);
        resolve(message as WorkerAnswer);
      });
      child.send(request);
    });
    this.idle.push(child);
    if (answer.type !== 'failed') return answer;
    if (request.type === 'check') {
      const data = { path: request.path, problems: [] };
      throw new ExperimentError('EXPERIMENT_FILE', answer.message, data);
    }
    const { id } = request.place;
    const what = request.type === 'run' ? `${JSON.stringify(request.job)} of ${id}` : `measuring for ${id}`;
    const code = this.isPublished ? 'EXPERIMENT_FAILED' : 'EXPERIMENT_JOB';
    throw new ExperimentError(code, `${what}: ${answer.message}`, { id });
  }

  private start(): ChildProcess {
    const child = fork(this.entry, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.all.add(child);
    child.on('exit', () => this.all.delete(child));
    return child;
  }

  close(): void {
    this.forget();
    this.kill();
  }

  private kill(): void {
    for (const child of this.all) child.kill('SIGKILL');
  }
}
