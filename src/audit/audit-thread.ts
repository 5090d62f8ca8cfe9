import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { assert } from '../base/errors.ts';
import { Groth16Error } from '../groth16/errors.ts';
import type { AuditResult } from './audit.ts';
import { AuditError } from './errors.ts';
import type { AuditRequest, OutputsAnswer } from './examine.ts';

/** What the thread is started with, and what it says: see audit-worker.ts. */
export interface ThreadWork {
  readonly request: AuditRequest;
  /** Shared: not 0 asks the thread to end with what it has. */
  readonly stop: SharedArrayBuffer;
  readonly budgetMs: number;
}
export type ThreadAnswer =
  | { readonly stage: string; readonly done: number; readonly total: number }
  | { readonly answer: OutputsAnswer }
  | { readonly checks: AuditResult | undefined }
  | { readonly error: { readonly code: string; readonly message: string } };

/** What came of an audit. */
export interface Examined {
  readonly answer: OutputsAnswer;
  /** Undefined without a witness, over another field than BN254's, or if somebody did not wait for them. */
  readonly checks: AuditResult | undefined;
}

/** Heap of the thread, at most, MiB; less where the machine has less. */
const MAX_HEAP_MIB = 4096;

// Tests run from src/, where Node cannot start TypeScript: they start the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/audit/audit-worker.js' : './audit-worker.js',
    import.meta.url,
  ),
);

/**
 * Audits in a thread of its own, so that this one hears Ctrl-C and a circuit that is too large ends that thread alone.
 * @param budgetMs for proofs and forgeries, after which they end with what they have
 * @param signal   ends them, too; afterwards the checks at witnesses
 * @throws {Groth16Error} CIRCUIT_FILE
 * @throws {AuditError} of any code
 */
export async function auditInThread(
  request: AuditRequest,
  budgetMs: number,
  signal: AbortSignal,
  onStage: (stage: string, done: number, total: number) => void,
): Promise<Examined> {
  const stop = new SharedArrayBuffer(4);
  const work: ThreadWork = { request, stop, budgetMs };
  const heap = Math.min(MAX_HEAP_MIB, Math.floor((0.75 * totalmem()) / 2 ** 20));
  const worker = new Worker(ENTRY, {
    workerData: work,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heap },
  });
  let onAbort: () => void = () => {};
  try {
    return await new Promise<Examined>((resolve, reject) => {
      let answered: OutputsAnswer | undefined;
      onAbort = () => {
        Atomics.store(new Int32Array(stop), 0, 1);
        if (answered !== undefined) resolve({ answer: answered, checks: undefined });
      };
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      worker.on('message', (said: ThreadAnswer) => {
        if ('stage' in said) onStage(said.stage, said.done, said.total);
        else if ('answer' in said) answered = said.answer;
        else if ('checks' in said) resolve({ answer: answered!, checks: said.checks });
        else reject(errorOf(said.error));
        if (answered !== undefined && signal.aborted) onAbort();
      });
      worker.on('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge(heap) : error),
      );
      worker.on('exit', (code) => reject(new Error(`the thread of the audit ended with code ${code}`)));
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}

const tooLarge = (heap: number): Error =>
  new AuditError(
    'AUDIT_MEMORY',
    `the audit of this circuit needs more than ${heap} MiB of memory: audit its parts, each as a circuit of its own`,
  );

/** An error of the thread, as it was thrown there. */
function errorOf({ code, message }: { readonly code: string; readonly message: string }): Error {
  if (code === 'CIRCUIT_FILE') return new Groth16Error('CIRCUIT_FILE', message);
  if (Object.hasOwn(AuditError.codes, code))
    return new AuditError(code as keyof typeof AuditError.codes, message);
  assert(code === '', `an error of the audit's thread has a code that is known: ${code}: ${message}`);
  return new Error(message);
}
