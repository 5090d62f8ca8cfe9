import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Groth16Error, type TraceFrame } from '../../../src/groth16/errors.ts';
import { createWitnessCalculator, type WitnessCalculator } from '../../../src/groth16/witness.ts';
import type { CircuitName } from '../../../src/proofs/circuits.ts';
import { root } from '../../../src/proofs/compile.ts';
import { brokenConstraint, numberedConstraints } from '../../../src/proofs/constraint-names.ts';
import { exampleInput } from '../../../src/proofs/examples.ts';
import { loadCircuit } from '../../../src/proofs/registry.ts';
import { flattenSignals, type Signals } from '../../../src/proofs/signals.ts';

const calculators = {} as Record<CircuitName, WitnessCalculator>;
beforeAll(async () => {
  for (const name of ['ballot', 'orders', 'account', 'dealing'] as const)
    calculators[name] = await createWitnessCalculator(name, await (await loadCircuit(name)).read('wasm'));
});
const sourceOf = (name: string): string => join(root, `circuits/${name}.circom`);

/** Where the witness program of the package's keys stops. */
function traceOf(name: CircuitName, change: Signals): readonly TraceFrame[] {
  try {
    calculators[name].calculate(flattenSignals(name, { ...exampleInput(name), ...change }));
  } catch (error) {
    if (Groth16Error.is(error, 'CIRCUIT_UNSATISFIED') && 'trace' in error.data) return error.data.trace;
    throw error;
  }
  throw new Error('the input satisfies the circuit');
}

describe('the example', () => {
  test.each(['ballot', 'orders', 'account', 'dealing'] as const)(
    'input of %s satisfies its circuit',
    (name) => {
      expect(calculators[name].calculate(flattenSignals(name, exampleInput(name))).length).toBeGreaterThan(
        25_000,
      );
    },
  );
});

test('a header lists its constraints by number', async () => {
  const constraints = numberedConstraints(await readFile(sourceOf('orders'), 'utf8'));
  expect(constraints.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, i) => `C${i + 1}`));
  expect(constraints[5]).toEqual({ number: 'C6', meaning: 'value has 64 bits' });
});

describe('an input that breaks a constraint is told which', () => {
  const four = (first: bigint): bigint[] => [first, 0n, 0n, 0n];
  test.each<[CircuitName, Signals, string]>([
    ['ballot', { identitySecret: 99n }, 'C2'],
    ['ballot', { committeeRoot: 1n }, 'C3'],
    ['account', { salt: 1n }, 'C1'],
    ['account', { rho: 1n }, 'C3'],
    ['account', { amount: 1n }, 'C3'],
    ['orders', { value: 1n }, 'C3'],
    ['orders', { noteRoot: 1n }, 'C4'],
    ['orders', { fee: 2n ** 63n }, 'C7'],
    ['orders', { deposit: 2n ** 64n }, 'C7 or C8'],
    ['orders', { deposit: 1n }, 'C19'],
    ['orders', { active: four(2n) }, 'C12'],
    ['orders', { instrument: four(16n) }, 'C13'],
    ['orders', { price: four(2n ** 33n) }, 'C14'],
    ['orders', { lots: four(2n ** 33n) }, 'C15'],
    ['orders', { active: [1n, 1n, 0n, 0n] }, 'C16'],
    ['orders', { sealRandomness: 0n }, 'C22'],
    ['orders', { Y8: [0n, 1n] }, 'C22'],
    ['dealing', { t: 2n ** 251n }, 'C1 C2'],
    ['dealing', { PK8: [0n, 1n] }, 'C3'],
    ['dealing', { share: [1n, 2n ** 251n] }, 'C5 C6'],
  ])('%s with %o: %s', async (name, change, numbers) => {
    const broken = await brokenConstraint(sourceOf(name), traceOf(name, change));
    expect(numbers.split(' or ')).toContain(broken!.constraints.map(({ number }) => number).join(' '));
    expect(broken!.where).toMatch(new RegExp(`^circuits/${name}.circom:\\d+$`));
  });
});

test('a trace of another circuit names nothing', async () => {
  expect(await brokenConstraint(sourceOf('ballot'), [{ template: 'Orders', line: 87 }])).toBeUndefined();
  expect(await brokenConstraint(sourceOf('ballot'), [])).toBeUndefined();
});
