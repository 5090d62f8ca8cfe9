import { groth16 } from 'snarkjs';
import { loadCurve, loadThreadedCurve } from '../groth16/curve.ts';
import { proofToBytes } from '../groth16/encoding.ts';
import { type ProvedStatement, verified } from '../groth16/proved-statement.ts';
import type { Verifier } from '../groth16/verifier.ts';
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

export interface CircuitProverOptions {
  /** Keys folder; the package's own by default. */
  readonly keysDir?: string;
  /** Cut a proof among all cores. Only for a process that ends by `process.exit`: the threads keep it alive. */
  readonly isThreaded?: boolean;
}

/**
 * Reads a circuit's keys and compiles its witness program, both kept for every later proof.
 *
 * snarkjs takes its curve from `globalThis.curve_bn128` and would otherwise start worker threads that only it can end;
 * here it is the verifier's single-threaded one, or one with threads. Blinding comes from snarkjs: node:crypto seeds a
 * ChaCha stream.
 * @throws {ProofsError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE
 */
export async function loadCircuitProver(
  name: CircuitName,
  { keysDir, isThreaded = false }: CircuitProverOptions = {},
): Promise<CircuitProver> {
  const { circuit, verifier, calculator } = await loadProvingParts(name, keysDir);
  const zkey = await circuit.read('zkey');
  (globalThis as { curve_bn128?: unknown }).curve_bn128 = await (isThreaded
    ? loadThreadedCurve()
    : loadCurve());
  return async (signals, onStage) => {
    onStage?.('witness');
    const witness = calculator.calculate(signals);
    onStage?.('prove');
    const made = await groth16.prove(zkey, witness);
    onStage?.('verify');
    return verified(name, verifier, proofToBytes(made.proof), made.publicSignals.map(BigInt));
  };
}
