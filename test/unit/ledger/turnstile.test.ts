import { describe, expect, test } from 'vitest';
import {
  accountIdOf,
  genesisSettlement,
  type SettlementState,
} from '../../../src/ledger/settlement-state.ts';
import { settle } from '../../../src/ledger/transition.ts';
import { auditTurnstile } from '../../../src/ledger/turnstile.ts';
import { height } from '../../../src/params/ids.ts';
import { idNamed } from './batches.ts';
import { GENESIS_TIME, MEDIANS, NOTES_TOTAL, PARAMS, sampleChain } from './market.ts';
import { sampleAction, sampleDeposit } from './transfer-items.ts';

const A = accountIdOf(5n);
const legs = [undefined, undefined, undefined, undefined];
const batch = (name: string, deposit: bigint) => ({
  kind: 'batch' as const,
  id: idNamed(name),
  fee: 1_000n,
  content: { account: 5n, deposit, orders: legs },
});
/** A height in which money goes every way: in by a batch and a deposit, out by a shield; one batch is refused. */
const before = genesisSettlement(sampleChain());
const items = [
  { ...sampleDeposit({ amount: 900_000n }), id: idNamed('deposit') },
  { ...sampleAction({ amount: 300_000n }), id: idNamed('shield') },
  batch('good', 50_000n),
  batch('too much', NOTES_TOTAL + 300_000n),
];
const settled = settle(PARAMS, before, {
  height: height(1),
  timeS: GENESIS_TIME,
  oracleTimeS: GENESIS_TIME,
  medians: MEDIANS,
  beacon: new Uint8Array(64),
  items,
  refused: [],
});
const spends = [
  { id: idNamed('good'), amount: 51_000n },
  { id: idNamed('too much'), amount: NOTES_TOTAL + 301_000n },
];
const audit = (state: Partial<SettlementState>, outcome: Partial<typeof settled> = {}) =>
  auditTurnstile(before, { ...settled.state, ...state }, { ...settled, ...outcome }, spends);

describe('the audit of a height', () => {
  test('counts what went in and out, without what was refused', () => {
    expect(settled.receipts.map(({ code }) => code)).toEqual(['SETTLE_POOL_EXCEEDED']);
    const expected = {
      before: NOTES_TOTAL,
      shielded: 300_000n,
      spent: 51_000n,
      after: NOTES_TOTAL + 249_000n,
      accounts: 900_000n - 300_000n - 1_000n + 50_000n,
      fees: 2_000n,
      insurance: 0n,
      deposits: NOTES_TOTAL + 900_000n,
      withdrawals: 0n,
    };
    expect(settled.turnstile).toEqual(expected);
    expect(audit({})).toEqual(expected);
  });

  const { pool, deposits, fees, accounts } = settled.state;
  const richer = new Map([...accounts, [A, { ...accounts.get(A)!, cash: accounts.get(A)!.cash + 1n }]]);
  test.each<[string, Partial<SettlementState>]>([
    ['a unit too many in the pool', { pool: pool + 1n, fees: fees - 1n }],
    ['a unit too few in the pool', { pool: pool - 1n, fees: fees + 1n }],
    ['a pool below 0', { pool: -1n }],
    ['a deposit that nobody made', { deposits: deposits + 1n, fees: fees + 1n }],
    ['a withdrawal that nobody made', { withdrawals: 1n, fees: fees - 1n }],
    ['a unit too many in an account', { accounts: richer }],
    ['a unit too many in the fees', { fees: fees + 1n }],
    ['a unit too many in the insurance', { insurance: 1n }],
  ])('finds %s', (_, state) => {
    expect(() => audit(state)).toThrow('invariant broken');
  });

  test('finds a refusal, a shield or a deposit that was not told', () => {
    expect(() => audit({}, { receipts: [] })).toThrow('the pool');
    const without = (kind: string) => settled.transfers.filter((transfer) => transfer.kind !== kind);
    expect(() => audit({}, { transfers: without('shield') })).toThrow('the pool');
    expect(() => audit({}, { transfers: without('deposit') })).toThrow('deposits and withdrawals');
  });
});
