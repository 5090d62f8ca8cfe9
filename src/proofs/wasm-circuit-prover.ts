import { compileForFewRuns } from '../groth16/few-runs.ts';
import { loadWasmProver, type WasmProverOptions } from '../groth16/wasm-prover.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import type { CircuitName } from './circuits.ts';
import type { CircuitProver } from './prover.ts';
import { type Circuit, checkKeyShape, vkeyText } from './registry.ts';

/** What validators prove: a ballot a height, and dealings once an epoch. Traders prove many batches, and their program gains by being optimised. */
const FEW_RUNS: ReadonlySet<CircuitName> = new Set(['ballot', 'dealing']);

/** A circuit's prover by our kernels; see `loadCircuitProver`. */
export async function wasmProver(
  circuit: Circuit,
  how: Pick<WasmProverOptions, 'isThreaded' | 'keepsSums'>,
): Promise<CircuitProver> {
  const [json, wasm, zkey] = await Promise.all([
    vkeyText(circuit),
    circuit.read('wasm'),
    circuit.read('zkey'),
  ]);
  const verificationKey = { json, where: circuit.path('vkey') };
  const program = FEW_RUNS.has(circuit.name) ? compileForFewRuns(wasm) : wasm;
  const calculator = await createWitnessCalculator(circuit.name, program);
  const prover = await loadWasmProver(zkey, { circuit: circuit.name, verificationKey, ...how });
  checkKeyShape(circuit, prover);
  return (signals, onStage) => {
    onStage?.('witness');
    const witness = calculator.calculate(signals);
    onStage?.('prove');
    return prover.prove(witness, () => onStage?.('verify'));
  };
}
