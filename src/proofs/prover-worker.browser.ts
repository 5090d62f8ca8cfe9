/** The worker behind pool.browser.ts: is told where the keys are, then makes one proof after the other. */
import type { WebWorkerScope } from '../base/web-worker.ts';
import { type ProofAnswer, type ProofRequest, proofAnswering } from './proof-answering.ts';
import { loadCircuit } from './registry.ts';
import { wasmProver } from './wasm-circuit-prover.ts';

export interface ProverWorkerRequest {
  readonly keysDir: string;
  readonly manifestHash: string | undefined;
}

const scope = globalThis as unknown as WebWorkerScope;
let answer: ((request: ProofRequest) => Promise<ProofAnswer>) | undefined;
let last: Promise<unknown> = Promise.resolve();
scope.onmessage = ({ data }: { readonly data: ProverWorkerRequest | ProofRequest }) => {
  if ('keysDir' in data) {
    const { keysDir, manifestHash } = data;
    answer = proofAnswering(
      async (circuit) =>
        wasmProver(await loadCircuit(circuit, keysDir, manifestHash), { isThreaded: true, keepsSums: false }),
      (stage) => scope.postMessage(stage),
    );
    return;
  }
  last = last.then(async () => scope.postMessage(await answer?.(data)));
};
