/** The thread of witness-thread.ts: one witness of one program, then it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { Groth16Error } from '../groth16/errors.ts';
import { createWitnessCalculator } from '../groth16/witness.ts';
import type { WitnessAnswer, WitnessWork } from './witness-thread.ts';

async function answer({ circuit, wasm, signals, memoryBytes }: WitnessWork): Promise<WitnessAnswer> {
  try {
    const calculator = await createWitnessCalculator(circuit, wasm);
    for (const [signal, values] of Object.entries(signals)) {
      if (values.length === 0) continue;
      const wanted = calculator.sizeOf(signal);
      if (wanted === undefined) return { problem: `it has no input ${signal}` };
      if (wanted !== values.length)
        return { problem: `it takes ${wanted} numbers of ${signal}, and ${values.length} were given` };
    }
    const given = Object.values(signals).reduce((sum, values) => sum + values.length, 0);
    if (calculator.inputCount !== given)
      return { problem: `it takes ${calculator.inputCount} numbers as inputs, and ${given} were given` };
    if (calculator.witnessBytes > memoryBytes) return { isTooLarge: true };
    return { witness: calculator.calculate(signals) };
  } catch (error) {
    if (Groth16Error.is(error, 'CIRCUIT_UNSATISFIED'))
      return { unsatisfied: error.data, message: error.message };
    const isFull = error instanceof RangeError && /memory|allocation|length/i.test(error.message);
    return isFull
      ? { isTooLarge: true }
      : { problem: error instanceof Error ? error.message : String(error) };
  }
}

void answer(workerData as WitnessWork).then((said) => parentPort!.postMessage(said));
