import { randomUUID } from 'node:crypto';
import type { Job, Worker } from 'bullmq';
import type { QueueConnection } from './connection.ts';
import {
  LOCK_MS,
  MAX_REASON_CHARS,
  MAX_STALLED,
  MAX_TASK_BYTES,
  RENEW_MS,
  STALLED_CHECK_MS,
} from './limits.ts';
import { KEY_PREFIX } from './task-queue.ts';

/** A task that this worker holds until it says what came of it. */
export interface HeldTask {
  readonly id: string;
  /** Hostile; undefined if it is too large or no text. */
  readonly body: string | undefined;
  /** None of these throws for a task that was lost meanwhile: another worker has it. */
  complete(answer: string): Promise<void>;
  fail(reason: string): Promise<void>;
  giveBack(): Promise<void>;
}

/** A queue as a worker sees it: takes one task at a time and renews its hold on those that it has. */
export class HeldTasks {
  private readonly worker: Worker;
  private readonly held = new Map<Job, string>();
  private readonly timer: NodeJS.Timeout;

  private constructor(worker: Worker) {
    this.worker = worker;
    this.timer = setInterval(() => void this.renew(), RENEW_MS);
  }

  /** @param name of the queue */
  static async open({ redis }: QueueConnection, name: string): Promise<HeldTasks> {
    const { Worker: BullWorker } = await import('bullmq');
    const worker = new BullWorker(name, null, {
      connection: redis,
      prefix: KEY_PREFIX,
      autorun: false,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MAX_STALLED,
    });
    // A connection that is gone fails what is asked next.
    worker.on('error', () => {});
    await worker.waitUntilReady();
    await worker.startStalledCheckTimer();
    return new HeldTasks(worker);
  }

  /** @returns undefined if none waits */
  async take(): Promise<HeldTask | undefined> {
    const token = randomUUID();
    const job = await this.next(token);
    if (job?.id === undefined) return undefined;
    this.held.set(job, token);
    const ending = async (end: () => Promise<unknown>): Promise<void> => {
      this.held.delete(job);
      await end().catch((error: unknown) => {
        if (!isLost(error)) throw error;
      });
    };
    const fail = (reason: string): Promise<void> =>
      ending(() => job.moveToFailed(withoutStack(reason.slice(0, MAX_REASON_CHARS)), token, false));
    if (job.deferredFailure) {
      await fail(`it lost its worker more than ${MAX_STALLED} times: it may be what ends them`);
      return undefined;
    }
    const data: unknown = job.data;
    return {
      id: job.id,
      body: typeof data === 'string' && data.length <= MAX_TASK_BYTES ? data : undefined,
      complete: (answer) => ending(() => job.moveToCompleted(answer, token, false)),
      fail,
      giveBack: () => ending(() => job.moveToWait(token)),
    };
  }

  private async next(token: string): Promise<Job | undefined> {
    try {
      return await this.worker.getNextJob(token, { block: false });
    } catch (error) {
      // The engine cannot read what it has taken: that is no task, and stays where nobody renews it.
      if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  /** A hold that cannot be renewed is lost; then another worker does the same once more. */
  private async renew(): Promise<void> {
    for (const [job, token] of this.held) await job.extendLock(token, LOCK_MS).catch(() => 0);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.worker.close(true).catch(() => {});
  }
}

/** The engine stores what an error says of its place: nothing here. */
function withoutStack(reason: string): Error {
  const error = new Error(reason);
  error.stack = reason;
  return error;
}

/** Whether the engine says that the task is not held any more, or not there. */
const isLost = (error: unknown): boolean =>
  error instanceof Error &&
  /Missing (lock|key) for job|lock mismatch|is not in the active state/i.test(error.message);
