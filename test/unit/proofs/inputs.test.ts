import { describe, expect, test } from 'vitest';
import { clearCofactor, multiplyBase } from '../../../src/crypto/babyjub.ts';
import type { BallotWitness } from '../../../src/crypto/identity.ts';
import { identityCommitment } from '../../../src/crypto/identity.ts';
import { MerkleTree } from '../../../src/crypto/merkle.ts';
import type { Leg } from '../../../src/ledger/batch-words.ts';
import { accountOf, noteCommitment, ownerKey } from '../../../src/ledger/notes.ts';
import { l, r } from '../../../src/params/fields.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { type AccountWitness, accountInput } from '../../../src/proofs/account.ts';
import { ballotInput } from '../../../src/proofs/ballot.ts';
import { type OrdersWitness, ordersInput } from '../../../src/proofs/orders.ts';
import { flattenSignals, type Signals } from '../../../src/proofs/signals.ts';

const committee = new MerkleTree(4);
committee.append(identityCommitment(7n));
const ballot: BallotWitness = {
  identitySecret: 7n,
  path: committee.path(0),
  committeeRoot: committee.root,
  scope: 5n,
  x: 3n,
};

const notes = new MerkleTree(10);
notes.append(noteCommitment(10_000_000n, ownerKey(11n), 22n));
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
const orders: OrdersWitness = {
  noteRoot: notes.root,
  Y8: clearCofactor(multiplyBase(777n)),
  context: 5n,
  fee: 10n,
  table: { buyPpm: Array<bigint>(16).fill(200_000n), sellUnits: Array<bigint>(16).fill(5_000n) },
  spendingKey: 11n,
  value: 10_000_000n,
  rho: 22n,
  path: notes.path(0),
  salt: 33n,
  deposit: 110_000n, // 10 · 50,000 · 0.2 + 2 · 5,000: exactly the reserve
  orders: [buy, sell, undefined, { ...buy, price: 1n << 32n, lots: 1n << 32n, reduceOnly: true }],
  sealRandomness: 123_456n,
};
const withLeg = (leg: Leg): OrdersWitness => ({ ...orders, orders: [leg, undefined, undefined, undefined] });
const inputError = (circuit: string, signal: string) =>
  expect.objectContaining({ code: 'CIRCUIT_INPUT', data: { circuit, signal } });

describe('ballotInput', () => {
  test('gives the circuit its signals', () => {
    expect(ballotInput(ballot)).toEqual(ballot);
    expect(flattenSignals('ballot', ballotInput(ballot))['path']).toEqual(committee.path(0).flat());
  });

  test.each<[string, Partial<BallotWitness>]>([
    ['identitySecret', { identitySecret: r }],
    ['identitySecret', { identitySecret: -1n }],
    ['committeeRoot', { committeeRoot: r }],
    ['scope', { scope: 5 as unknown as bigint }],
    ['x', { x: r }],
    ['x', { x: 0n }],
    ['path', { path: committee.path(0).slice(1) }],
    ['path[2][1]', { path: committee.path(0).map((c, i) => (i === 2 ? [c[0], r, c[2], c[3]] : c)) }],
    ['path[3]', { path: committee.path(0).map((c, i) => (i === 3 ? c.slice(1) : c)) as never }],
  ])('names %s when it is wrong', (signal, change) => {
    expect(() => ballotInput({ ...ballot, ...change })).toThrow(inputError('ballot', signal));
  });
});

describe('ordersInput', () => {
  test('gives the circuit its signals, an absent leg as zeros', () => {
    expect(ordersInput(orders)).toMatchObject({
      active: [1n, 1n, 0n, 1n],
      side: [0n, 1n, 0n, 0n],
      reduceOnly: [0n, 0n, 0n, 1n],
      instrument: [3n, 15n, 0n, 3n],
      price: [50_000n, 7n, 0n, 1n << 32n],
      lots: [10n, 2n, 0n, 1n << 32n],
      Y8: [orders.Y8.toAffine().x, orders.Y8.toAffine().y],
      deposit: 110_000n,
    });
    expect(Object.values(flattenSignals('orders', ordersInput(orders))).flat()).toHaveLength(
      3 + 3 + 32 + 40 + 4 + 24 + 1,
    );
  });

  test.each<[string, Partial<OrdersWitness>]>([
    ['spendingKey', { spendingKey: r }],
    ['value', { value: 1n << 64n }],
    ['value', { value: 110_009n }],
    ['fee', { fee: -1n }],
    ['deposit', { deposit: 109_999n }],
    ['deposit', { deposit: 1n << 64n }],
    ['sealRandomness', { sealRandomness: l }],
    ['sealRandomness', { sealRandomness: 0n }],
    ['sealRandomness', { sealRandomness: 1n }],
    ['sealRandomness', { sealRandomness: l - 1n }],
    ['sealRandomness', { sealRandomness: l - 2n }],
    ['active', { orders: [buy] }],
    ['price[0]', withLeg({ ...buy, price: 0n })],
    ['price[0]', withLeg({ ...buy, price: (1n << 32n) + 1n })],
    ['lots[0]', withLeg({ ...buy, lots: 0n })],
    ['lots[0]', withLeg({ ...buy, lots: (1n << 32n) + 1n })],
    ['instrument[0]', withLeg({ ...buy, instrument: instrumentIndex(16) })],
    ['instrument[0]', withLeg({ ...buy, instrument: instrumentIndex(0.5) })],
    ['table[0]', { table: { ...orders.table, buyPpm: [] } }],
    ['table[0][1]', { table: { ...orders.table, buyPpm: orders.table.buyPpm.with(1, 1n << 32n) } }],
    ['table[1][2]', { table: { ...orders.table, sellUnits: orders.table.sellUnits.with(2, 1n << 64n) } }],
  ])('names %s when it is wrong', (signal, change) => {
    expect(() => ordersInput({ ...orders, ...change })).toThrow(inputError('orders', signal));
  });

  test('an error quotes no value', () => {
    expect(() => ordersInput({ ...orders, spendingKey: r + 987_654_321n })).not.toThrow(
      String(r + 987_654_321n),
    );
    expect(() => ordersInput({ ...orders, spendingKey: r + 987_654_321n })).toThrow(
      'orders: spendingKey is out of range; spendingKey takes an integer of F_r, not negative',
    );
  });
});

describe('accountInput', () => {
  const account: AccountWitness = { spendingKey: 11n, salt: 33n, rho: 22n, amount: 5n, message: 6n };
  test('gives the circuit its signals, account and commitment computed', () => {
    expect(accountInput(account)).toEqual({
      ...account,
      account: accountOf(11n, 33n),
      commitment: noteCommitment(5n, ownerKey(11n), 22n),
    });
  });
  test.each<[string, Partial<AccountWitness>]>([
    ['spendingKey', { spendingKey: r }],
    ['salt', { salt: -1n }],
    ['rho', { rho: 22 as unknown as bigint }],
    ['amount', { amount: 1n << 64n }],
    ['message', { message: r }],
  ])('names %s when it is wrong', (signal, change) => {
    expect(() => accountInput({ ...account, ...change })).toThrow(inputError('account', signal));
  });
});

describe('flattenSignals', () => {
  test.each<[string, Signals]>([
    ['scope', { ...ballotInput(ballot), scope: [1n] }],
    ['path', { ...ballotInput(ballot), path: 1n }],
    ['path[0]', { ...ballotInput(ballot), path: [1n, 1n, 1n, 1n] }],
    ['extra', { ...ballotInput(ballot), extra: 1n }],
  ])('names %s when shape or name is wrong', (signal, signals) => {
    expect(() => flattenSignals('ballot', signals)).toThrow(inputError('ballot', signal));
  });

  test('names a missing signal', () => {
    const { scope: _, ...rest } = ballotInput(ballot);
    expect(() => flattenSignals('ballot', rest)).toThrow(inputError('ballot', 'scope'));
  });
});
