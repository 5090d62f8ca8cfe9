import { loadBatchKernels } from '../../src/proofs/wasm-batch-kernels.ts';

/** The arithmetic with which nodes run; `test/unit/proofs` compares it with noble's. */
export const kernels = await loadBatchKernels();
