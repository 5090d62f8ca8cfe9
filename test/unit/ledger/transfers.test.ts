import { describe, expect, test } from 'vitest';
import { bigintToBytes, toHex } from '../../../src/base/bytes.ts';
import {
  accountIdOf,
  genesisSettlement,
  type SettlementState,
} from '../../../src/ledger/settlement-state.ts';
import {
  isAffordable,
  type NamedAction,
  type NamedDeposit,
  shieldedNotes,
} from '../../../src/ledger/transfers.ts';
import { type OpenedItem, type Settlement, settle } from '../../../src/ledger/transition.ts';
import { equity } from '../../../src/market/account.ts';
import type { Order } from '../../../src/market/order.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { idNamed } from './batches.ts';
import { GENESIS_TIME, MEDIANS, NOTES_TOTAL, PARAMS, sampleChain } from './market.ts';
import { PLACE, sampleAction, sampleDeposit, sampleWithdrawal } from './transfer-items.ts';

const FEE = PARAMS.batchFee;
const A = accountIdOf(5n);
const CASH = 10_000_000_000n;

const deposit = (amount: bigint, account = 5n): NamedDeposit => ({
  ...sampleDeposit({ amount, account }),
  id: idNamed(`deposit ${account} ${amount}`),
});
const shield = (amount: bigint, overrides: Partial<NamedAction> = {}): NamedAction => ({
  ...sampleAction({ amount }),
  id: idNamed('shield'),
  ...overrides,
});
const withdraw = (amount: bigint, overrides: Partial<NamedAction> = {}): NamedAction => ({
  ...sampleWithdrawal({ amount }),
  id: idNamed('withdraw'),
  ...overrides,
});
const perp = (side: 'buy' | 'sell', lots: bigint, price = 60_000_000n): Order => ({
  side,
  instrument: instrumentIndex(0),
  lots,
  price,
  reduceOnly: false,
});
const batch = (name: string, account: bigint, orders: readonly Order[], paid: bigint): OpenedItem => ({
  kind: 'batch',
  id: idNamed(name),
  fee: FEE,
  content: { account, deposit: paid, orders: Array.from({ length: 4 }, (_, i) => orders[i]) },
});

const genesis = genesisSettlement(sampleChain());
function next(
  before: SettlementState,
  items: readonly OpenedItem[],
  { index = MEDIANS[0] as bigint, lateS = 0n } = {},
): Settlement {
  const timeS = GENESIS_TIME + 10n * BigInt(before.height + 1);
  return settle(PARAMS, before, {
    height: height(before.height + 1),
    timeS: timeS + lateS,
    oracleTimeS: timeS,
    medians: [index, MEDIANS[1]],
    beacon: new Uint8Array(64).fill(3),
    items,
    refused: [],
  });
}
/** Account 5 with cash and nothing else. */
const funded = next(genesis, [deposit(CASH)]).state;
const cashOf = (state: SettlementState): bigint => state.accounts.get(A)!.cash;
const codes = ({ receipts }: Settlement): string[] => receipts.map(({ code }) => code);

describe('a deposit', () => {
  test('opens its account, is cash, and is new money', () => {
    const { state, transfers, receipts, turnstile } = next(genesis, [deposit(7n)]);
    expect(state.accounts.get(A)).toEqual({ cash: 7n, sequence: 0n, positions: new Map() });
    expect([state.deposits, state.withdrawals, state.pool]).toEqual([NOTES_TOTAL + 7n, 0n, NOTES_TOTAL]);
    expect(receipts).toEqual([]);
    const { id } = deposit(7n);
    expect(transfers).toEqual([
      { id, kind: 'deposit', account: A, amount: 7n, fee: 0n, to: new Uint8Array(32) },
    ]);
    expect(turnstile).toMatchObject({ before: NOTES_TOTAL, shielded: 0n, spent: 0n, after: NOTES_TOTAL });
  });

  test('is there for the actions and the orders of its own height', () => {
    const { state } = next(genesis, [deposit(CASH), withdraw(CASH - FEE)]);
    expect(cashOf(state)).toBe(0n);
    const traded = next(genesis, [
      deposit(CASH),
      batch('a', 5n, [perp('buy', 3n)], 0n),
      batch('b', 6n, [perp('sell', 3n)], CASH),
    ]);
    expect(traded.fills.map(({ lots }) => lots)).toEqual([3n, 3n]);
  });
});

describe('a shield', () => {
  test('moves the amount from cash to the pool and the fee to the fees, and tells which leaf is to join', () => {
    const { state, transfers, turnstile } = next(funded, [shield(1_000_000n)]);
    expect(state.accounts.get(A)).toEqual({
      cash: CASH - 1_000_000n - FEE,
      sequence: 1n,
      positions: new Map(),
    });
    expect([state.pool, state.fees]).toEqual([NOTES_TOTAL + 1_000_000n, FEE]);
    expect([state.deposits, state.withdrawals]).toEqual([NOTES_TOTAL + CASH, 0n]);
    expect(shieldedNotes(transfers)).toEqual([401n]);
    expect(toHex(transfers[0]!.to)).toBe(toHex(bigintToBytes(401n, 32)));
    expect(turnstile).toEqual({
      before: NOTES_TOTAL,
      shielded: 1_000_000n,
      spent: 0n,
      after: NOTES_TOTAL + 1_000_000n,
      accounts: CASH - 1_000_000n - FEE,
      fees: FEE,
      insurance: 0n,
      deposits: NOTES_TOTAL + CASH,
      withdrawals: 0n,
    });
  });

  test('can be spent by a batch of a later height: the pool holds it', () => {
    const empty = next(genesis, [batch('all', 9n, [], NOTES_TOTAL - FEE), deposit(CASH)]).state;
    expect(empty.pool).toBe(0n);
    const shielded = next(empty, [shield(1_000_000n)]).state;
    const spend = (amount: bigint) => next(shielded, [batch('spend', 7n, [], amount - FEE)]);
    expect(codes(spend(1_000_001n))).toEqual(['SETTLE_POOL_EXCEEDED']);
    expect(spend(1_000_000n).state.pool).toBe(0n);
  });
});

describe('a withdrawal', () => {
  test('moves the amount to outside and says where to', () => {
    const { state, transfers } = next(funded, [withdraw(1_000_000n)]);
    expect([cashOf(state), state.pool, state.fees]).toEqual([CASH - 1_000_000n - FEE, NOTES_TOTAL, FEE]);
    expect(state.withdrawals).toBe(1_000_000n);
    expect(transfers).toEqual([
      { id: idNamed('withdraw'), kind: 'withdraw', account: A, amount: 1_000_000n, fee: FEE, to: PLACE },
    ]);
    expect(shieldedNotes(transfers)).toEqual([]);
  });
});

describe('what may leave', () => {
  test('is all the cash of an account without positions, less the fee, and not a unit more', () => {
    const most = next(funded, [shield(CASH - FEE)]);
    expect([cashOf(most.state), codes(most)]).toEqual([0n, []]);
    const more = next(funded, [shield(CASH - FEE + 1n)]);
    expect([cashOf(more.state), codes(more)]).toEqual([CASH - FEE, ['SETTLE_AMOUNT_EXCEEDED']]);
  });

  test('a refused action pays its fee, shields nothing and uses its number up', () => {
    const { state, transfers } = next(funded, [shield(CASH)]);
    const row = { id: idNamed('shield'), kind: 'refused', account: A, amount: 0n, fee: FEE };
    expect(transfers).toEqual([{ ...row, to: new Uint8Array(32) }]);
    expect(shieldedNotes(transfers)).toEqual([]);
    expect(state.accounts.get(A)).toEqual({ cash: CASH - FEE, sequence: 1n, positions: new Map() });
    expect([state.pool, state.fees, state.withdrawals]).toEqual([NOTES_TOTAL, FEE, 0n]);
  });

  test.each([1n, FEE - 1n, FEE])('of cash of %i it pays the fee as far as that goes', (cash) => {
    const { state, transfers } = next(genesis, [deposit(cash), shield(CASH)]);
    expect(transfers.map(({ kind, fee }) => [kind, fee])).toContainEqual(['refused', cash]);
    expect([cashOf(state), state.fees]).toEqual([0n, cash]);
  });

  test('what cash there is beyond the equity it does not pay: a loss would be somebody else’s', () => {
    const before = next(funded, [
      batch('a', 5n, [perp('buy', 1n)], 0n),
      batch('b', 6n, [perp('sell', 1n)], CASH),
    ]).state;
    const own = before.accounts.get(A)!;
    const poor = (worth: bigint) => {
      const cash = own.cash - equity(own, before.market.marks) + worth;
      const accounts = new Map(before.accounts).set(A, { ...own, cash });
      const insurance = before.insurance + own.cash - cash;
      return next({ ...before, accounts, insurance }, [withdraw(1n)], { lateS: 1_000n });
    };
    for (const [worth, fee] of [
      [7n, 7n],
      [FEE, FEE],
      [0n, undefined],
    ] as const) {
      const { events, transfers } = poor(worth);
      expect([events.isHalted, transfers.map((row) => row.fee)]).toEqual([
        true,
        fee === undefined ? [] : [fee],
      ]);
    }
  });

  test('an account that nobody ever paid into has nothing; its number is used all the same', () => {
    const result = next(genesis, [withdraw(1n)]);
    expect(codes(result)).toEqual(['SETTLE_AMOUNT_EXCEEDED']);
    expect(result.state.accounts.get(A)).toEqual({ cash: 0n, sequence: 1n, positions: new Map() });
  });

  test('keeps the initial margin, and unrealised profit cannot leave', () => {
    const opened = next(funded, [
      batch('a', 5n, [perp('buy', 100n)], 0n),
      batch('b', 6n, [perp('sell', 100n)], CASH),
    ]).state;
    const { cash, positions } = opened.accounts.get(A)!;
    expect(positions.size).toBe(1);
    // 100 lots at 60 USDC, 10 % initial margin, nothing won or lost.
    const free = equity(opened.accounts.get(A)!, opened.market.marks) - 600_000_000n;
    expect(codes(next(opened, [withdraw(free - FEE)]))).toEqual([]);
    expect(codes(next(opened, [withdraw(free - FEE + 1n)]))).toEqual(['SETTLE_AMOUNT_EXCEEDED']);
    // The index rises by 4 %: 240 USDC of profit, IM 24 USDC more. Two heights later cash is still the limit.
    const risen = next(opened, [], { index: 62_400_000_000n }).state;
    const later = (amount: bigint) => codes(next(risen, [withdraw(amount)], { index: 62_400_000_000n }));
    const gained = equity(risen.accounts.get(A)!, risen.market.marks);
    expect(gained - 624_000_000n).toBeLessThan(cash);
    expect(later(gained - 624_000_000n - FEE)).toEqual([]);
    expect(later(gained - 624_000_000n - FEE + 1n)).toEqual(['SETTLE_AMOUNT_EXCEEDED']);
  });

  test('gains of a height stay until it is over: a haircut may need them', () => {
    const opened = next(funded, [
      batch('a', 5n, [perp('buy', 100n)], 0n),
      batch('b', 6n, [perp('sell', 100n)], CASH),
    ]).state;
    const had = equity(opened.accounts.get(A)!, opened.market.marks);
    const at = (amount: bigint) => next(opened, [withdraw(amount)], { index: 62_400_000_000n });
    // E rises by 240 USDC and IM to 624: the 240 are there in the next height, not in this one.
    expect(equity(at(1n).state.accounts.get(A)!, at(1n).state.market.marks)).toBe(
      had + 240_000_000n - 1n - FEE,
    );
    expect(codes(at(had - 624_000_000n - FEE))).toEqual([]);
    expect(codes(at(had - 624_000_000n - FEE + 1n))).toEqual(['SETTLE_AMOUNT_EXCEEDED']);
  });

  test('in a halted market SETTLE_HALTED for an account with positions; cash alone may leave', () => {
    const opened = next(funded, [
      batch('a', 5n, [perp('buy', 1n)], 0n),
      batch('b', 6n, [perp('sell', 1n)], CASH),
      deposit(CASH, 8n),
    ]).state;
    const items = [withdraw(1n), withdraw(1n, { account: 8n, id: idNamed('other') })];
    const { events, receipts, transfers, state } = next(opened, items, { lateS: 1_000n });
    expect(events.isHalted).toBe(true);
    expect(receipts).toEqual([{ id: idNamed('withdraw'), leg: undefined, code: 'SETTLE_HALTED' }]);
    expect(transfers.map(({ id, kind }) => [id, kind])).toEqual(
      expect.arrayContaining([
        [idNamed('other'), 'withdraw'],
        [idNamed('withdraw'), 'refused'],
      ]),
    );
    expect(state.accounts.get(A)!.sequence).toBe(1n);
  });

  test('at admission is judged by the state settled last', () => {
    const judge = (state: SettlementState, amount: bigint) =>
      isAffordable(PARAMS, state, sampleWithdrawal({ amount }));
    expect([judge(funded, CASH - FEE), judge(funded, CASH - FEE + 1n), judge(genesis, 1n)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the order of a height', () => {
  test('is deposits, actions, batches, whatever their ids, and the order they come in changes nothing', () => {
    const empty = next(genesis, [batch('all', 9n, [], NOTES_TOTAL - FEE)]).state;
    const items: OpenedItem[] = [batch('spend', 7n, [], CASH - 2n * FEE), shield(CASH - FEE), deposit(CASH)];
    const results = [items, [...items].reverse()].map((rows) => next(empty, rows));
    for (const result of results) expect(codes(result)).toEqual([]);
    expect(results[0]!.state.pool).toBe(0n);
    expect(toHex(results[0]!.stateRoot)).toBe(toHex(results[1]!.stateRoot));
    expect(toHex(results[0]!.receiptsRoot)).toBe(toHex(results[1]!.receiptsRoot));
  });

  test('an action whose number is not the account’s next is our bug: the re-check let it in', () => {
    expect(() => next(funded, [withdraw(1n, { sequence: 1n })])).toThrow('alike');
  });
});
