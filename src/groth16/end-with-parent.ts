import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Where a process of a pool finds the pipe that its parent holds open and that nobody writes to. */
export const PARENT_PIPE = 4;

// Tests run from src/, where Node cannot start TypeScript: they start the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/groth16/parent-watch.js' : './parent-watch.js',
    import.meta.url,
  ),
);

/**
 * Ends this process, which a `ChildPool` has started, as soon as its parent is gone, however that ended. A thread looks, for the process
 * itself may compute for minutes without looking up. Signals that a terminal sends to all are left to the parent, which decides.
 */
export function endWithParent(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  new Worker(ENTRY, { execArgv: [], workerData: PARENT_PIPE }).unref();
}
