import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { assert } from '../base/errors.ts';
import { Groth16Error } from '../groth16/errors.ts';
import type { AuditResult } from './audit.ts';
import type { CheckedCertificate } from './certificate/check-file.ts';
import { AuditError } from './errors.ts';
import type { AuditRequest, OutputsAnswer } from './examine.ts';
import { heapMib, tooLarge } from './memory.ts';
import type { Ending } from './uniqueness.ts';

/** What the thread is started with: a circuit to audit, or a certificate to go through. See audit-worker.ts. */
export type ThreadWork = { readonly heapMib: number } & (
  | {
      readonly kind: 'audit';
      readonly request: AuditRequest;
      /** Shared: not 0 asks the thread to end with what it has. */
      readonly stop: SharedArrayBuffer;
      readonly budgetMs: number;
    }
  | { readonly kind: 'check'; readonly certificate: string; readonly r1cs: Uint8Array }
);
export type ThreadAnswer =
  | { readonly stage: string; readonly done: number; readonly total: number }
  | { readonly answer: OutputsAnswer }
  /** The checks at witnesses so far. */
  | { readonly checks: AuditResult }
  | { readonly checked: CheckedCertificate }
  | { readonly isDone: true }
  | { readonly error: { readonly code: string; readonly message: string } };

/** What came of an audit. */
export interface Examined {
  readonly answer: OutputsAnswer;
  /** Undefined without a witness, or over another field than BN254's. */
  readonly checks: AuditResult | undefined;
  /** Why the checks at witnesses ended before they were through. */
  readonly ended: Ending | undefined;
}

/** Milliseconds for the checks at witnesses, at least. */
const MIN_CHECKS_MS = 60_000;

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
 * @param signal   ends them, too
 * @param limits   MiB of heap that the thread may take; milliseconds for the checks at witnesses: as many again, and at least a minute
 * @throws {Groth16Error} CIRCUIT_FILE
 * @throws {AuditError} of any code
 */
export async function auditInThread(
  request: AuditRequest,
  budgetMs: number,
  signal: AbortSignal,
  onStage: (stage: string, done: number, total: number) => void,
  limits: { readonly heapMib?: number; readonly checksMs?: number } = {},
): Promise<Examined> {
  const stop = new SharedArrayBuffer(4);
  let answer: OutputsAnswer | undefined;
  let checks: AuditResult | undefined;
  let timer: NodeJS.Timeout | undefined;
  const work: ThreadWork = { kind: 'audit', request, stop, budgetMs, heapMib: limits.heapMib ?? heapMib() };
  const checksMs = limits.checksMs ?? Math.max(budgetMs, MIN_CHECKS_MS);
  let onAbort: () => void = () => {};
  const stopThread = (): void => {
    Atomics.store(new Int32Array(stop), 0, 1);
    onAbort();
  };
  signal.addEventListener('abort', stopThread);
  if (signal.aborted) stopThread();
  try {
    return await inThread<Examined>(work, (said, resolve) => {
      const end = (ended: Ending | undefined): void => {
        if (answer !== undefined) resolve({ answer, checks, ended });
      };
      onAbort = () => end('interrupted');
      if ('stage' in said) onStage(said.stage, said.done, said.total);
      else if ('checks' in said) checks = said.checks;
      else if ('isDone' in said) end(undefined);
      else if ('answer' in said) {
        answer = said.answer;
        timer = setTimeout(() => end('out of time'), checksMs);
      }
      if (signal.aborted) end('interrupted');
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stopThread);
  }
}

/**
 * Goes through a certificate in a thread of its own, so that this one hears Ctrl-C: see `checkCertificateFile`.
 * @throws {AuditError} CERTIFICATE_FILE, AUDIT_FIELD, AUDIT_MEMORY
 * @throws {Groth16Error} CIRCUIT_FILE
 */
export function checkInThread(
  certificate: string,
  r1cs: Uint8Array,
  atMost = heapMib(),
): Promise<CheckedCertificate> {
  return inThread({ kind: 'check', certificate, r1cs, heapMib: atMost }, (said, resolve) => {
    if ('checked' in said) resolve(said.checked);
  });
}

/** Starts the thread, hears what it says until there is a result, and ends it. */
async function inThread<T>(
  work: ThreadWork,
  hear: (said: ThreadAnswer, resolve: (result: T) => void) => void,
): Promise<T> {
  const worker = new Worker(ENTRY, {
    workerData: work,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: work.heapMib },
  });
  try {
    return await new Promise<T>((resolve, reject) => {
      worker.on('message', (said: ThreadAnswer) => {
        if ('error' in said) reject(errorOf(said.error));
        else hear(said, resolve);
      });
      worker.on('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge(work.heapMib) : error),
      );
      worker.on('exit', (code) => reject(new Error(`the thread of the audit ended with code ${code}`)));
    });
  } finally {
    await worker.terminate();
  }
}

/** An error of the thread, as it was thrown there. */
function errorOf({ code, message }: { readonly code: string; readonly message: string }): Error {
  if (code === 'CIRCUIT_FILE') return new Groth16Error('CIRCUIT_FILE', message);
  if (Object.hasOwn(AuditError.codes, code))
    return new AuditError(code as keyof typeof AuditError.codes, message);
  assert(code === '', `an error of the audit's thread has a code that is known: ${code}: ${message}`);
  return new Error(message);
}
