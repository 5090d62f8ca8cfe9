import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './compile-circuit.ts';

/** One row of circuits/circuits.json: what a circuit is reviewed to be. */
export interface RegisteredCircuit {
  readonly name: string;
  readonly file: string;
  readonly statement: string;
  /** Constraints at --O2. */
  readonly constraints: number;
  /** Groth16 domain: the power of two ≥ constraints + public signals + 1. */
  readonly domain: number;
  /** Names in the order of the public signals, `name[i]` for arrays, outputs first. */
  readonly publicSignals: readonly string[];
}

export const registeredCircuits = (): readonly RegisteredCircuit[] =>
  (
    JSON.parse(readFileSync(join(root, 'circuits/circuits.json'), 'utf8')) as {
      circuits: RegisteredCircuit[];
    }
  ).circuits;
