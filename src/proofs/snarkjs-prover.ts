import { groth16 } from 'snarkjs';
import { loadCurve, loadThreadedCurve } from '../groth16/curve.ts';
import { proofToBytes } from '../groth16/encoding.ts';
import { verified } from '../groth16/proved-statement.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import { circuitVerifier } from './circuit-verifier.ts';
import type { CircuitProver } from './prover.ts';
import type { Circuit } from './registry.ts';

/**
 * A circuit's prover by snarkjs, the reference. It takes its curve from `globalThis.curve_bn128` and would otherwise start
 * worker threads that only it can end; here it is the verifier's single-threaded one, or one with threads. Blinding comes
 * from snarkjs: node:crypto seeds a ChaCha stream.
 * @param isThreaded only for a process that ends by `process.exit`
 */
export async function snarkjsProver(circuit: Circuit, isThreaded: boolean): Promise<CircuitProver> {
  const verifier = await circuitVerifier(circuit);
  const calculator = await createWitnessCalculator(circuit.name, await circuit.read('wasm'));
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
    return verified(circuit.name, verifier, proofToBytes(made.proof), made.publicSignals.map(BigInt));
  };
}
