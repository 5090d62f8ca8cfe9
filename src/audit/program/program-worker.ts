/** The thread behind witness-program.ts: first it is asked whether it takes the inputs, then for one witness after the other. */
import { workerData } from 'node:worker_threads';
import { Groth16Error } from '../../groth16/errors.ts';
import { createWitnessCalculator, type FlatSignals, type WitnessCalculator } from '../../groth16/witness.ts';
import type { ProgramAnswer, ProgramWork } from './witness-program.ts';

const { wasm, field, port, answers } = workerData as ProgramWork;
const count = new Int32Array(answers);

function answer(said: ProgramAnswer): void {
  port.postMessage(said);
  Atomics.add(count, 0, 1);
  Atomics.notify(count, 0);
}

let calculator: WitnessCalculator | undefined;

async function start(counts: Readonly<Record<string, number>>): Promise<ProgramAnswer> {
  calculator = await createWitnessCalculator('the circuit', wasm, field);
  for (const [name, size] of Object.entries(counts))
    if (calculator.sizeOf(name) !== size)
      return {
        problem: `it takes ${calculator.sizeOf(name) ?? 0} numbers of ${name}, and the circuit ${size}`,
      };
  const all = Object.values(counts).reduce((sum, size) => sum + size, 0);
  return calculator.inputCount === all
    ? { witness: undefined }
    : { problem: `it takes ${calculator.inputCount} numbers as inputs, and the circuit ${all}` };
}

function run({ calculate }: WitnessCalculator, signals: FlatSignals): ProgramAnswer {
  try {
    return { witness: calculate(signals) };
  } catch (error) {
    if (Groth16Error.is(error, 'CIRCUIT_UNSATISFIED')) return { witness: undefined };
    throw error;
  }
}

port.on('message', async (what: FlatSignals | Readonly<Record<string, number>>) => {
  try {
    answer(
      calculator === undefined
        ? await start(what as Readonly<Record<string, number>>)
        : run(calculator, what as FlatSignals),
    );
  } catch (error) {
    answer({ problem: error instanceof Error ? error.message : String(error) });
  }
});
