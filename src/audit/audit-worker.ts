/** The thread behind audit-thread.ts: one circuit, or one certificate, then its end. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadWork } from './audit-thread.ts';
import { checkCertificateFile } from './certificate/check-file.ts';
import { examine } from './examine.ts';
import { refuseLarge } from './memory.ts';
import type { Ending } from './uniqueness.ts';

const begun = Date.now();
const post = (answer: ThreadAnswer): void => parentPort?.postMessage(answer);

async function audit({ request, stop, budgetMs, heapMib }: ThreadWork & { kind: 'audit' }): Promise<void> {
  const flag = new Int32Array(stop);
  refuseLarge(request.files.r1cs.bytes, heapMib);
  await examine(request, {
    // The proof may take three quarters of the time, so that some is left to forge.
    endingAt: (stage): Ending | undefined => {
      if (Atomics.load(flag, 0) !== 0) return 'interrupted';
      const allowed = stage === 'proving' ? 0.75 * budgetMs : budgetMs;
      return Date.now() - begun > allowed ? 'out of time' : undefined;
    },
    onStage: (stage, done, total) => post({ stage, done, total }),
    onAnswer: (answer) => post({ answer }),
    onChecks: (checks) => post({ checks }),
  });
  post({ isDone: true });
}

function check({ certificate, r1cs, heapMib }: ThreadWork & { kind: 'check' }): void {
  refuseLarge(r1cs, heapMib);
  post({ checked: checkCertificateFile(certificate, r1cs) });
}

try {
  const work = workerData as ThreadWork;
  if (work.kind === 'audit') await audit(work);
  else check(work);
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  post({ error: { code: code ?? '', message } });
}
