import { randomUUID } from 'node:crypto';
import type { QueueConnection } from './connection.ts';
import { type HeldTask, HeldTasks } from './held-tasks.ts';
import { GRACE_MS, LOOK_MS, MAX_ANSWER_BYTES, REST_MS } from './limits.ts';
import { announce, takeLeave } from './roll-call.ts';

/** What became of a task. */
export type TaskOutcome =
  | { readonly answer: string }
  /** Told to the one who asked, in plain text: nothing secret. */
  | { readonly failure: string }
  /** This worker can do no more of them; the task goes back to the others. */
  | { readonly unable: Error };

/** What a worker does for one queue. */
export interface Service {
  /** Name of the queue. */
  readonly queue: string;
  /** @param body hostile */
  work(id: string, body: string): Promise<TaskOutcome>;
}

/** How many tasks a worker has done. */
export interface WorkerTally {
  readonly done: number;
  readonly failed: number;
  readonly givenBack: number;
}

export interface Serving {
  readonly connection: QueueConnection;
  readonly services: readonly Service[];
  /** Tasks at a time. */
  readonly lanes: number;
  /** Of the package. */
  readonly version: string;
  /** Says that no more is to be taken. */
  readonly signal: AbortSignal;
  readonly onTally?: (tally: WorkerTally) => void;
}

/**
 * Takes tasks of all queues in turn until it is stopped. What it holds then is finished, or given back after `GRACE_MS`.
 * @throws {QueueError} QUEUE_UNREACHABLE, QUEUE_REFUSED; the `unable` of a service
 */
export async function serve(serving: Serving): Promise<WorkerTally> {
  const { connection, services, lanes, version, signal } = serving;
  const sources: { readonly service: Service; readonly tasks: HeldTasks }[] = [];
  const name = randomUUID();
  const underWay = new Set<HeldTask>();
  const tally = { done: 0, failed: 0, givenBack: 0 };
  let unable: unknown;
  let wake = (): void => {};
  signal.addEventListener('abort', () => wake());
  /** Until a task ends or it is stopped, and no longer than said. */
  const change = async (atMostMs?: number): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (atMostMs !== undefined) timer = setTimeout(resolve, atMostMs);
    });
    clearTimeout(timer);
  };
  const present = { version, queues: services.map(({ queue }) => queue) };
  const announcing = setInterval(() => void announce(connection, name, present).catch(() => {}), LOOK_MS);

  async function workOn({ work }: Service, task: HeldTask): Promise<void> {
    const outcome: TaskOutcome =
      task.body === undefined ? { failure: 'it is too large, or no text' } : await work(task.id, task.body);
    if (!underWay.has(task)) return;
    if ('unable' in outcome) {
      unable ??= outcome.unable;
      tally.givenBack += 1;
      await task.giveBack();
    } else if ('failure' in outcome) {
      tally.failed += 1;
      await task.fail(outcome.failure);
    } else if (Buffer.byteLength(outcome.answer) > MAX_ANSWER_BYTES) {
      tally.failed += 1;
      await task.fail(`its answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    } else {
      tally.done += 1;
      await task.complete(outcome.answer);
    }
    serving.onTally?.(tally);
  }

  async function takeOne(): Promise<boolean> {
    const first = sources.shift()!;
    sources.push(first);
    const task = await first.tasks.take();
    if (task === undefined) return false;
    underWay.add(task);
    void workOn(first.service, task)
      .catch((error: unknown) => {
        unable ??= error;
      })
      .finally(() => {
        underWay.delete(task);
        wake();
      });
    return true;
  }

  try {
    await announce(connection, name, present);
    for (const service of services)
      sources.push({ service, tasks: await HeldTasks.open(connection, service.queue) });
    for (let empty = 0; !signal.aborted && unable === undefined; ) {
      if (underWay.size >= lanes) await change();
      else if (empty >= sources.length) {
        await change(REST_MS);
        empty = 0;
      } else empty = (await takeOne()) ? 0 : empty + 1;
    }
    const untilMs = performance.now() + GRACE_MS;
    for (let leftMs = GRACE_MS; underWay.size > 0 && leftMs > 0 && unable === undefined; ) {
      await change(leftMs);
      leftMs = untilMs - performance.now();
    }
    const left = [...underWay];
    underWay.clear();
    tally.givenBack += left.length;
    await Promise.all(left.map((task) => task.giveBack()));
    if (unable !== undefined) throw unable;
    return tally;
  } catch (error) {
    throw connection.failure(error);
  } finally {
    clearInterval(announcing);
    await takeLeave(connection, name).catch(() => {});
    for (const { tasks } of sources) await tasks.close();
  }
}
