import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createWitnessCalculator } from '../../groth16/witness.ts';
import { registeredCircuits } from '../../proofs/circuit-list.ts';
import type { CircuitName } from '../../proofs/circuits.ts';
import { exampleInput } from '../../proofs/examples.ts';
import { loadCircuit } from '../../proofs/registry.ts';
import { flattenSignals } from '../../proofs/signals.ts';
import { semaphore20 } from './peers.ts';

/** What is proved: keys and a witness. */
export interface ProofWork {
  readonly name: string;
  readonly zkey: Uint8Array;
  readonly witness: Uint8Array;
}

/** All circuits with their examples, and Semaphore's if it is installed. */
export async function allWorks(): Promise<ProofWork[]> {
  const own = await Promise.all((await registeredCircuits()).map(({ name }) => exampleWork(name)));
  const foreign = await semaphoreWork();
  return foreign === undefined ? own : [...own, foreign];
}

export async function exampleWork(name: CircuitName): Promise<ProofWork> {
  const circuit = await loadCircuit(name);
  const calculator = await createWitnessCalculator(name, await circuit.read('wasm'));
  const witness = calculator.calculate(flattenSignals(name, exampleInput(name)));
  return { name, zkey: await circuit.read('zkey'), witness };
}

/** Anybody's circuit: a .zkey, whose name it gets, and a .wtns. */
export async function fileWork(zkey: string, witness: string): Promise<ProofWork> {
  const name = basename(zkey).replace(/\.zkey$/, '');
  return { name, zkey: await readFile(zkey), witness: await readFile(witness) };
}

/** Somebody else's circuit under the keys of its ceremony, if it is installed. */
async function semaphoreWork(): Promise<ProofWork | undefined> {
  const semaphore = semaphore20();
  if (semaphore === undefined) return undefined;
  const { wtns } = await import('snarkjs');
  const file: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
  await wtns.calculate(semaphore.input as Parameters<typeof wtns.calculate>[0], semaphore.wasm, file);
  return { name: 'semaphore-20', zkey: await readFile(semaphore.zkey), witness: file.data! };
}
