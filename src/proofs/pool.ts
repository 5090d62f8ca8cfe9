import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { VelumError } from '../base/errors.ts';
import { atExit } from '../groth16/at-exit.ts';
import { Groth16Error } from '../groth16/errors.ts';
import type { ProvedStatement } from '../groth16/proved-statement.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import type { CircuitProverOptions, ProverKind } from './circuit-prover.ts';
import type { CircuitName } from './circuits.ts';
import { ProofsError } from './errors.ts';
import { KEYS_DIR } from './key-files.ts';
import type { ProofAnswer, ProofRequest, ProofStage } from './proof-answering.ts';
import type { ProveOptions, Prover, ProverStage } from './prover.ts';
import { flattenSignals, type Signals } from './signals.ts';

/** One finished proof, and how far the pool is. */
export interface ProverProgress {
  readonly circuit: CircuitName;
  /** Wall time in the proving process, ms; the first proof of a process includes its start. */
  readonly proveMs: number;
  /** Proofs finished and asked for since the pool was opened; failed ones count as neither. */
  readonly finished: number;
  readonly wanted: number;
}

export interface ProverPoolOptions {
  /** Proving processes, at most; one a core by default, for the most proofs a second; each takes about 200 MB. One: the least time a proof. */
  readonly processes?: number;
  /** Proofs that may wait for a process; more are refused with PROVER_BUSY. */
  readonly maxWaiting?: number;
  /** Keys folder; the package's own by default. */
  readonly keysDir?: string;
  /** SHA-256 of the keys folder's manifest, in hex, where keys come from somebody else: a proof with other ones is refused. */
  readonly manifestHash?: string;
  /** Who does the arithmetic of the proofs; our kernels by default. */
  readonly kind?: ProverKind;
  /** For proofs of one statement again and again: see `WasmProverOptions`. */
  readonly keepsSums?: boolean;
  /** Called after each finished proof. */
  readonly onProgress?: (progress: ProverProgress) => void;
}

interface Job {
  readonly circuit: CircuitName;
  readonly signals: FlatSignals;
  readonly resolve: (proved: ProvedStatement) => void;
  readonly reject: (error: VelumError) => void;
  readonly onStage: ((stage: ProverStage) => void) | undefined;
  isCancelled: boolean;
}

interface Worker {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** Circuits whose keys the process holds. */
  readonly warm: Set<CircuitName>;
  /** Whether it has ever answered. */
  isProven: boolean;
  /** `isBegun` once the process has said so. */
  running?: { readonly id: number; readonly job: Job; readonly since: number; isBegun: boolean };
}

const DEFAULT_MAX_WAITING = 1024;

// Tests run from src/, where Node cannot fork TypeScript: they fork the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/proofs/prover-process.js' : './prover-process.js',
    import.meta.url,
  ),
);

/**
 * Opens a pool of proving processes, forked as work comes: single-threaded, but a pool of one cuts each proof among two
 * cores (snarkjs: all).
 *
 * An idle pool does not keep the program alive, a proof under way does. A process that dies fails its proof with
 * PROVER_FAILED and is replaced for the next one; a proof that it had not begun, as it died idle, is given to its successor.
 * Processes end with the program: at once when it exits or Ctrl-C hits
 * the terminal, after the proof under way (about a second) when it is killed.
 */
export function openProverPool(options: ProverPoolOptions = {}): Prover {
  return new ProverPool(options);
}

class ProverPool implements Prover {
  readonly #processes: number;
  readonly #maxWaiting: number;
  readonly #keysDir: string;
  readonly #manifestHash: string | undefined;
  readonly #kind: ProverKind;
  readonly #keepsSums: boolean;
  readonly #onProgress: ((progress: ProverProgress) => void) | undefined;
  readonly #workers = new Set<Worker>();
  readonly #waiting: Job[] = [];
  #nextId = 0;
  #finished = 0;
  #closed = false;
  readonly #killAll = (): void => {
    for (const { child } of this.#workers) child.kill('SIGKILL');
  };
  readonly #forgetExit = atExit(this.#killAll);

  constructor(options: ProverPoolOptions) {
    this.#processes = Math.max(1, options.processes ?? availableParallelism());
    this.#maxWaiting = options.maxWaiting ?? DEFAULT_MAX_WAITING;
    this.#keysDir = options.keysDir ?? KEYS_DIR;
    this.#manifestHash = options.manifestHash;
    this.#kind = options.kind ?? 'wasm';
    this.#keepsSums = options.keepsSums ?? false;
    this.#onProgress = options.onProgress;
  }

  async prove(
    circuit: CircuitName,
    signals: Signals,
    { signal, onStage }: ProveOptions = {},
  ): Promise<ProvedStatement> {
    if (this.#closed) throw closedError(circuit);
    const flat = flattenSignals(circuit, signals);
    if (signal?.aborted === true) throw cancelledError(circuit);
    if (this.#running.length >= this.#processes && this.#waiting.length >= this.#maxWaiting) {
      const message = `${this.#waiting.length} proofs are waiting already; ask again when some are finished`;
      throw new ProofsError('PROVER_BUSY', message, { circuit, waiting: this.#waiting.length });
    }
    let cancel = (): void => {};
    const proved = new Promise<ProvedStatement>((resolve, reject) => {
      const job: Job = { circuit, signals: flat, resolve, reject, onStage, isCancelled: false };
      cancel = () => this.#cancel(job);
      this.#waiting.push(job);
      this.#dispatch();
    });
    signal?.addEventListener('abort', cancel, { once: true });
    return proved.finally(() => signal?.removeEventListener('abort', cancel));
  }

  /** A proof under way cannot be stopped but with its process; the next proof gets another one. */
  #cancel(job: Job): void {
    job.isCancelled = true;
    const at = this.#waiting.indexOf(job);
    if (at >= 0) this.#waiting.splice(at, 1);
    for (const { child, running } of this.#workers) if (running?.job === job) child.kill('SIGKILL');
    job.reject(cancelledError(job.circuit));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#forgetExit();
    for (const job of [...this.#running, ...this.#waiting.splice(0)]) job.reject(closedError(job.circuit));
    // An idle process is unreferenced; to wait for its end it must hold the event loop open again.
    for (const { child } of this.#workers) child.ref();
    this.#killAll();
    await Promise.all([...this.#workers].map(({ ended }) => ended));
  }

  /** Gives waiting jobs to idle processes, preferably to one that holds the circuit's keys. */
  #dispatch(): void {
    for (let job = this.#waiting[0]; job !== undefined; job = this.#waiting[0]) {
      const { circuit } = job;
      const idle = [...this.#workers].filter(({ running }) => running === undefined);
      const worker = idle.find(({ warm }) => warm.has(circuit)) ?? idle[0] ?? this.#startWorker();
      if (worker === undefined) return;
      this.#waiting.shift();
      this.#assign(worker, job);
    }
  }

  #startWorker(): Worker | undefined {
    if (this.#workers.size >= this.#processes) return undefined;
    // Many processes use the cores best with a thread each; one alone would leave the others idle.
    const options: CircuitProverOptions = {
      keysDir: this.#keysDir,
      ...(this.#manifestHash === undefined ? {} : { manifestHash: this.#manifestHash }),
      kind: this.#kind,
      isThreaded: this.#processes === 1,
      keepsSums: this.#keepsSums,
    };
    const child = fork(ENTRY, [JSON.stringify(options)], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let markEnded = (): void => {};
    const ended = new Promise<void>((resolve) => {
      markEnded = resolve;
    });
    const worker: Worker = { child, ended, warm: new Set(), isProven: false };
    const onEnd = (how: string): void => {
      markEnded();
      this.#onEnd(worker, how);
    };
    child.on('message', (answer) => this.#onAnswer(worker, answer as ProofAnswer | ProofStage));
    child.on('exit', (code, signal) => onEnd(signal === null ? `exit code ${code}` : `signal ${signal}`));
    child.on('error', (error) => onEnd(error.message));
    this.#workers.add(worker);
    return worker;
  }

  #assign(worker: Worker, job: Job): void {
    const id = this.#nextId++;
    worker.running = { id, job, since: performance.now(), isBegun: false };
    worker.warm.add(job.circuit);
    worker.child.ref();
    worker.child.channel?.ref();
    const request: ProofRequest = { id, circuit: job.circuit, signals: job.signals };
    // A failed send means that the process is gone, or is no longer to be trusted with the next request.
    worker.child.send(request, (error) => {
      if (error !== null) worker.child.kill('SIGKILL');
    });
  }

  #onAnswer(worker: Worker, answer: ProofAnswer | ProofStage): void {
    const running = worker.running;
    if (running === undefined || running.id !== answer.id) return;
    worker.isProven = true;
    running.isBegun = true;
    if ('stage' in answer) {
      running.job.onStage?.(answer.stage);
      return;
    }
    delete worker.running;
    worker.child.unref();
    worker.child.channel?.unref();
    const { job, since } = running;
    if ('error' in answer) {
      job.reject(new VelumError(answer.error, answer.error.message, answer.error.data));
    } else {
      job.resolve(answer.proved);
      this.#finished++;
      this.#onProgress?.({
        circuit: job.circuit,
        proveMs: performance.now() - since,
        finished: this.#finished,
        wanted: this.#finished + this.#running.length + this.#waiting.length,
      });
    }
    this.#dispatch();
  }

  #onEnd(worker: Worker, how: string): void {
    if (!this.#workers.delete(worker)) return;
    const { running, isProven } = worker;
    const job = running?.job;
    // It died idle, and the pool had not heard of it. No loop: one that dies before it ever answers fails its proof.
    if (running !== undefined && isProven && !running.isBegun && !running.job.isCancelled && !this.#closed)
      this.#waiting.unshift(running.job);
    else if (job !== undefined && !this.#closed) {
      const message = `a proving process ended (${how}) while it proved ${job.circuit}; ask for this proof again`;
      job.reject(new Groth16Error('PROVER_FAILED', message, { circuit: job.circuit, how }));
    }
    this.#dispatch();
  }

  get #running(): Job[] {
    return [...this.#workers].flatMap(({ running }) => running?.job ?? []);
  }
}

const closedError = (circuit: CircuitName): VelumError =>
  new ProofsError('PROVER_CLOSED', `the prover was closed before a proof of ${circuit} was made`, {
    circuit,
  });

const cancelledError = (circuit: CircuitName): VelumError =>
  new ProofsError('PROVER_CANCELLED', `a proof of ${circuit} was given up as its caller asked`, { circuit });
