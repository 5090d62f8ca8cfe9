import type { WebWorkerClass } from '../base/web-worker.ts';
import { Groth16Error } from './errors.ts';
import type { Sum } from './kept-sums.ts';
import type { QuotientRequest, QuotientThread, QuotientWork } from './quotient-thread.ts';

declare const Worker: WebWorkerClass;

/** The thread of `quotient-thread.ts` as a worker of a browser. */
export async function startQuotientThread(work: QuotientWork): Promise<QuotientThread> {
  const worker = new Worker(new URL('./quotient-worker.browser.js', import.meta.url), { type: 'module' });
  const waiting: { resolve: (sum: Sum) => void; reject: (error: Error) => void }[] = [];
  worker.onmessage = ({ data }: { readonly data: Sum | 'ready' }) =>
    waiting.shift()?.resolve(data === 'ready' ? undefined : data);
  let end: Error | undefined;
  worker.onerror = ({ message }) => {
    end ??= new Groth16Error('PROVER_FAILED', `the second thread of a proof ended: ${message}`);
    for (const { reject } of waiting.splice(0)) reject(end);
  };
  const ask = (message: QuotientWork | QuotientRequest): Promise<Sum> =>
    end !== undefined
      ? Promise.reject(end)
      : new Promise((resolve, reject) => {
          waiting.push({ resolve, reject });
          worker.postMessage(message);
        });
  await ask(work);
  return {
    sum: (witness, blinds) => ask({ witness, blinds }),
    close: async () => worker.terminate(),
  };
}
