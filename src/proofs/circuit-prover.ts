import { groth16 } from 'snarkjs';
import { VelumError } from '../base/errors.ts';
import type { CircuitName } from './circuits.ts';
import { loadCurve, loadThreadedCurve } from './curve.ts';
import { proofToBytes } from './encoding.ts';
import type { ProvedStatement, ProverStage } from './prover.ts';
import { type Circuit, loadCircuit } from './registry.ts';
import type { FlatSignals } from './signals.ts';
import { circuitVerifier, type Verifier } from './verifier.ts';
import { createWitnessCalculator, type WitnessCalculator } from './witness.ts';

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

/** @throws {VelumError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE */
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
 * @throws {VelumError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE
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

/**
 * A proof leaves only after it has passed the verifier: a wrong key or a faulty machine is noticed here, at 1 % of the
 * cost, and not by a peer that would blame this one.
 * @throws {VelumError} PROVER_FAILED
 */
export async function verified(
  name: CircuitName,
  verifier: Verifier,
  proof: Uint8Array,
  publicSignals: bigint[],
): Promise<ProvedStatement> {
  if (await verifier.verify(publicSignals, proof)) return { proof, publicSignals };
  const message = `a proof of ${name} did not verify: wrong keys or a faulty machine`;
  throw new VelumError('PROVER_FAILED', message, { circuit: name });
}
