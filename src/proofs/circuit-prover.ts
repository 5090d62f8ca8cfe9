import { groth16 } from 'snarkjs';
import { VelumError } from '../base/errors.ts';
import type { CircuitName } from './circuits.ts';
import { loadCurve } from './curve.ts';
import { proofToBytes } from './encoding.ts';
import type { ProvedStatement } from './prover.ts';
import { loadCircuit } from './registry.ts';
import type { FlatSignals } from './signals.ts';
import { circuitVerifier } from './verifier.ts';
import { createWitnessCalculator } from './witness.ts';

/** Proves one circuit on the calling thread. */
export type CircuitProver = (signals: FlatSignals) => Promise<ProvedStatement>;

/**
 * Reads a circuit's keys and compiles its witness program, both kept for every later proof.
 *
 * snarkjs takes its curve from `globalThis.curve_bn128` and would otherwise start worker threads and keep the process
 * alive; here it is the verifier's single-threaded one. Blinding comes from snarkjs: node:crypto seeds a ChaCha stream.
 *
 * A proof leaves only after it has passed the verifier: a wrong key or a faulty machine is noticed here, at 1 % of the
 * cost, and not by a peer that would blame this one.
 * @throws {VelumError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE
 */
export async function loadCircuitProver(name: CircuitName, keysDir?: string): Promise<CircuitProver> {
  const circuit = await loadCircuit(name, keysDir);
  const verifier = await circuitVerifier(circuit);
  const calculator = await createWitnessCalculator(name, await circuit.read('wasm'));
  const zkey = await circuit.read('zkey');
  (globalThis as { curve_bn128?: unknown }).curve_bn128 = await loadCurve();
  return async (signals) => {
    const made = await groth16.prove(zkey, calculator.calculate(signals));
    const proof = proofToBytes(made.proof);
    const publicSignals = made.publicSignals.map(BigInt);
    if (!(await verifier.verify(publicSignals, proof))) {
      throw new VelumError(
        'PROVER_FAILED',
        `a proof of ${name} did not verify: wrong keys or a faulty machine`,
        {
          circuit: name,
        },
      );
    }
    return { proof, publicSignals };
  };
}
