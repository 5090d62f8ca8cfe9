/** The worker behind quotient-thread.browser.ts: is given the key, says that it is ready, then answers each request in its turn. */
import type { WebWorkerScope } from '../base/web-worker.ts';
import { loadKernels } from '../wasm/load.ts';
import { ProverCore } from './prover-core.ts';
import { parseProvingKey } from './proving-key.ts';
import type { QuotientRequest, QuotientWork } from './quotient-thread.ts';

const scope = globalThis as unknown as WebWorkerScope;
let core: ProverCore | undefined;
scope.onmessage = async ({ data }: { readonly data: QuotientWork | QuotientRequest }) => {
  if ('witness' in data) return scope.postMessage(core?.sums(data.witness, data.blinds).CH);
  const kernels = await loadKernels(data.path);
  core = new ProverCore(kernels, parseProvingKey(data.zkey), {
    share: 'quotient',
    keepsSums: data.keepsSums,
  });
  scope.postMessage('ready');
};
