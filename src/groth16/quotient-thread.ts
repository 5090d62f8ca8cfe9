import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { KernelPath } from '../wasm/field-constants.ts';
import { Groth16Error } from './errors.ts';
import type { Sum } from './kept-sums.ts';

/** What the thread is started with, and asked: see quotient-worker.ts. */
export interface QuotientWork {
  readonly zkey: Uint8Array;
  readonly path: KernelPath;
  readonly keepsSums: boolean;
}
export interface QuotientRequest {
  readonly witness: Uint8Array;
  readonly blinds: readonly [bigint, bigint];
}

/** Makes the sum over C and H in a thread of its own: it needs nothing of the other sums of a proof. */
export interface QuotientThread {
  /** @throws {Groth16Error} PROVER_FAILED if the thread has ended */
  sum(witness: Uint8Array, blinds: readonly [bigint, bigint]): Promise<Sum>;
  close(): Promise<void>;
}

// Tests run from src/, where Node cannot start TypeScript: they start the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/groth16/quotient-worker.js' : './quotient-worker.js',
    import.meta.url,
  ),
);

/** Starts the thread and waits until it holds the key. It does not keep a process alive. */
export async function startQuotientThread(work: QuotientWork): Promise<QuotientThread> {
  const worker = new Worker(ENTRY, { workerData: work, execArgv: [] });
  const waiting: { resolve: (sum: Sum) => void; reject: (error: Error) => void }[] = [];
  const failed = (why: string): Error =>
    new Groth16Error('PROVER_FAILED', `the second thread of a proof ended: ${why}`);
  let end: Error | undefined;
  const fail = (error: Error): void => {
    end ??= error;
    for (const { reject } of waiting.splice(0)) reject(end);
  };
  worker.on('message', (sum: Sum | 'ready') => {
    waiting.shift()?.resolve(sum === 'ready' ? undefined : sum);
    if (waiting.length === 0) worker.unref();
  });
  worker.on('error', (error) => fail(failed(error.message)));
  worker.on('exit', (code) => fail(failed(`exit code ${code}`)));
  const answer = (): Promise<Sum> =>
    end !== undefined
      ? Promise.reject(end)
      : new Promise((resolve, reject) => {
          waiting.push({ resolve, reject });
        });
  await answer();
  return {
    sum(witness, blinds) {
      const request: QuotientRequest = { witness, blinds };
      worker.ref();
      const sum = answer();
      worker.postMessage(request);
      return sum;
    },
    async close() {
      await worker.terminate();
    },
  };
}
