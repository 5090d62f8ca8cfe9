import { describe, expect, test } from 'vitest';
import { freeWires, inputWires } from '../../../src/audit/rank.ts';
import type { Constraint, LinearCombination, R1cs } from '../../../src/groth16/r1cs.ts';
import { r } from '../../../src/params/fields.ts';

const lc = (terms: Record<number, bigint>): LinearCombination =>
  new Map(Object.entries(terms).map(([wire, coefficient]) => [Number(wire), coefficient]));
const constraint = (
  a: Record<number, bigint>,
  b: Record<number, bigint>,
  c: Record<number, bigint>,
): Constraint => ({
  a: lc(a),
  b: lc(b),
  c: lc(c),
});
/** Wires: 0 one, 1 output, 2 and 3 private inputs, 4 … inner. */
const system = (wireCount: number, ...constraints: Constraint[]): R1cs => ({
  wireCount,
  outputCount: 1,
  publicInputCount: 0,
  privateInputCount: 2,
  declaredPrivateInputs: 2,
  constraints,
});
const inputs = new Set([0, 2, 3]);
const product = constraint({ 2: 1n }, { 3: 1n }, { 1: 1n });

describe('freeWires', () => {
  test('the inputs are wire 0 and the input wires', () => {
    expect(inputWires(system(5, product))).toEqual(inputs);
  });
  test('finds none where every wire follows from the inputs', () => {
    expect(freeWires(system(4, product), [1n, 6n, 2n, 3n], inputs)).toEqual([]);
  });
  test('finds a wire that no constraint names', () => {
    expect(freeWires(system(5, product), [1n, 6n, 2n, 3n, 9n], inputs)).toEqual([4]);
  });
  test('a bit is isolated although it has two values', () => {
    const bit = constraint({ 4: 1n }, { 0: r - 1n, 4: 1n }, {});
    for (const value of [0n, 1n])
      expect(freeWires(system(5, product, bit), [1n, 6n, 2n, 3n, value], inputs)).toEqual([]);
  });
  test('a quotient is free exactly where its divisor is 0', () => {
    const quotient = constraint({ 4: 1n }, { 2: 1n }, { 3: 1n });
    expect(freeWires(system(5, product, quotient), [1n, 6n, 2n, 3n, 3n * 2n], inputs)).toEqual([]);
    expect(freeWires(system(5, product, quotient), [1n, 0n, 0n, 0n, 77n], inputs)).toEqual([4]);
  });
  test('two constraints that say the same leave one wire of a sum free', () => {
    const sum = constraint({}, {}, { 4: 1n, 5: 1n, 2: r - 1n });
    const twice = constraint({}, {}, { 4: 2n, 5: 2n, 2: r - 2n });
    const other = constraint({}, {}, { 4: 1n, 5: r - 1n });
    const witness = [1n, 6n, 2n, 3n, 1n, 1n];
    expect(freeWires(system(6, product, sum, twice), witness, inputs)).toHaveLength(1);
    expect(freeWires(system(6, product, sum, twice, other), witness, inputs)).toEqual([]);
  });
  test('needs elimination where no row or wire stands alone', () => {
    // w4 + w5 + w6 = …, w4 + 2·w5 + 4·w6 = …, w4 + 3·w5 + 9·w6 = …: Vandermonde, invertible.
    const rows = [1n, 2n, 3n].map((x) => constraint({}, {}, { 4: 1n, 5: x, 6: x * x, 2: 5n }));
    const singular = [1n, 2n].map((x) => constraint({}, {}, { 4: 1n, 5: x, 6: x * x, 2: 5n }));
    const witness = [1n, 6n, 2n, 3n, 0n, 0n, 0n];
    expect(freeWires(system(7, product, ...rows), witness, inputs)).toEqual([]);
    expect(freeWires(system(7, product, ...singular), witness, inputs)).toHaveLength(1);
  });
});
