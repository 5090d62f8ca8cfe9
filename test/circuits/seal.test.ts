import { beforeAll, describe, expect, test } from 'vitest';
import { multiplyBase } from '../../src/crypto/babyjub.ts';
import { openWords } from '../../src/crypto/seal.ts';
import { r } from '../../src/params/fields.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import { openCircuit } from '../helpers/circuit.ts';

const K = multiplyBase(31n);
const { x, y } = K.toAffine();
const words = [r - 1n, 0n, 5n] as const;
const signals = { words: [...words], K: [x, y], context: 9n };

let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('test/circuits/seal.circom');
});

describe('Seal', () => {
  test.each([0n, 9n, r - 1n])('is opened by openWords under context %i', async (context) => {
    const witness = await circuit.witness({ ...signals, context });
    const read = (name: string): bigint => circuit.read(witness, name);
    const sealed = { ct: [read('ct[0]'), read('ct[1]'), read('ct[2]')] as const, tag: read('tag') };
    expect(openWords(K, sealed, context)).toEqual(words);
    expect(openWords(K, sealed, context === 0n ? 1n : 0n)).toBeUndefined();
  });
  test.each(['K[0]', 'K[1]', 'context'])('C1 another %s breaks the permutation', async (name) => {
    const forged = circuit.forge(await circuit.witness(signals), { [name]: 8n });
    expect(circuit.brokenParts(forged)).toEqual(['PoseidonEx']);
  });
  test.each([0, 1, 2])('C2 another ciphertext or plaintext word %i breaks', async (i) => {
    const honest = await circuit.witness(signals);
    for (const name of [`ct[${i}]`, `words[${i}]`])
      expect(circuit.brokenParts(circuit.forge(honest, { [name]: 8n }))).toEqual(['PoseidonEx']);
  });
  test('C2 the same change of plaintext and ciphertext is consistent: it is a pad', async () => {
    const honest = await circuit.witness(signals);
    const moved = { 'words[2]': words[2] + 1n, 'ct[2]': (circuit.read(honest, 'ct[2]') + 1n) % r };
    expect(circuit.satisfies(circuit.forge(honest, moved))).toBe(true);
  });
  test('C3 another tag breaks', async () => {
    const forged = circuit.forge(await circuit.witness(signals), { tag: 8n });
    expect(circuit.brokenParts(forged)).toEqual(['PoseidonEx']);
  });
  test('has the reviewed number of constraints', () => expect(circuit.constraintCount).toBe(294));
});
