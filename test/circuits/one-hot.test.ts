import { beforeAll, describe, expect, test } from 'vitest';
import { freeWires, inputWires } from '../../src/audit/rank.ts';
import { r } from '../../src/params/fields.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import { openCircuit } from '../helpers/circuit.ts';

const values = [10n, 0n, r - 1n, 40n, 50n];
let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('test/circuits/one-hot.circom');
});
const hotOf = (index: bigint): Record<string, bigint> =>
  Object.fromEntries(values.map((_, i) => [`hot[${i}]`, BigInt(i) === index ? 1n : 0n]));

describe('OneHot and OneHotSelect', () => {
  test.each(values.map((value, i) => [i, value] as const))(
    'select value %i of five, and n need be no power of two',
    async (i, value) => {
      const witness = await circuit.witness({ index: BigInt(i), values });
      expect(circuit.read(witness, 'out')).toBe(value);
      for (const [name, bit] of Object.entries(hotOf(BigInt(i))))
        expect(circuit.read(witness, name)).toBe(bit);
      expect(freeWires(circuit.r1cs, witness, inputWires(circuit.r1cs))).toEqual([]);
    },
  );
  test('cost n constraints for the vector, n for a row, one for the sum', () =>
    expect(circuit.constraintCount).toBe(5 + 5 + 1));
});

describe('OneHot refuses', () => {
  test.each([5n, r - 1n, 2n ** 64n])('C2 index %i, which is none of the five', async (index) => {
    const forged = await circuit.attempt({ index, values });
    expect(circuit.broken(forged)).toEqual(['one hot[0] hot[1] hot[2] hot[3] hot[4]']);
  });
  test.each([0, 1, 2, 4])('C1 place %i lit in place of the index, its value taken with it', async (i) => {
    const honest = await circuit.witness({ index: 3n, values });
    const elsewhere = await circuit.witness({ index: BigInt(i), values });
    const forged = circuit.splice(honest, elsewhere, /^hot|^out$|product/);
    const touched = i === 0 ? 'hot[0] index' : `one hot[${i}] index`;
    expect(circuit.broken(forged)[0]).toContain(`hot[${i}]`);
    expect(circuit.broken(forged)).toHaveLength(1);
    expect(circuit.broken(forged)[0]!.split(' ').sort()).toEqual(touched.split(' ').sort());
  });
  test('C2 the place of the index with another weight than 1, also 0', async () => {
    const honest = await circuit.witness({ index: 1n, values: [0n, 0n, 0n, 0n, 0n] });
    for (const weight of [0n, 2n, r - 1n])
      expect(circuit.broken(circuit.forge(honest, { 'hot[1]': weight }))).toEqual([
        'one hot[0] hot[1] hot[2] hot[3] hot[4]',
      ]);
  });
  test('C1 of the selection: another product, another sum', async () => {
    const honest = await circuit.witness({ index: 1n, values });
    for (const signal of ['OneHotSelect.product[0]', 'OneHotSelect.product[3]', 'out'])
      expect(circuit.broken(circuit.forge(honest, { [signal]: 77n })).join()).toContain(signal);
  });
});
