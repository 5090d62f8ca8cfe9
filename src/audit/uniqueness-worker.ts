/** The thread behind uniqueness-thread.ts: one circuit, then its end. */
import { parentPort, workerData } from 'node:worker_threads';
import { auditUniqueness, type UniquenessStage } from './uniqueness.ts';
import type { UniquenessAnswer, UniquenessWork } from './uniqueness-thread.ts';

const { request, stop, budgetMs } = workerData as UniquenessWork;
const flag = new Int32Array(stop);
const begun = Date.now();
/** The proof may take three quarters of the time, so that some is left to forge. */
const isOver = (stage: UniquenessStage): boolean =>
  Atomics.load(flag, 0) !== 0 || Date.now() - begun > (stage === 'proving' ? 0.75 * budgetMs : budgetMs);
const post = (answer: UniquenessAnswer): void => parentPort?.postMessage(answer);
try {
  const result = auditUniqueness(request, isOver, (stage, decided, total) => post({ stage, decided, total }));
  post({ result });
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  post({ error: { code: code ?? '', message } });
}
