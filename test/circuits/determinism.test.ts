import { describe, expect, test } from 'vitest';
import { freeWires, inputWires } from '../../src/audit/rank.ts';
import { identityCommitment } from '../../src/crypto/identity.ts';
import { MerkleTree } from '../../src/crypto/merkle.ts';
import { exampleInput } from '../../src/proofs/examples.ts';
import { openCircuit } from '../helpers/circuit.ts';
import { exampleStatement, signalsOf } from '../helpers/orders.ts';

const tree = new MerkleTree(4);
tree.append(identityCommitment(7n));
const ballot = { identitySecret: 7n, path: tree.path(0), committeeRoot: tree.root, scope: 5n, x: 9n };

test('an input that is no wire is not counted, and no inner wire taken for it', async () => {
  // sealRandomness is a hint: the header of the file counts it, the system does not have it.
  const { r1cs, names } = await openCircuit('circuits/orders.circom');
  expect(r1cs.declaredPrivateInputs).toBe(r1cs.privateInputCount + 1);
  const inputs = [...inputWires(r1cs)].map((wire) => names[wire]!);
  expect(inputs).toContain('lots[3]');
  expect(inputs).not.toContain('pk');
});

describe('the inputs determine every wire, to first order', () => {
  test.each([
    ['circuits/ballot.circom', ballot],
    ['circuits/orders.circom', signalsOf(exampleStatement())],
    ['circuits/account.circom', { ...exampleInput('account') }],
    ['circuits/dealing.circom', { ...exampleInput('dealing') }],
  ])('%s has a Jacobian of full rank', async (file, signals) => {
    const circuit = await openCircuit(file);
    const free = freeWires(circuit.r1cs, await circuit.witness(signals), inputWires(circuit.r1cs));
    expect(free.map((wire) => circuit.names[wire])).toEqual([]);
  });
});
