import { loadCurve, loadThreadedCurve } from '../groth16/curve.ts';
import { proofToBytes } from '../groth16/encoding.ts';
import { type ProvedStatement, verified } from '../groth16/proved-statement.ts';
import type { Verifier } from '../groth16/verifier.ts';
import { loadWasmProver } from '../groth16/wasm-prover.ts';
import { createWitnessCalculator, type FlatSignals, type WitnessCalculator } from '../groth16/witness.ts';
import { circuitVerifier } from './circuit-verifier.ts';
import type { CircuitName } from './circuits.ts';
import type { ProverStage } from './prover.ts';
import { type Circuit, loadCircuit } from './registry.ts';

/** Proves one circuit in the calling process. */
export type CircuitProver = (
  signals: FlatSignals,
  onStage?: (stage: ProverStage) => void,
) => Promise<ProvedStatement>;

/** What every prover of a circuit needs, whoever does the group arithmetic. */
export interface ProvingParts {
  readonly circuit: Circuit;
  readonly verifier: Verifier;
  readonly calculator: WitnessCalculator;
}

/** @throws {ProofsError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE */
export async function loadProvingParts(name: CircuitName, keysDir?: string): Promise<ProvingParts> {
  const circuit = await loadCircuit(name, keysDir);
  const verifier = await circuitVerifier(circuit);
  return { circuit, verifier, calculator: await createWitnessCalculator(name, await circuit.read('wasm')) };
}

/** Who does the group arithmetic of a proof in a process of ours: our own kernels, or snarkjs, the reference. */
export type ProverKind = 'wasm' | 'snarkjs';

export interface CircuitProverOptions {
  /** Keys folder; the package's own by default. */
  readonly keysDir?: string;
  /** `wasm` by default. */
  readonly kind?: ProverKind;
  /** Cut a proof among all cores (`wasm`: two). Only for a process that ends by `process.exit`: threads of snarkjs keep it alive. */
  readonly isThreaded?: boolean;
}

/** A proof of a witness that has passed the verifier, with its public signals. */
type WitnessProver = (
  witness: Uint8Array,
  onStage?: (stage: ProverStage) => void,
) => Promise<ProvedStatement>;

/**
 * Reads a circuit's keys and compiles its witness program, both kept for every later proof.
 * @throws {VelumError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE; CIRCUIT_FILE if the proving key is none
 */
export async function loadCircuitProver(
  name: CircuitName,
  { keysDir, kind = 'wasm', isThreaded = false }: CircuitProverOptions = {},
): Promise<CircuitProver> {
  const parts = await loadProvingParts(name, keysDir);
  const zkey = await parts.circuit.read('zkey');
  const prove = await (kind === 'wasm'
    ? wasmProver(parts, zkey, isThreaded)
    : snarkjsProver(parts, zkey, isThreaded));
  return (signals, onStage) => {
    onStage?.('witness');
    const witness = parts.calculator.calculate(signals);
    onStage?.('prove');
    return prove(witness, onStage);
  };
}

async function wasmProver(
  { circuit, verifier }: ProvingParts,
  zkey: Uint8Array,
  isThreaded: boolean,
): Promise<WitnessProver> {
  const prover = await loadWasmProver(zkey, { circuit: circuit.name, verifier, isThreaded });
  return (witness, onStage) => prover.prove(witness, () => onStage?.('verify'));
}

/**
 * snarkjs takes its curve from `globalThis.curve_bn128` and would otherwise start worker threads that only it can end;
 * here it is the verifier's single-threaded one, or one with threads. Blinding comes from snarkjs: node:crypto seeds a
 * ChaCha stream.
 */
async function snarkjsProver(
  { circuit, verifier }: ProvingParts,
  zkey: Uint8Array,
  isThreaded: boolean,
): Promise<WitnessProver> {
  const { groth16 } = await import('snarkjs');
  (globalThis as { curve_bn128?: unknown }).curve_bn128 = await (isThreaded
    ? loadThreadedCurve()
    : loadCurve());
  return async (witness, onStage) => {
    const made = await groth16.prove(zkey, witness);
    onStage?.('verify');
    return verified(circuit.name, verifier, proofToBytes(made.proof), made.publicSignals.map(BigInt));
  };
}
