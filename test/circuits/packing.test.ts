import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { freeWires, inputWires } from '../../src/audit/rank.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import { openCircuit } from '../helpers/circuit.ts';

const widths = [64n, 71n, 118n];
const limits = widths.map((width) => 1n << width);
let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('test/circuits/packing.circom');
});
const word = async (parts: readonly bigint[]): Promise<bigint> =>
  circuit.read(await circuit.witness({ parts: [...parts] }), 'word');
/** By arithmetic of its own, not by adding up. */
const unpacked = (packed: bigint): bigint[] => {
  let rest = packed;
  return limits.map((limit) => {
    const part = rest % limit;
    rest /= limit;
    return part;
  });
};

describe('Pack', () => {
  test.each([[[0n, 0n, 0n]], [[1n, 0n, 0n]], [[0n, 1n, 0n]], [[0n, 0n, 1n]], [limits.map((x) => x - 1n)]])(
    'packs %o so that each part can be read again',
    async (parts) => expect(unpacked(await word(parts))).toEqual(parts),
  );
  test('loses nothing of any parts', async () => {
    const parts = fc.tuple(...limits.map((limit) => fc.bigInt(0n, limit - 1n)));
    await fc.assert(
      fc.asyncProperty(parts, async (any) => {
        expect(unpacked(await word(any))).toEqual(any);
      }),
      { numRuns: 30 },
    );
  });
  test('to first order the parts determine every wire', async () => {
    const witness = await circuit.witness({ parts: [1n, 2n, 3n] });
    expect(freeWires(circuit.r1cs, witness, inputWires(circuit.r1cs))).toEqual([]);
  });
  test('costs one constraint a bit', () => expect(circuit.constraintCount).toBe(64 + 71 + 118));
});

describe('Pack refuses', () => {
  test.each([0, 1, 2])('C1 part %i of one bit too many', async (i) => {
    const parts = [1n, 2n, 3n].with(i, limits[i]!);
    expect(circuit.satisfies(await circuit.attempt({ parts }))).toBe(false);
  });
  test('C1 a bit that is 2 in place of the next one', async () => {
    const honest = await circuit.witness({ parts: [2n, 0n, 0n] });
    const forged = circuit.forge(honest, { 'range[0].out[0]': 2n, 'range[0].out[1]': 0n });
    expect(circuit.broken(forged)).toEqual(['one range[0].out[0]']);
  });
  test('C2 another word', async () => {
    const honest = await circuit.witness({ parts: [1n, 2n, 3n] });
    expect(circuit.satisfies(circuit.forge(honest, { word: circuit.read(honest, 'word') + 1n }))).toBe(false);
  });
});
