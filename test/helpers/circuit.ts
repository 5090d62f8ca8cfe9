import { join } from 'node:path';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import { circuitTester } from '../../src/testing/open-circuit.ts';

/** Compiles (or finds compiled) a circuit of the repository, by its path. */
export async function openCircuit(file: string): Promise<CircuitTester> {
  const into = join(root, 'build', file.startsWith('circuits/') ? 'circuits' : 'test-circuits');
  return circuitTester(await compileCircuit(join(root, file), into));
}
