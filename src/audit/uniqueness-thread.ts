import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { assert } from '../base/errors.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { AuditError } from './errors.ts';
import type { UniquenessRequest, UniquenessResult, UniquenessStage } from './uniqueness.ts';

/** What the thread is started with, and what it says: see uniqueness-worker.ts. */
export interface UniquenessWork {
  readonly request: UniquenessRequest;
  /** Shared: not 0 asks the thread to end with what it has. */
  readonly stop: SharedArrayBuffer;
  readonly budgetMs: number;
}
export type UniquenessAnswer =
  | { readonly stage: UniquenessStage; readonly decided: number; readonly total: number }
  | { readonly result: UniquenessResult }
  | { readonly error: { readonly code: string; readonly message: string } };

// Tests run from src/, where Node cannot start TypeScript: they start the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/audit/uniqueness-worker.js' : './uniqueness-worker.js',
    import.meta.url,
  ),
);

/**
 * Proves or forges in a thread of its own, so that this one hears Ctrl-C: the first one ends the search with what it has.
 * @param budgetMs after which it ends by itself
 * @throws {Groth16Error} CIRCUIT_FILE
 * @throws {AuditError} AUDIT_FIELD
 */
export async function auditUniquenessInThread(
  request: UniquenessRequest,
  budgetMs: number,
  onStage: (stage: UniquenessStage, decided: number, total: number) => void,
): Promise<UniquenessResult> {
  const stop = new SharedArrayBuffer(4);
  const work: UniquenessWork = { request, stop, budgetMs };
  const worker = new Worker(ENTRY, {
    workerData: work,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 4096 },
  });
  const interrupt = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  process.once('SIGINT', interrupt);
  try {
    return await new Promise<UniquenessResult>((resolve, reject) => {
      worker.on('message', (answer: UniquenessAnswer) => {
        if ('stage' in answer) onStage(answer.stage, answer.decided, answer.total);
        else if ('result' in answer) resolve(answer.result);
        else reject(errorOf(answer.error));
      });
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`the thread of the audit ended with code ${code}`)));
    });
  } finally {
    process.removeListener('SIGINT', interrupt);
    await worker.terminate();
  }
}

function errorOf({ code, message }: { readonly code: string; readonly message: string }): Error {
  if (code === 'CIRCUIT_FILE') return new Groth16Error('CIRCUIT_FILE', message);
  if (code === 'AUDIT_FIELD') return new AuditError('AUDIT_FIELD', message);
  assert(code === '', `an error of the audit's thread has a code that is known: ${code}`);
  return new Error(message);
}
