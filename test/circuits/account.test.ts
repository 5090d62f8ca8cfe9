import { beforeAll, describe, expect, test } from 'vitest';
import { hash } from '../../src/crypto/hash.ts';
import { accountOf, noteCommitment, ownerKey } from '../../src/ledger/notes.ts';
import { r } from '../../src/params/fields.ts';
import { type AccountWitness, accountInput } from '../../src/proofs/account.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import type { CircuitInput } from '../../src/testing/input-shape.ts';
import { openCircuit } from '../helpers/circuit.ts';

const known: AccountWitness = { spendingKey: 7n, salt: 8n, rho: 9n, amount: 1_000n, message: 5n };
const signals = (change: Partial<AccountWitness> = {}): CircuitInput => ({
  ...accountInput({ ...known, ...change }),
});

let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('circuits/account.circom');
});

describe('S3 account', () => {
  const edges = [0n, 1n, r - 1n];
  test.each(edges.flatMap((spendingKey) => edges.map((other) => [spendingKey, other] as const)))(
    'agrees with accountOf and noteCommitment for key %i and salt, rho and message %i',
    async (spendingKey, other) => {
      // The native values are inputs: the circuit is satisfied only if it computes the same.
      const input = signals({ spendingKey, salt: other, rho: other, message: other });
      expect(input['account']).toBe(accountOf(spendingKey, other));
      expect(circuit.satisfies(await circuit.witness(input))).toBe(true);
    },
  );
  test.each([0n, 1n, 2n ** 64n - 1n])('agrees with noteCommitment for amount %i', async (amount) => {
    const witness = await circuit.witness(signals({ amount }));
    expect(circuit.read(witness, 'commitment')).toBe(noteCommitment(amount, ownerKey(7n), 9n));
  });
  test('an amount of 2^64 is satisfiable: refusing it is the verifier’s duty, and the builder’s', async () => {
    const commitment = hash('note', 2n ** 64n, ownerKey(7n), 9n);
    const witness = await circuit.witness({ ...signals(), amount: 2n ** 64n, commitment });
    expect(circuit.satisfies(witness)).toBe(true);
    expect(() => signals({ amount: 2n ** 64n })).toThrow('account: amount is out of range');
  });
});

describe('S3 account refuses forged witnesses', () => {
  test('C1 the account of another salt breaks the account’s hash only', async () => {
    const forged = await circuit.attempt({ ...signals(), account: accountOf(7n, 10n) });
    expect(circuit.brokenParts(forged)).toEqual(['AccountName']);
    expect(circuit.broken(forged)).toHaveLength(1);
  });
  test('C1 another owner’s account breaks it, with a note of one’s own', async () => {
    const forged = await circuit.attempt({ ...signals(), account: accountOf(6n, 8n) });
    expect(circuit.brokenParts(forged)).toEqual(['AccountName']);
  });
  test('C1 another salt in the witness breaks the account’s hash only', async () => {
    const forged = circuit.forge(await circuit.witness(signals()), { salt: 10n });
    expect(circuit.brokenParts(forged)).toEqual(['AccountName']);
  });
  test('C1, C2 another spending key in the witness breaks the account and the owner key', async () => {
    const forged = circuit.forge(await circuit.witness(signals()), { spendingKey: 6n });
    expect(circuit.brokenParts(forged)).toEqual(['AccountName', 'OwnerKey']);
  });
  test('C2 a note of another owner breaks: only where its hash meets the owner key of the account', async () => {
    const mine = await circuit.witness(signals());
    const theirs = await circuit.witness(signals({ spendingKey: 6n }));
    const spliced = circuit.splice(mine, theirs, /^(OwnerKey|NoteCommitment)\.|^(commitment|pk)$/);
    expect(circuit.brokenParts(spliced)).toEqual(['OwnerKey']);
    const noteOnly = circuit.splice(mine, theirs, /^NoteCommitment\.|^commitment$/);
    expect(circuit.satisfies(noteOnly)).toBe(false);
    expect(circuit.brokenParts(noteOnly).join()).toContain('NoteCommitment');
  });
  test('C3 another commitment breaks the note’s hash only', async () => {
    const forged = await circuit.attempt({ ...signals(), commitment: 1n });
    expect(circuit.brokenParts(forged)).toEqual(['NoteCommitment']);
    expect(circuit.broken(forged)).toHaveLength(1);
  });
  test.each(['rho', 'amount'])('C3 another %s breaks the note’s hash only', async (signal) => {
    const forged = circuit.forge(await circuit.witness(signals()), { [signal]: 1n });
    expect(circuit.brokenParts(forged)).toEqual(['NoteCommitment']);
  });
  test('C4 another message breaks its square only, and −message, which has the same, is another public signal', async () => {
    const honest = await circuit.witness(signals());
    expect(circuit.broken(circuit.forge(honest, { message: 6n }))).toEqual(['message messageSquare']);
    const negative = circuit.forge(honest, { message: r - 5n });
    expect(circuit.satisfies(negative)).toBe(true);
    expect(circuit.read(negative, 'message')).not.toBe(5n);
  });
});
