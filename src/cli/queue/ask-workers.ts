import { setTimeout as pause } from 'node:timers/promises';
import type { QueueAddress } from '../../queue/address.ts';
import { openConnection, type QueueConnection } from '../../queue/connection.ts';
import { FAREWELL_MS } from '../../queue/limits.ts';
import type { Present } from '../../queue/roll-call.ts';
import { exitCodeOf, stopSignal } from '../interrupt.ts';
import type { Terminal } from '../io.ts';

/** What work that asks a queue is given. */
export interface Asking {
  readonly connection: QueueConnection;
  readonly signal: AbortSignal;
  readonly onPresent: (workers: readonly Present[]) => void;
}

/**
 * Does work that asks the workers of a queue. The first Ctrl-C lets it take back what no worker holds, and ends the program then; a second
 * one does not wait for that.
 * @param name    of the queue among those of the server
 * @param needed  what a worker is started with that takes these tasks
 * @throws {QueueError} QUEUE_UNREACHABLE, QUEUE_REFUSED; what `work` throws
 */
export async function askingWorkers<T>(
  terminal: Terminal,
  address: QueueAddress,
  name: string,
  needed: string,
  work: (asking: Asking) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(address);
  const controller = new AbortController();
  const { signal } = controller;
  try {
    const done = work({ connection, signal, onPresent: tellsOfWorkers(terminal, name, needed) });
    void stopSignal().then(async (stopped) => {
      controller.abort();
      await Promise.race([done.catch(() => {}), pause(FAREWELL_MS)]);
      process.exit(exitCodeOf(stopped));
    });
    return await done;
  } catch (error) {
    if (signal.aborted) await new Promise(() => {});
    throw error;
  } finally {
    connection.close();
  }
}

/** Says when nobody takes the tasks, and why those who are there do not. */
function tellsOfWorkers(
  { err }: Terminal,
  name: string,
  needed: string,
): (workers: readonly Present[]) => void {
  let looks = 0;
  let told = '';
  return (workers) => {
    looks += 1;
    const takes = workers.filter(({ queues }) => queues.includes(name)).length;
    // Who starts both at once is not told that the other is late.
    if (takes > 0 || looks < 3) return;
    const versions = [...new Set(workers.map(({ version }) => version))].sort().slice(0, 5).join(', ');
    const why =
      workers.length === 0
        ? 'no worker is there'
        : `none of the ${workers.length} workers that are there takes these tasks (version ${versions}): they are of another version of the program, or have not what it needs`;
    if (why === told) return;
    told = why;
    void err(`velum: ${why}; start some: ${needed}\n`);
  };
}
