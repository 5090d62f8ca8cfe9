/** What a worker is for: see `messages.ts`. */
export type WorkerName = 'chain' | 'wallet' | 'bench';

/** All workers are one program, of which each loads its part: what the parts have in common the browser keeps once. */
export const startWorker = (name: WorkerName): Worker =>
  new Worker(new URL('./entry.ts', import.meta.url), { type: 'module', name });
