import { bytesToBigint } from '../base/bytes.ts';
import { r } from '../params/fields.ts';
import type { KernelPath } from '../wasm/field-constants.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { loadKernels } from '../wasm/load.ts';
import type { Sum } from './kept-sums.ts';
import { createProofCheck } from './proof-check.ts';
import { type ProvedStatement, verified } from './proved-statement.ts';
import { ProverCore, proofOfSums, type Sums } from './prover-core.ts';
import { parseProvingKey, verificationKeyJson } from './proving-key.ts';
import type { QuotientThread } from './quotient-thread.ts';
import { publicSignalsOf, witnessWords } from './witness-words.ts';

export interface WasmProverOptions {
  /** Names the circuit in errors. */
  readonly circuit?: string;
  /** The verification key as snarkjs exports it, and its name in errors; by default the one that the proving key contains. */
  readonly verificationKey?: { readonly json: string; readonly where: string };
  /** A second thread makes C and H: about half of the time of a proof. Only in Node. */
  readonly isThreaded?: boolean;
  /**
   * Whether it keeps the sums of those signals that are the same in two proofs in a row, and makes later proofs with these values from
   * them: for a prover of one statement again and again. It takes memory for as many points again, and holds the last witness.
   */
  readonly keepsSums?: boolean;
  /** Products of the kernels; by default the fastest that computes rightly on this machine. */
  readonly path?: KernelPath;
}

/** A proving key kept warm. */
export interface WasmProver {
  readonly path: KernelPath;
  readonly nPublic: number;
  /**
   * @param wtns   a .wtns file; secret
   * @param onMade called when the proof is made and its verification begins
   * @throws {Groth16Error} CIRCUIT_FILE if it is no witness of this key's size; PROVER_FAILED if the proof does not verify
   */
  prove(wtns: Uint8Array, onMade?: () => void): Promise<ProvedStatement>;
  /** Ends the second thread, if there is one. */
  close(): Promise<void>;
}

/**
 * Reads the proving key of any circom circuit over BN254 into memory of the kernels: 160 bytes a point of G1, 320 of G2,
 * 96 an entry of the matrices, 120 a row; a proof takes as much again, for as long as it is made.
 * @param zkey a .zkey of Groth16, from anybody
 * @throws {Groth16Error} CIRCUIT_FILE, KEYS_FILE, KEYS_UNSAFE; {WasmError} KERNEL_SELF_TEST, KERNEL_MEMORY
 */
export async function loadWasmProver(
  zkey: Uint8Array,
  {
    circuit = 'the circuit',
    verificationKey,
    isThreaded = false,
    keepsSums = false,
    path,
  }: WasmProverOptions = {},
): Promise<WasmProver> {
  const key = parseProvingKey(zkey);
  const kernels = await loadKernels(path);
  // Elsewhere than in Node there is no such module.
  const thread = isThreaded
    ? await (await import('./quotient-thread.ts')).startQuotientThread({
        zkey,
        path: kernels.path,
        keepsSums,
      })
    : undefined;
  const core = new ProverCore(kernels, key, { share: isThreaded ? 'witness' : 'all', keepsSums });
  const { json, where } = verificationKey ?? { json: verificationKeyJson(key), where: 'the proving key' };
  const check = createProofCheck(json, where, kernels);
  return {
    path: kernels.path,
    nPublic: check.nPublic,
    async prove(wtns, onMade) {
      const witness = witnessWords(wtns, key.signals);
      const proof = await proofOf({ kernels, core, thread }, witness, [randomScalar(), randomScalar()]);
      onMade?.();
      return verified(circuit, check, proof, publicSignalsOf(witness, key.nPublic));
    },
    async close() {
      await thread?.close();
    },
  };
}

/** Where a proof's sums are made. */
export interface ProverParts {
  readonly kernels: Kernels;
  readonly core: ProverCore;
  readonly thread: QuotientThread | undefined;
}

/** @param blinds r and s, which make a proof of the witness one of all its proofs */
export async function proofOf(
  { kernels, core, thread }: ProverParts,
  witness: Uint8Array,
  blinds: readonly [bigint, bigint],
): Promise<Uint8Array> {
  const CH: Promise<Sum> | undefined = thread?.sum(witness, blinds);
  const own = core.sums(witness, blinds);
  const sums: Sums = CH === undefined ? own : { ...own, CH: await CH };
  return proofOfSums(kernels, sums, blinds);
}

/** Uniform in F_r but for 2^−130. */
function randomScalar(): bigint {
  return bytesToBigint(globalThis.crypto.getRandomValues(new Uint8Array(48))) % r;
}
