import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../../../src/base/bytes.ts';
import { perp, type SentAction, TradingWorld } from '../../../src/committee/traders.ts';
import type { ActionItem } from '../../../src/ledger/actions.ts';
import { encodeItem } from '../../../src/ledger/items.ts';
import type { Settlement } from '../../../src/ledger/transition.ts';
import { r } from '../../../src/params/fields.ts';
import { height, type ItemId } from '../../../src/params/ids.ts';
import { kernels } from '../../helpers/kernels.ts';
import { MEDIANS } from '../ledger/market.ts';
import { PLACE } from '../ledger/transfer-items.ts';

/** Deposits, shields and withdrawals at a committee whose oracle says what a proof is worth. */

const CASH = 5_000_000_000n;
const FEE = 1_000n;

/** A committee that has settled a deposit into trader 0's account at height 1. */
function funded(seed = 5): TradingWorld {
  const world = new TradingWorld({ kernels, n: 4, seed });
  world.submitAll(world.deposit(0n, world.accountOf(0), CASH));
  world.runHeight(1, MEDIANS);
  return world;
}

const offer = ({ committee }: TradingWorld, bytes: Uint8Array): void => {
  committee.input(0, { type: 'item', bytes });
  committee.drain();
};
const codes = ({ committee }: TradingWorld): string[] => committee.refused[0]!.map(({ code }) => code);
const accepted = ({ committee }: TradingWorld, at: number): string[] =>
  committee
    .ordered(at)
    .accepted.map(({ item }) => item.kind)
    .sort();
const changed = ({ item }: SentAction, change: Partial<ActionItem>): Uint8Array =>
  encodeItem({ ...item, ...change });

describe('a validator', () => {
  const world = funded();
  const good = world.action(0, 1_000_000n);

  test.each<[string, string, () => Uint8Array]>([
    ['too short an action', 'ITEM_MALFORMED', () => good.bytes.subarray(0, -1)],
    ['an action of an unknown kind', 'ITEM_MALFORMED', () => good.bytes.with(1, 9)],
    ['an account not below r', 'ITEM_SIGNAL_RANGE', () => changed(good, { account: good.item.account + r })],
    ['an amount of 0', 'ITEM_AMOUNT_ZERO', () => changed(good, { amount: 0n })],
    ['a shield with a destination', 'ITEM_DESTINATION', () => changed(good, { destination: PLACE })],
    ['a last height that is over', 'ITEM_WINDOW', () => world.action(0, 1n, { lastHeight: height(1) }).bytes],
    ['a sequence number too high', 'ITEM_SEQUENCE', () => world.action(0, 1n, { sequence: 1n }).bytes],
    [
      'a note that is in the tree',
      'ITEM_COMMITMENT_EXISTS',
      () => changed(good, { commitment: world.committee.chain.notes[0]! }),
    ],
    ['a unit more than may leave', 'ITEM_AMOUNT_EXCEEDED', () => world.action(0, CASH - FEE + 1n).bytes],
    ['an account that does not exist', 'ITEM_AMOUNT_EXCEEDED', () => world.action(1, 1n).bytes],
    ['another amount than was proved', 'ITEM_PROOF_INVALID', () => changed(good, { amount: 999_999n })],
    [
      'another last height than was proved',
      'ITEM_PROOF_INVALID',
      () => changed(good, { lastHeight: height(9) }),
    ],
    [
      'a shield that was made a withdrawal',
      'ITEM_PROOF_INVALID',
      () => changed(good, { action: 'withdraw', destination: PLACE }),
    ],
    [
      'a proof by the secret of another account',
      'ITEM_PROOF_INVALID',
      () => changed(world.action(1, 1_000_000n), { account: good.item.account }),
    ],
    [
      'too short a deposit',
      'ITEM_MALFORMED',
      () => world.deposit(1n, world.accountOf(0), 1n).bytes.subarray(1),
    ],
    ['a deposit of 0', 'ITEM_AMOUNT_ZERO', () => world.deposit(1n, world.accountOf(0), 0n).bytes],
    [
      'a deposit of an earlier height',
      'ITEM_DEPOSIT_USED',
      () => world.deposit(0n, world.accountOf(0), CASH).bytes,
    ],
    [
      'another deposit of its number',
      'ITEM_DEPOSIT_USED',
      () => world.deposit(0n, world.accountOf(1), 7n).bytes,
    ],
    [
      'a deposit that somebody else signed',
      'ITEM_SIGNATURE_INVALID',
      () => world.deposit(1n, world.accountOf(0), 1n, new Uint8Array(32).fill(6)).bytes,
    ],
    [
      'a deposit of another amount than was signed',
      'ITEM_SIGNATURE_INVALID',
      () => encodeItem({ ...world.deposit(1n, world.accountOf(0), 1n).item, amount: 2n }),
    ],
  ])('refuses %s with %s', (_, code, make) => {
    const before = codes(world).length;
    offer(world, make());
    expect(codes(world).slice(before)).toEqual([code]);
  });

  test('admits the good ones all the same, and refuses a second of one number while the first waits', () => {
    const before = codes(world).length;
    offer(world, good.bytes);
    offer(world, world.deposit(1n, world.accountOf(0), 1n).bytes);
    expect(codes(world).length).toBe(before);
    offer(world, world.action(0, 2n).bytes);
    offer(world, world.deposit(1n, world.accountOf(0), 2n).bytes);
    expect(codes(world).slice(before)).toEqual(['ITEM_SEQUENCE_PENDING', 'ITEM_DEPOSIT_PENDING']);
  });
});

describe('a committee', () => {
  test('orders and settles deposits, actions and batches together; a replica follows; the shielded note is spent', () => {
    const world = funded();
    const { committee } = world;
    const before = world.notesOf(0).length;
    const shield = world.action(0, 3_000_000_000n);
    world.submitAll(
      shield,
      world.deposit(1n, world.accountOf(1), CASH),
      world.batch(2, [perp('buy', 1n)], world.terms(2)),
    );
    const settled = world.runHeight(2, MEDIANS);
    expect(accepted(world, 2)).toEqual(['action', 'batch', 'deposit']);
    expect(settled.receipts).toEqual([]);
    expect(settled.turnstile.shielded).toBe(3_000_000_000n);
    expect(world.notesOf(0)).toHaveLength(before + 1);
    const path = () => world.replica.notePath(shield.item.commitment);
    expect(path()).toBeUndefined();
    world.submitAll(world.action(0, 1_000_000n, { destination: PLACE }));
    const withdrawn = world.runHeight(3, MEDIANS);
    expect(withdrawn.transfers.map(({ kind, to }) => [kind, toHex(to)])).toEqual([
      ['withdraw', toHex(PLACE)],
    ]);
    expect(path()).toBeUndefined();
    world.submitAll(world.deposit(2n, world.accountOf(0), 1n));
    world.runHeight(4, MEDIANS);
    expect(path()).toBeDefined();
    // Two genesis notes come first, then the shielded one.
    const big = () => world.batch(0, [perp('sell', 100n, 59_000_000n)], world.terms(5));
    expect(world.notesOf(0)).toContain(3_000_000_000n);
    world.submitAll(big(), big(), big());
    expect(world.notesOf(0)).toEqual([]);
    world.runHeight(5, MEDIANS);
    expect(accepted(world, 5)).toEqual(['batch', 'batch', 'batch']);
    for (const i of committee.correct) {
      expect(committee.view(i, 5).settled!.settlement.stateRoot).toEqual(
        committee.view(0, 5).settled!.settlement.stateRoot,
      );
    }
  });

  /** What a height settles of two items of one key that half of the committee holds each. */
  function halves(
    items: (world: TradingWorld) => readonly { readonly id: ItemId; readonly bytes: Uint8Array }[],
  ): Settlement {
    const world = funded();
    const [one, other] = items(world);
    world.submit(one!.bytes, [0, 1]);
    world.submit(other!.bytes, [2, 3]);
    world.committee.drain();
    const settlement = world.runHeight(2, MEDIANS);
    const ids = settlement.transfers.map(({ id }) => id);
    expect(ids, 'everybody keeps the lower id').toEqual([[one!.id, other!.id].sort()[0]]);
    return settlement;
  }

  test('of two actions of one number that half of it holds each, settles one, and the other is never ordered', () => {
    const { receipts, state, transfers } = halves((world) =>
      [1_000_000n, 2_000_000n].map((amount) => {
        const { bytes, authorised } = world.action(0, amount);
        return { bytes, id: authorised.id };
      }),
    );
    expect(receipts).toEqual([]);
    expect(state.accounts.get(transfers[0]!.account)!.sequence).toBe(1n);
  });

  test('of two deposits of one number that half of it holds each, settles one', () => {
    const { receipts } = halves((world) =>
      [1n, 2n].map((amount) => world.deposit(7n, world.accountOf(0), amount)),
    );
    expect(receipts).toEqual([]);
  });

  test('an action that was affordable and is not any more gets a receipt; its note never joins the tree', () => {
    const world = funded();
    world.submitAll(world.batch(1, [perp('sell', 100n)], world.terms(2), 'main'));
    world.submitAll(world.batch(0, [perp('buy', 100n)], world.terms(2), 'main'));
    world.runHeight(2, MEDIANS);
    const cash = world.replica.settlement.accounts.get(world.accountOf(0))!.cash;
    const root = world.replica.noteRoot;
    const shield = world.action(0, cash - 650_000_000n);
    world.submitAll(shield);
    // The index falls by 3 %: 180 USDC of loss on 100 lots, while the admission was by the marks before.
    const { receipts, transfers } = world.runHeight(3, [58_200_000_000n, MEDIANS[1]]);
    expect(receipts).toEqual([{ id: shield.authorised.id, leg: undefined, code: 'SETTLE_AMOUNT_EXCEEDED' }]);
    expect(transfers.map(({ kind, amount, fee }) => [kind, amount, fee])).toEqual([['refused', 0n, FEE]]);
    for (const at of [4, 5]) {
      world.submitAll(world.deposit(BigInt(at), world.accountOf(2), 1n));
      world.runHeight(at, [58_200_000_000n, MEDIANS[1]]);
    }
    expect(world.replica.notePath(shield.item.commitment)).toBeUndefined();
    expect(world.replica.noteRoot).toBe(root);
  });

  test('a copy of an action with one flipped proof byte, or of a deposit with another signature, censors nothing', () => {
    const world = funded();
    const action = world.action(0, 1_000_000n);
    const deposit = world.deposit(1n, world.accountOf(0), 1n);
    const bad = [
      { bytes: changed(action, { proof: action.item.proof.with(9, action.item.proof[9]! ^ 1) }) },
      { bytes: concatBytes(deposit.bytes.subarray(0, -1), Uint8Array.of(deposit.bytes.at(-1)! ^ 1)) },
    ];
    world.submitAll(...bad);
    world.submitAll(action, deposit);
    world.runHeight(2, MEDIANS);
    expect(accepted(world, 2)).toEqual(['action', 'deposit']);
  });
});
