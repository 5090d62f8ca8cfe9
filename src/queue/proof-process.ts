import { createHash } from 'node:crypto';
import { VelumError } from '../base/errors.ts';
import { endWithParent } from '../groth16/end-with-parent.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { readRegularFile } from '../groth16/regular-file.ts';
import { MAX_PROGRAM_BYTES } from '../groth16/wasm-limits.ts';
import { loadWasmProver, type WasmProver } from '../groth16/wasm-prover.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import { MAX_ZKEY_BYTES } from '../groth16/zkey.ts';
import { runWitnessProgram } from '../project/witness-thread.ts';

/** The files that prove a circuit, as this machine has them. */
export interface ProvingFiles {
  readonly name: string;
  readonly zkey: string;
  /** SHA-256 of the proving key, hex: which circuit, and which keys of it. */
  readonly zkeySha256: string;
  readonly wasm: string;
  /** Of the witness program. */
  readonly timeMs: number;
}

/** To a proving process. */
export interface BatchProofRequest {
  readonly files: ProvingFiles;
  /** Secret. */
  readonly signals: FlatSignals;
}

export type BatchProofAnswer =
  | { readonly type: 'proved'; readonly proof: Uint8Array; readonly publicSignals: bigint[] }
  /** An error crosses as its code and text, neither of which quotes a signal. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

const MEMORY_BYTES = 1 << 30;

// The entry of a process that proves for any circuit: one request at a time, the last circuit's keys kept.
let kept: { readonly zkeySha256: string; readonly prover: WasmProver; readonly wasm: Uint8Array } | undefined;

async function opened({ name, zkey, zkeySha256, wasm }: ProvingFiles) {
  if (kept?.zkeySha256 === zkeySha256) return kept;
  const bytes = await readRegularFile(zkey, MAX_ZKEY_BYTES);
  if (createHash('sha256').update(bytes).digest('hex') !== zkeySha256)
    throw new Groth16Error('KEYS_STALE', `${zkey} was changed meanwhile; start again`, { circuit: name });
  const prover = await loadWasmProver(bytes, { circuit: name });
  kept = { zkeySha256, prover, wasm: await readRegularFile(wasm, MAX_PROGRAM_BYTES) };
  return kept;
}

async function answer({ files, signals }: BatchProofRequest): Promise<BatchProofAnswer> {
  const { name, timeMs } = files;
  try {
    const { prover, wasm } = await opened(files);
    const witness = await runWitnessProgram(name, wasm, signals, { timeMs, memoryBytes: MEMORY_BYTES });
    return { type: 'proved', ...(await prover.prove(witness)) };
  } catch (error) {
    const { code, message } =
      error instanceof VelumError ? error : new Groth16Error('PROVER_FAILED', `${name}: ${String(error)}`);
    return { type: 'refused', code, message };
  }
}

endWithParent();
process.on('message', (request: BatchProofRequest) => {
  void answer(request).then((result) => process.send?.(result));
});
