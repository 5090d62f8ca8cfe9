import { compileForFewRuns } from '../groth16/few-runs.ts';
import { loadWasmProver, type WasmProverOptions } from '../groth16/wasm-prover.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import type { CircuitName } from './circuits.ts';
import type { CircuitProver } from './prover.ts';
import { type Circuit, checkKeyShape, loadCircuit, vkeyText } from './registry.ts';

/** Who does the group arithmetic of a proof in a process of ours: our own kernels, or snarkjs, the reference. */
export type ProverKind = 'wasm' | 'snarkjs';

export interface CircuitProverOptions {
  /** Keys folder; the package's own by default. */
  readonly keysDir?: string;
  /** `wasm` by default. */
  readonly kind?: ProverKind;
  /** Cut a proof among all cores (`wasm`: two). Only for a process that ends by `process.exit`: threads of snarkjs keep it alive. */
  readonly isThreaded?: boolean;
  /** For proofs of one statement again and again (`wasm` alone): see `WasmProverOptions`. */
  readonly keepsSums?: boolean;
}

/** What validators prove: a ballot a height, and dealings once an epoch. Traders prove many batches, and their program gains by being optimised. */
const FEW_RUNS: ReadonlySet<CircuitName> = new Set(['ballot', 'dealing']);

/**
 * Reads a circuit's keys and compiles its witness program, both kept for every later proof.
 * @throws {VelumError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE; CIRCUIT_FILE if the proving key is none
 */
export async function loadCircuitProver(
  name: CircuitName,
  { keysDir, kind = 'wasm', isThreaded = false, keepsSums = false }: CircuitProverOptions = {},
): Promise<CircuitProver> {
  const circuit = await loadCircuit(name, keysDir);
  if (kind === 'wasm') return wasmProver(circuit, { isThreaded, keepsSums });
  return (await import('./snarkjs-prover.ts')).snarkjsProver(circuit, isThreaded);
}

async function wasmProver(
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
