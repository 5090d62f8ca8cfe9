import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegisteredCircuit } from '../src/proofs/circuit-list.ts';
import { root } from './compile-circuit.ts';

export type { RegisteredCircuit };

export const registeredCircuits = (): readonly RegisteredCircuit[] =>
  (
    JSON.parse(readFileSync(join(root, 'circuits/circuits.json'), 'utf8')) as {
      circuits: RegisteredCircuit[];
    }
  ).circuits;
