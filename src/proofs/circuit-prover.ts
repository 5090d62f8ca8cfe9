import type { CircuitName } from './circuits.ts';
import type { CircuitProver } from './prover.ts';
import { loadCircuit } from './registry.ts';
import { wasmProver } from './wasm-circuit-prover.ts';

/** Who does the group arithmetic of a proof in a process of ours: our own kernels, or snarkjs, the reference. */
export type ProverKind = 'wasm' | 'snarkjs';

export interface CircuitProverOptions {
  /** Keys folder; the package's own by default. */
  readonly keysDir?: string;
  /** SHA-256 of the keys folder's manifest, in hex: proofs are made with keys of no other one. */
  readonly manifestHash?: string;
  /** `wasm` by default. */
  readonly kind?: ProverKind;
  /** Cut a proof among all cores (`wasm`: two). Only for a process that ends by `process.exit`: threads of snarkjs keep it alive. */
  readonly isThreaded?: boolean;
  /** For proofs of one statement again and again (`wasm` alone): see `WasmProverOptions`. */
  readonly keepsSums?: boolean;
}

/**
 * Reads a circuit's keys and compiles its witness program, both kept for every later proof.
 * @throws {VelumError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE; CIRCUIT_FILE if the proving key is none
 */
export async function loadCircuitProver(
  name: CircuitName,
  { keysDir, manifestHash, kind = 'wasm', isThreaded = false, keepsSums = false }: CircuitProverOptions = {},
): Promise<CircuitProver> {
  const circuit = await loadCircuit(name, keysDir, manifestHash);
  if (kind === 'wasm') return wasmProver(circuit, { isThreaded, keepsSums });
  return (await import('./snarkjs-prover.ts')).snarkjsProver(circuit, isThreaded);
}
