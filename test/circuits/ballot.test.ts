import { beforeAll, describe, expect, test } from 'vitest';
import { ballotShare, identityCommitment, recoverIdentitySecret } from '../../src/crypto/identity.ts';
import { MerkleTree } from '../../src/crypto/merkle.ts';
import { r } from '../../src/params/fields.ts';
import { COMMITTEE_TREE_DEPTH } from '../../src/params/sizes.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import type { CircuitInput } from '../../src/testing/input-shape.ts';
import { openCircuit } from '../helpers/circuit.ts';

const SECRETS = [7n, 1n, r - 1n, 123_456_789n, 5n, 6n];
const tree = new MerkleTree(COMMITTEE_TREE_DEPTH);
for (const secret of SECRETS) tree.append(identityCommitment(secret));

const signals = (seat: number, change: CircuitInput = {}): CircuitInput => ({
  identitySecret: SECRETS[seat]!,
  path: tree.path(seat).map((children) => [...children]),
  committeeRoot: tree.root,
  scope: 5n,
  x: 99n,
  ...change,
});

let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('circuits/ballot.circom');
});

describe('S1 ballot', () => {
  test.each(SECRETS.map((secret, seat) => [secret, seat]))(
    'agrees with ballotShare for secret %i in seat %i',
    async (secret, seat) => {
      const witness = await circuit.witness(signals(Number(seat)));
      const native = ballotShare(BigInt(secret!), 5n, 99n);
      expect(circuit.read(witness, 'nullifier')).toBe(native.nullifier);
      expect(circuit.read(witness, 'y')).toBe(native.y);
    },
  );
  test.each([1n, r - 1n])('agrees with ballotShare at x = %i', async (x) => {
    const witness = await circuit.witness(signals(0, { x }));
    expect(circuit.read(witness, 'y')).toBe(ballotShare(SECRETS[0]!, 5n, x).y);
  });
  test('two ballots of one scope give the secret away, two scopes do not share a nullifier', async () => {
    const point = async (change: CircuitInput): Promise<{ nullifier: bigint; x: bigint; y: bigint }> => {
      const witness = await circuit.witness(signals(3, change));
      return {
        nullifier: circuit.read(witness, 'nullifier'),
        x: circuit.read(witness, 'x'),
        y: circuit.read(witness, 'y'),
      };
    };
    const [first, second, other] = [
      await point({ x: 1n }),
      await point({ x: 2n }),
      await point({ scope: 6n }),
    ];
    expect(second.nullifier).toBe(first.nullifier);
    expect(recoverIdentitySecret(first, second)).toBe(SECRETS[3]);
    expect(other.nullifier).not.toBe(first.nullifier);
  });
  test('the same secret at another place of the tree gives the same nullifier', async () => {
    const twice = tree.clone();
    const seat = twice.append(identityCommitment(SECRETS[0]!));
    const path = twice.path(seat).map((children) => [...children]);
    const moved = await circuit.witness(signals(0, { path, committeeRoot: twice.root }));
    expect(circuit.read(moved, 'nullifier')).toBe(ballotShare(SECRETS[0]!, 5n, 99n).nullifier);
  });
});

describe('S1 ballot refuses forged witnesses', () => {
  test('C1, C4, C6 a member seat with an outsider secret breaks commitment, slope and share', async () => {
    const forged = circuit.forge(await circuit.witness(signals(0)), { identitySecret: 8n });
    expect(circuit.brokenParts(forged)).toEqual([
      'BallotSlope',
      'IdentityCommitment',
      'a1+identitySecret+x+y',
    ]);
  });
  test('C2 an outsider whose hashes are all right fails at the leaf product only', async () => {
    const forged = await circuit.attempt(signals(0, { identitySecret: 8n }));
    expect(circuit.broken(forged)).toEqual([
      'MerkleMembership.MerkleStep[0].low MerkleMembership.MerkleStep[0].high',
    ]);
  });
  test.each([1, 2, 3])(
    'C2 a path whose node is missing on level %i fails at that product only',
    async (level) => {
      const other = new MerkleTree(COMMITTEE_TREE_DEPTH);
      for (let i = 0n; i < 20n; i++) other.append(identityCommitment(1000n + i));
      const path = tree.path(0).map((own, at) => [...(at < level ? own : other.path(0)[at]!)]);
      const forged = await circuit.attempt(signals(0, { path, committeeRoot: other.root }));
      const step = `MerkleMembership.MerkleStep[${level}]`;
      expect(circuit.broken(forged)).toEqual([`${step}.low ${step}.high`]);
    },
  );
  test('C3 another root breaks the last hash only', async () => {
    const forged = await circuit.attempt(signals(0, { committeeRoot: tree.root + 1n }));
    expect(circuit.brokenParts(forged)).toEqual(['MerkleMembership']);
    expect(circuit.broken(forged)).toHaveLength(1);
  });
  test.each([0, 1, 2, 3])('C3 children of level %i that hash to another parent break', async (level) => {
    const honest = await circuit.witness(signals(0));
    const forged = circuit.forge(honest, { [`path[${level}][3]`]: 77n });
    expect(circuit.brokenParts(forged)).toEqual(['MerkleMembership']);
  });
  test('C4 another scope breaks the slope only', async () => {
    const forged = circuit.forge(await circuit.witness(signals(0)), { scope: 6n });
    expect(circuit.brokenParts(forged)).toEqual(['BallotSlope']);
  });
  test('C5 another nullifier breaks its hash only', async () => {
    const forged = circuit.forge(await circuit.witness(signals(0)), { nullifier: 1n });
    expect(circuit.brokenParts(forged)).toEqual(['BallotNullifier']);
  });
  test('C6 another share, or another x, breaks one constraint', async () => {
    const honest = await circuit.witness(signals(0));
    for (const values of [{ y: circuit.read(honest, 'y') + 1n }, { x: 98n }]) {
      expect(circuit.broken(circuit.forge(honest, values))).toHaveLength(1);
    }
  });
  test('x = 0 is satisfiable and shows the secret: refusing it is the verifier’s duty', async () => {
    const witness = await circuit.witness(signals(0, { x: 0n }));
    expect(circuit.read(witness, 'y')).toBe(SECRETS[0]);
  });
});
