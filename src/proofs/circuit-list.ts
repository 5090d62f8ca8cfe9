import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CircuitName, circuitShape } from './circuits.ts';
import { root } from './compile.ts';

/** One row of circuits/circuits.json: what a circuit is reviewed to be. */
export interface RegisteredCircuit {
  readonly name: CircuitName;
  /** Source, relative to the package. */
  readonly file: string;
  readonly statement: string;
  /** Constraints at --O2. */
  readonly constraints: number;
  /** Groth16 domain: the power of two ≥ constraints + public signals + 1. */
  readonly domain: number;
  /** Names in the order of the public signals, `name[i]` for arrays, outputs first. */
  readonly publicSignals: readonly string[];
}

export async function registeredCircuits(): Promise<readonly RegisteredCircuit[]> {
  const text = await readFile(join(root, 'circuits/circuits.json'), 'utf8');
  return (JSON.parse(text) as { circuits: RegisteredCircuit[] }).circuits;
}

/** @throws {ProofsError} CIRCUIT_UNKNOWN */
export async function registeredCircuit(name: CircuitName): Promise<RegisteredCircuit> {
  circuitShape(name);
  return (await registeredCircuits()).find((circuit) => circuit.name === name)!;
}
