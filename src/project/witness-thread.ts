import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { VelumError } from '../base/errors.ts';
import { Groth16Error, type UnsatisfiedAt } from '../groth16/errors.ts';
import { boundedModule, MAX_PROGRAM_BYTES } from '../groth16/wasm-limits.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import { ProjectError } from './errors.ts';

/** What a stranger's program may take. */
export interface WitnessLimits {
  readonly timeMs: number;
  /** Of its own memory and of the witness, each. */
  readonly memoryBytes: number;
}

/** A program of a few million constraints ends within them. */
export const WITNESS_LIMITS: WitnessLimits = { timeMs: 120_000, memoryBytes: 1 << 30 };

/** What the thread is started with, and what it answers: see witness-worker.ts. */
export interface WitnessWork {
  readonly circuit: string;
  readonly wasm: Uint8Array;
  readonly signals: FlatSignals;
  readonly memoryBytes: number;
}
export type WitnessAnswer =
  | { readonly witness: Uint8Array }
  | { readonly unsatisfied: UnsatisfiedAt; readonly message: string }
  | { readonly problem: string }
  | { readonly isTooLarge: true };

// Tests run from src/, where Node cannot start TypeScript: they start the build's entry.
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/project/witness-worker.js' : './witness-worker.js',
    import.meta.url,
  ),
);

/**
 * Computes a witness with a program of anybody, in a thread of its own: whatever the program does, this one goes on.
 * @param circuit names it in errors
 * @param wasm    as circom 2 made it, not more than MAX_PROGRAM_BYTES
 * @param input   secret: every input signal, arrays flattened row by row
 * @returns       the witness in the `.wtns` format; secret
 * @throws {Groth16Error} CIRCUIT_UNSATISFIED with the template and line where an assertion failed
 * @throws {ProjectError} WITNESS_PROGRAM if it is no such program, has other inputs or breaks down; WITNESS_LIMIT
 */
export async function runWitnessProgram(
  circuit: string,
  wasm: Uint8Array,
  input: FlatSignals,
  { timeMs, memoryBytes }: WitnessLimits = WITNESS_LIMITS,
): Promise<Uint8Array> {
  const bounded = wasm.length > MAX_PROGRAM_BYTES ? undefined : boundedModule(wasm, memoryBytes);
  if (bounded === undefined) throw noProgram(circuit, 'it is no WebAssembly of a witness program');
  if (bounded === 'memory') throw atLimit(circuit, 'memory', `${memoryBytes} bytes of memory`);
  const work: WitnessWork = { circuit, wasm: bounded, signals: input, memoryBytes };
  const worker = new Worker(ENTRY, {
    workerData: work,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: Math.max(64, memoryBytes >> 20), stackSizeMb: 4 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<WitnessAnswer>((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? atLimit(circuit, 'memory', `${memoryBytes} bytes of memory`)
            : noProgram(circuit, error.message),
        ),
      );
      worker.on('exit', (code) => reject(noProgram(circuit, `its thread ended with code ${code}`)));
      timer = setTimeout(() => reject(atLimit(circuit, 'time', `${timeMs / 1000} s`)), timeMs);
    });
    if ('witness' in answer) return answer.witness;
    if ('unsatisfied' in answer)
      throw new Groth16Error('CIRCUIT_UNSATISFIED', answer.message, answer.unsatisfied);
    if ('isTooLarge' in answer) throw atLimit(circuit, 'memory', `${memoryBytes} bytes of memory`);
    throw noProgram(circuit, answer.problem);
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

const noProgram = (circuit: string, why: string): VelumError =>
  new ProjectError('WITNESS_PROGRAM', `the witness program of ${circuit} cannot be used: ${why}`, {
    circuit,
  });

const atLimit = (circuit: string, limit: 'time' | 'memory', what: string): VelumError =>
  new ProjectError(
    'WITNESS_LIMIT',
    `the witness program of ${circuit} was ended: it takes more than ${what}`,
    {
      circuit,
      limit,
    },
  );
