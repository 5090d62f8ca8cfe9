import { beforeAll, describe, expect, test } from 'vitest';
import { clearCofactor, multiply, multiplyBase, type Point } from '../../src/crypto/babyjub.ts';
import type { Witness } from '../../src/groth16/r1cs.ts';
import { l } from '../../src/params/fields.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import type { CircuitInput } from '../../src/testing/input-shape.ts';
import { openCircuit } from '../helpers/circuit.ts';

const Y8 = clearCofactor(multiplyBase(77n));
const signals = (sealRandomness: bigint, key: Point = Y8): CircuitInput => {
  const { x, y } = key.toAffine();
  return { sealRandomness, Y8: [x, y] };
};

let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('test/circuits/encapsulation.circom');
});
const point = (witness: Witness, name: string): bigint[] => [
  circuit.read(witness, `${name}[0]`),
  circuit.read(witness, `${name}[1]`),
];
const affine = (P: Point): bigint[] => [P.toAffine().x, P.toAffine().y];

describe('Encapsulation', () => {
  test.each([
    2n,
    3n,
    l - 3n,
    (l - 1n) / 2n,
    (l + 1n) / 2n,
    2n ** 250n,
    2n ** 250n - 1n,
    2n ** 251n % l,
    424_242n,
  ])('agrees with [r]B and [r]Y8 for r = %i', async (r) => {
    const witness = await circuit.witness(signals(r));
    expect(point(witness, 'U')).toEqual(affine(multiplyBase(r)));
    expect(point(witness, 'K')).toEqual(affine(multiply(Y8, r)));
  });
  test.each([
    ['0', 0n],
    ['1', 1n],
    ['−1', l - 1n],
    ['−2', l - 2n],
  ])('r = %s has no witness', async (_, r) => {
    await expect(circuit.witness(signals(r))).rejects.toThrow();
    expect(circuit.satisfies(await circuit.attempt(signals(r)))).toBe(false);
  });
  test('the one sum that the fixed base cannot represent has no witness', async () => {
    // circomlib adds 2·8^83 + Σ (1 + w_i)·8^i, 83 windows: it is l for this t, and l·B has no affine Montgomery form.
    const windows = (8n ** 83n - 1n) / 7n;
    const t = l - 2n * 8n ** 83n - windows;
    expect(t > 0n && t < 2n ** 249n).toBe(true);
    const r = (2n ** 251n + t) % l;
    expect(circuit.satisfies(await circuit.attempt(signals(r)))).toBe(false);
    expect(circuit.satisfies(await circuit.attempt(signals(r + 1n)))).toBe(true);
  });
  test('the scalar is a hint: a residue and its representative give one witness', async () => {
    expect(await circuit.witness(signals(5n))).toEqual(await circuit.witness(signals(5n + l)));
  });
  test('has the reviewed number of constraints', () => expect(circuit.constraintCount).toBe(2287));
});

describe('Encapsulation refuses forged witnesses', () => {
  test.each([0, 1, 125, 248, 249, 250])('C1 bit %i that is no bit breaks its own constraint', async (i) => {
    const honest = await circuit.witness(signals(5n));
    for (const value of [2n, -1n]) {
      const forged = circuit.forge(honest, { [`t[${i}]`]: value });
      expect(circuit.broken(forged)).toContain(`one t[${i}]`);
    }
  });
  test('C2 another U breaks', async () => {
    const honest = await circuit.witness(signals(5n));
    for (const name of ['U[0]', 'U[1]'])
      expect(circuit.broken(circuit.forge(honest, { [name]: 7n }))).toEqual([expect.stringContaining(name)]);
  });
  test('C2 U of another r breaks where the bits enter the windows only', async () => {
    const [honest, other] = [await circuit.witness(signals(5n)), await circuit.witness(signals(7n))];
    const forged = circuit.splice(honest, other, /^(U\[|low|EscalarMulFix|shifted)/);
    expect(circuit.brokenParts(forged)).toEqual(['EscalarMulFix']);
    for (const constraint of circuit.broken(forged)) expect(constraint).toMatch(/t\[\d+\]/);
  });
  test('C3 K of another r breaks where the bits enter the ladder only', async () => {
    const [honest, other] = [await circuit.witness(signals(5n)), await circuit.witness(signals(7n))];
    const forged = circuit.splice(honest, other, /^(K\[|Ladder)/);
    expect(circuit.brokenParts(forged)).toEqual(['Ladder']);
    for (const constraint of circuit.broken(forged)) expect(constraint).toMatch(/t\[\d+\]/);
  });
  test('C3 K for another key breaks at the conversion of Y8 only', async () => {
    const honest = await circuit.witness(signals(5n));
    const other = await circuit.witness(signals(5n, clearCofactor(multiplyBase(78n))));
    const forged = circuit.splice(honest, other, /^(K\[|Ladder)/);
    for (const constraint of circuit.broken(forged)) expect(constraint).toMatch(/Y8\[[01]\]/);
    expect(circuit.broken(forged)).toHaveLength(2);
  });
});
