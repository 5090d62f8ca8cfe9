import { test } from 'node:test';
import { circuitTester } from 'velum/testing';

// node --test, or any other test runner. circuits.json names the circuit.
const circuit = await circuitTester('covers');
const input = { amount: 250n, balance: 1000n, salt: 123456789n };

test('a balance covers an amount up to itself', async () => {
  await circuit.expectPass(input);
  await circuit.expectPass({ ...input, amount: 1000n });
});

test('no balance covers more than itself', async () => {
  await circuit.expectFail({ ...input, amount: 1001n }, { constraint: 'restBits' });
});

test('the commitment cannot be forged', async () => {
  const witness = await circuit.expectPass(input);
  await circuit.expectFail(circuit.forge(witness, { commitment: 1n }));
});
