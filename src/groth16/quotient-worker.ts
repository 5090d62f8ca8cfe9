/** The thread behind quotient-thread.ts: reads the key, says that it is ready, then answers each request in its turn. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadKernels } from '../wasm/load.ts';
import { ProverCore } from './prover-core.ts';
import { parseProvingKey } from './proving-key.ts';
import type { QuotientRequest, QuotientWork } from './quotient-thread.ts';

const { zkey, path, keepsSums } = workerData as QuotientWork;
const kernels = await loadKernels(path);
const key = parseProvingKey(zkey);
const core = new ProverCore(kernels, key, { share: 'quotient', keepsSums });
parentPort?.on('message', ({ witness, blinds }: QuotientRequest) => {
  parentPort?.postMessage(core.sums(witness, blinds).CH);
});
parentPort?.postMessage('ready');
