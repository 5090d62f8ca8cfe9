import { beforeAll, describe, expect, test } from 'vitest';
import { merkleNode } from '../../src/crypto/hash.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import { openCircuit } from '../helpers/circuit.ts';

const children = [11n, 22n, 33n, 44n] as const;
let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('test/circuits/merkle.circom');
});

describe('MerkleStep', () => {
  test.each(children)('finds child %i and agrees with merkleNode', async (h) => {
    const witness = await circuit.witness({ h, children: [...children] });
    expect(circuit.read(witness, 'parent')).toBe(merkleNode(children));
  });
  test('accepts equal children, as an empty subtree has', async () => {
    const witness = await circuit.witness({ h: 0n, children: [0n, 0n, 0n, 0n] });
    expect(circuit.read(witness, 'parent')).toBe(merkleNode([0n, 0n, 0n, 0n]));
  });
  test('C1 a running hash that is no child breaks the one product', async () => {
    const forged = await circuit.attempt({ h: 12n, children: [...children] });
    expect(circuit.broken(forged)).toEqual(['low high']);
  });
  test('C1 neither half of the product may be forged to 0', async () => {
    const honest = await circuit.attempt({ h: 12n, children: [...children] });
    expect(circuit.broken(circuit.forge(honest, { low: 0n }))).toEqual(['h children[0] children[1] low']);
    expect(circuit.broken(circuit.forge(honest, { high: 0n }))).toEqual(['h children[2] children[3] high']);
  });
  test('C2 another parent breaks the hash only', async () => {
    const honest = await circuit.witness({ h: 11n, children: [...children] });
    expect(circuit.brokenParts(circuit.forge(honest, { parent: 1n }))).toEqual(['Poseidon']);
  });
  test('has the reviewed number of constraints', () => expect(circuit.constraintCount).toBe(300));
});
