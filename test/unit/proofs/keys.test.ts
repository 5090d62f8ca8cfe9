import { afterAll, expect, test } from 'vitest';
import { bigintToBytes, concatBytes } from '../../../src/base/bytes.ts';
import {
  clearCofactor,
  encodePoint,
  multiply,
  multiplyBase,
  pointFromAffine,
} from '../../../src/crypto/babyjub.ts';
import { ballotShare, identityCommitment } from '../../../src/crypto/identity.ts';
import { MerkleTree } from '../../../src/crypto/merkle.ts';
import { openWords } from '../../../src/crypto/seal.ts';
import { unpackBatch } from '../../../src/ledger/batch-words.ts';
import { batchSignals } from '../../../src/ledger/items.ts';
import { accountOf, changeRho, noteCommitment, noteNullifier, ownerKey } from '../../../src/ledger/notes.ts';
import { r } from '../../../src/params/fields.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { accountInput } from '../../../src/proofs/account.ts';
import { ballotInput } from '../../../src/proofs/ballot.ts';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import { ordersInput } from '../../../src/proofs/orders.ts';
import { openProverPool } from '../../../src/proofs/pool.ts';

// The keys of the package: what the circuits prove is what the rest of the program computes natively.
const pool = openProverPool({ processes: 1 });
afterAll(() => pool.close());

test('ballot: the proof states the native nullifier and share, and binds the message hash', async () => {
  const committee = new MerkleTree(4);
  committee.append(identityCommitment(99n));
  committee.append(identityCommitment(7n));
  const statement = { committeeRoot: committee.root, scope: 5n, x: 3n };
  const input = ballotInput({ identitySecret: 7n, path: committee.path(1), ...statement });
  const { proof, publicSignals } = await pool.prove('ballot', input);
  const { nullifier, y } = ballotShare(7n, statement.scope, statement.x);
  expect(publicSignals).toEqual([nullifier, y, statement.committeeRoot, statement.scope, statement.x]);
  const verifier = await loadVerifier('ballot');
  expect(await verifier.verify(publicSignals, proof)).toBe(true);
  expect(await verifier.verify(publicSignals.with(4, 4n), proof)).toBe(false);
});

test('orders: the proof states the native note, and the key holder opens the sealed orders', async () => {
  const [secret, spendingKey, value, rho, salt] = [777n, 11n, 10_000_000n, 22n, 33n];
  const notes = new MerkleTree(10);
  const commitment = noteCommitment(value, ownerKey(spendingKey), rho);
  notes.append(noteCommitment(1n, 2n, 3n));
  notes.append(commitment);
  const Y8 = clearCofactor(multiplyBase(secret));
  const table = { buyPpm: Array<bigint>(16).fill(200_000n), sellUnits: Array<bigint>(16).fill(5_000n) };
  const [context, fee, deposit] = [5n, 10n, 110_000n];
  const buy = {
    side: 'buy',
    instrument: instrumentIndex(3),
    price: 50_000n,
    lots: 10n,
    reduceOnly: false,
  } as const;
  const sell = {
    side: 'sell',
    instrument: instrumentIndex(15),
    price: 7n,
    lots: 2n,
    reduceOnly: false,
  } as const;
  const orders = [buy, sell, undefined, { ...sell, reduceOnly: true, lots: 1n << 32n }];
  const input = ordersInput({
    ...{ Y8, table, context, fee, deposit, orders, spendingKey, value, rho, salt },
    noteRoot: notes.root,
    path: notes.path(1),
    sealRandomness: 123_456_789n,
  });
  const { proof, publicSignals } = await pool.prove('orders', input);
  const [nullifier, changeCommitment, Ux, Uy, ct0, ct1, ct2, tag] = publicSignals as [
    ...[bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint],
  ];
  expect(nullifier).toBe(noteNullifier(spendingKey, commitment));
  const change = noteCommitment(
    value - deposit - fee,
    ownerKey(spendingKey),
    changeRho(spendingKey, nullifier),
  );
  expect(changeCommitment).toBe(change);
  const U = pointFromAffine(Ux, Uy)!;
  expect(encodePoint(U)).toEqual(encodePoint(multiplyBase(123_456_789n)));
  const words = openWords(clearCofactor(multiply(U, secret)), { ct: [ct0, ct1, ct2], tag }, context);
  expect(unpackBatch(words!)).toEqual({ account: accountOf(spendingKey, salt), deposit, orders });

  const batch = {
    ...({ kind: 'batch', noteRoot: notes.root, fee, nullifier, changeCommitment, tag } as const),
    ct: [ct0, ct1, ct2] as const,
    U: concatBytes(bigintToBytes(Ux, 32), bigintToBytes(Uy, 32)),
    ...{ fromHeight: height(1), toHeight: height(2), tableHeight: height(0) },
  };
  const statement = batchSignals(batch, { context, Y8, table });
  expect(publicSignals).toEqual(statement);
  const verifier = await loadVerifier('orders');
  expect(await verifier.verify(statement, proof)).toBe(true);
  expect(await verifier.verify(batchSignals({ ...batch, fee: 11n }, { context, Y8, table }), proof)).toBe(
    false,
  );
});

test('account: the proof states the native account and note, and binds amount and message', async () => {
  const input = accountInput({
    spendingKey: 11n,
    salt: 33n,
    rho: 22n,
    amount: (1n << 64n) - 1n,
    message: 5n,
  });
  const { proof, publicSignals } = await pool.prove('account', input);
  const commitment = noteCommitment((1n << 64n) - 1n, ownerKey(11n), 22n);
  expect(publicSignals).toEqual([accountOf(11n, 33n), (1n << 64n) - 1n, commitment, 5n]);
  const verifier = await loadVerifier('account');
  expect(await verifier.verify(publicSignals, proof)).toBe(true);
  for (let i = 0; i < publicSignals.length; i++) {
    expect(await verifier.verify(publicSignals.with(i, publicSignals[i]! + 1n), proof)).toBe(false);
  }
  expect(await verifier.verify(publicSignals.with(3, r - 5n), proof)).toBe(false);
});
