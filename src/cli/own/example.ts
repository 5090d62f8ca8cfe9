import { resolve } from 'node:path';
import { ProofsError } from '../../proofs/errors.ts';
import { readJsonFile } from '../files.ts';
import type { OwnCircuitChoice } from './chosen.ts';
import { MAX_INPUT_BYTES } from './input.ts';
import { openCompiled } from './opened.ts';

type Zeros = string | readonly Zeros[];

/** The first input file of a circuit's tests that must pass; without one, zeros in the shape of its inputs. */
export async function exampleOfOwn(choice: OwnCircuitChoice): Promise<unknown> {
  const [first] = choice.entry.tests.pass;
  if (first !== undefined) {
    const path = resolve(choice.project.root, first);
    return readJsonFile(path, MAX_INPUT_BYTES, ProofsError.of('CIRCUIT_INPUT'));
  }
  const { shape = {} } = await openCompiled(choice);
  const zeros = ([length, ...inner]: readonly number[]): Zeros =>
    length === undefined ? '0' : Array.from({ length }, () => zeros(inner));
  return Object.fromEntries(Object.entries(shape).map(([name, lengths]) => [name, zeros(lengths)]));
}
