import type { Queue } from 'bullmq';
import type { QueueConnection } from './connection.ts';
import { QueueError } from './errors.ts';
import {
  ATTEMPTS,
  KEPT_EVENTS,
  KEPT_SECONDS,
  MAX_ANSWER_BYTES,
  MAX_TASK_BYTES,
  RETRY_AFTER_MS,
} from './limits.ts';

/** Before the names of all keys in Redis. */
export const KEY_PREFIX = 'velum';

/** Something to be done by a worker. Equal tasks have equal ids, so that one who asks again finds what was answered. */
export interface Task {
  /** Begins with a letter; letters and digits. */
  readonly id: string;
  /** At most `MAX_TASK_BYTES`. */
  readonly body: string;
}

/**
 * A queue as the one sees it who puts tasks and fetches answers. Results are looked up by the ids that were asked for, and their sizes
 * before their bytes: whatever else is in Redis is not read.
 */
export class TaskQueue {
  private readonly queue: Queue;
  private readonly connection: QueueConnection;
  private readonly keys: { readonly completed: string; readonly failed: string };

  private constructor(queue: Queue, connection: QueueConnection) {
    this.queue = queue;
    this.connection = connection;
    this.keys = { completed: queue.toKey('completed'), failed: queue.toKey('failed') };
  }

  /** @param name letters, digits and hyphens */
  static async open(connection: QueueConnection, name: string): Promise<TaskQueue> {
    const { Queue: BullQueue } = await import('bullmq');
    const queue = new BullQueue(name, {
      connection: connection.redis,
      prefix: KEY_PREFIX,
      streams: { events: { maxLen: KEPT_EVENTS } },
      defaultJobOptions: {
        attempts: ATTEMPTS,
        backoff: { type: 'fixed', delay: RETRY_AFTER_MS },
        removeOnComplete: { age: KEPT_SECONDS },
        removeOnFail: { age: KEPT_SECONDS },
        stackTraceLimit: 1,
      },
    });
    // What goes wrong is thrown by what was asked.
    queue.on('error', () => {});
    return new TaskQueue(queue, connection);
  }

  /**
   * Puts tasks that are not there yet; what failed before is tried anew.
   * @throws {QueueError} QUEUE_TASK if one is too large
   */
  async put(tasks: readonly Task[]): Promise<void> {
    if (tasks.length === 0) return;
    const large = tasks.find(({ body }) => body.length > MAX_TASK_BYTES);
    if (large !== undefined)
      throw new QueueError(
        'QUEUE_TASK',
        `a task of ${large.body.length} bytes is too large for a queue, which takes ${MAX_TASK_BYTES}: leave out --queue`,
        { task: large.id },
      );
    const { failed } = await this.finished(tasks.map(({ id }) => id));
    await this.remove(failed);
    await this.queue.addBulk(
      tasks.map(({ id, body }) => ({ name: 'task', data: body, opts: { jobId: id } })),
    );
  }

  /** Which of the tasks have ended. */
  async finished(
    ids: readonly string[],
  ): Promise<{ readonly completed: readonly string[]; readonly failed: readonly string[] }> {
    if (ids.length === 0) return { completed: [], failed: [] };
    const { redis } = this.connection;
    const among = async (key: string): Promise<string[]> => {
      const scores = await redis.zmscore(key, ...ids);
      return ids.filter((_, i) => scores[i] !== null);
    };
    const [completed, failed] = await Promise.all([among(this.keys.completed), among(this.keys.failed)]);
    return { completed, failed };
  }

  /** @returns the answer as text; null if there is none any more; undefined if it is too large or no text */
  answerOf(id: string): Promise<string | null | undefined> {
    return this.text(id, 'returnvalue', (stored) => {
      try {
        const value: unknown = JSON.parse(stored);
        return typeof value === 'string' ? value : undefined;
      } catch {
        return undefined;
      }
    });
  }

  /** Why a task failed; the same of what cannot be read. */
  reasonOf(id: string): Promise<string | null | undefined> {
    return this.text(id, 'failedReason', (stored) => stored);
  }

  private async text(
    id: string,
    field: string,
    read: (stored: string) => string | undefined,
  ): Promise<string | null | undefined> {
    const { redis } = this.connection;
    const key = this.queue.toKey(id);
    if ((await redis.hstrlen(key, field)) > MAX_ANSWER_BYTES) return undefined;
    const stored = await redis.hget(key, field);
    return stored === null ? null : read(stored);
  }

  /** Which of the tasks are not there: fetched by somebody else, or lost with the server's memory. */
  async missing(ids: readonly string[]): Promise<string[]> {
    const { redis } = this.connection;
    const there = await Promise.all(ids.map((id) => redis.exists(this.queue.toKey(id))));
    return ids.filter((_, i) => there[i] === 0);
  }

  /** Takes tasks away, but for those that a worker holds. */
  async remove(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.queue.remove(id)));
  }
}
