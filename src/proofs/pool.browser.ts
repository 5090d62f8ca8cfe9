import { VelumError } from '../base/errors.ts';
import type { WebWorker, WebWorkerClass } from '../base/web-worker.ts';
import { Groth16Error } from '../groth16/errors.ts';
import type { ProvedStatement } from '../groth16/proved-statement.ts';
import type { CircuitName } from './circuits.ts';
import { ProofsError } from './errors.ts';
import { KEYS_DIR } from './key-files.ts';
import type { ProverPoolOptions } from './pool.ts';
import type { ProofAnswer, ProofRequest, ProofStage } from './proof-answering.ts';
import type { ProveOptions, Prover, ProverStage } from './prover.ts';
import type { ProverWorkerRequest } from './prover-worker.browser.ts';
import { flattenSignals, type Signals } from './signals.ts';

declare const Worker: WebWorkerClass;

interface Running {
  readonly circuit: CircuitName;
  readonly resolve: (proved: ProvedStatement) => void;
  readonly reject: (error: Error) => void;
  readonly onStage: ((stage: ProverStage) => void) | undefined;
}

/** A prover in a worker of a browser, which cuts each proof among two: what a page proves is one trader's. See `pool.ts`. */
export const openProverPool = ({
  keysDir = KEYS_DIR,
  manifestHash,
}: Pick<ProverPoolOptions, 'keysDir' | 'manifestHash'> = {}): Prover =>
  new WorkerProver({ keysDir, manifestHash });

class WorkerProver implements Prover {
  readonly #keys: ProverWorkerRequest;
  readonly #running = new Map<number, Running>();
  #worker: WebWorker | undefined;
  #nextId = 0;
  #isClosed = false;

  constructor(keys: ProverWorkerRequest) {
    this.#keys = keys;
  }

  prove(
    circuit: CircuitName,
    signals: Signals,
    { signal, onStage }: ProveOptions = {},
  ): Promise<ProvedStatement> {
    const what = { circuit };
    if (this.#isClosed)
      return Promise.reject(new ProofsError('PROVER_CLOSED', `the prover of ${circuit} was closed`, what));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const flat = flattenSignals(circuit, signals);
      this.#running.set(id, { circuit, resolve, reject, onStage });
      signal?.addEventListener('abort', () => {
        if (!this.#running.has(id)) return;
        // Nothing else stops a proof under way.
        this.#end(new ProofsError('PROVER_CANCELLED', `a proof of ${circuit} was given up`, what));
      });
      const request: ProofRequest = { id, circuit, signals: flat };
      this.#started().postMessage(request);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end(new Groth16Error('PROVER_FAILED', 'the prover was closed before its proof was made'));
  }

  #started(): WebWorker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./prover-worker.browser.js', import.meta.url), { type: 'module' });
    worker.postMessage(this.#keys);
    worker.onmessage = ({ data }: { readonly data: ProofStage | ProofAnswer }) => this.#heard(data);
    worker.onerror = ({ message }) =>
      this.#end(new Groth16Error('PROVER_FAILED', `the proving worker ended: ${message}`));
    this.#worker = worker;
    return worker;
  }

  #heard(said: ProofStage | ProofAnswer): void {
    const job = this.#running.get(said.id);
    if (job === undefined) return;
    if ('stage' in said) return job.onStage?.(said.stage);
    this.#running.delete(said.id);
    if ('proved' in said) job.resolve(said.proved);
    else job.reject(new VelumError(said.error, said.error.message, said.error.data));
  }

  #end(error: Error): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#running.values()) reject(error);
    this.#running.clear();
  }
}
