/** The thread behind audit-thread.ts: one circuit, then its end. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadWork } from './audit-thread.ts';
import { examine } from './examine.ts';
import type { Ending } from './uniqueness.ts';

const { request, stop, budgetMs } = workerData as ThreadWork;
const flag = new Int32Array(stop);
const begun = Date.now();
const post = (answer: ThreadAnswer): void => parentPort?.postMessage(answer);

/** The proof may take three quarters of the time, so that some is left to forge. */
function endingAt(stage: 'proving' | 'forging'): Ending | undefined {
  if (Atomics.load(flag, 0) !== 0) return 'interrupted';
  return Date.now() - begun > (stage === 'proving' ? 0.75 * budgetMs : budgetMs) ? 'out of time' : undefined;
}

try {
  await examine(request, {
    endingAt,
    onStage: (stage, done, total) => post({ stage, done, total }),
    onAnswer: (answer) => post({ answer }),
    onChecks: (checks) => post({ checks }),
  });
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  post({ error: { code: code ?? '', message } });
}
