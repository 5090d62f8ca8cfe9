/** The program of every worker of the page. Its name says which part it is, and what is told before that part is loaded waits for it. */
import '../shell/no-eval.ts';
import type { WorkerName } from './start.ts';

const PARTS: Readonly<Record<WorkerName, () => Promise<(message: never) => void>>> = {
  chain: async () => (await import('./chain-worker.ts')).hearChain,
  wallet: async () => (await import('./wallet-worker.ts')).hearWallet,
  bench: async () => (await import('./bench-worker.ts')).hearBench,
};

const part = PARTS[self.name as WorkerName]();
// A part that cannot be loaded ends the worker, as whoever started it is told.
addEventListener('message', ({ data }: MessageEvent) => {
  part.then((hear) => hear(data as never)).catch(reportError);
});
