import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, fromHex } from '../../../src/base/bytes.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { MerkleTree, verifyPath } from '../../../src/crypto/merkle.ts';
import type { ActionItem } from '../../../src/ledger/actions.ts';
import { type BatchItem, type Item, keyOf } from '../../../src/ledger/items.ts';
import { OrderingState, recheckOrder, tableHeightsAt } from '../../../src/ledger/ordering-state.ts';
import { type Height, height } from '../../../src/params/ids.ts';
import { idNamed, sampleItem } from './batches.ts';
import { sampleAction, sampleDeposit, sampleWithdrawal } from './transfer-items.ts';

const NOTES = [101n, 102n, 103n];
const FEE = 1000n;
const beacon = new Uint8Array(64).fill(9);
const fresh = (): OrderingState => new OrderingState(NOTES, FEE);

/** A state that closed heights up to `at` without items. */
function closedUpTo(at: number): OrderingState {
  const state = fresh();
  for (let h = 1; h <= at; h++) state.closeHeight(height(h));
  return state;
}

describe('the check of one item', () => {
  const state = fresh();
  const good = sampleItem({ noteRoot: state.noteRoot });
  const h = height(1);

  test('passes a good one', () => expect(state.check(good, h)).toBeUndefined());

  test('ITEM_WINDOW before and after the window, and for one that is too long', () => {
    expect(state.check(good, height(0))).toBe('ITEM_WINDOW');
    expect(state.check(good, height(4))).toBeUndefined();
    expect(state.check(good, height(5))).toBe('ITEM_WINDOW');
    expect(state.check({ ...good, toHeight: height(16) }, h)).toBeUndefined();
    expect(state.check({ ...good, toHeight: height(17) }, h)).toBe('ITEM_WINDOW');
    expect(state.check({ ...good, fromHeight: height(4), toHeight: height(1) }, height(2))).toBe(
      'ITEM_WINDOW',
    );
  });

  test('ITEM_ROOT_UNKNOWN for a root of no height', () => {
    expect(state.check({ ...good, noteRoot: state.noteRoot + 1n }, h)).toBe('ITEM_ROOT_UNKNOWN');
    expect(state.check({ ...good, noteRoot: 0n }, h)).toBe('ITEM_ROOT_UNKNOWN');
  });

  test('ITEM_TABLE_STALE for a table too new or too old', () => {
    expect(state.check({ ...good, tableHeight: height(1) }, h)).toBe('ITEM_TABLE_STALE');
    const later = closedUpTo(11);
    const windowed = { ...good, fromHeight: height(10), toHeight: height(14) };
    const codes = [2, 3, 10, 11].map((t) => later.check({ ...windowed, tableHeight: height(t) }, height(12)));
    expect(codes).toEqual(['ITEM_TABLE_STALE', undefined, undefined, 'ITEM_TABLE_STALE']);
  });

  test('ITEM_FEE_LOW one unit below the fee', () => {
    expect(state.check({ ...good, fee: FEE - 1n }, h)).toBe('ITEM_FEE_LOW');
  });

  test('ITEM_NULLIFIER_SPENT once the note is spent', () => {
    const after = fresh();
    after.apply(good);
    after.closeHeight(h);
    expect(after.check({ ...good, changeCommitment: 99n }, height(2))).toBe('ITEM_NULLIFIER_SPENT');
  });

  test('ITEM_COMMITMENT_EXISTS for a leaf that is there, of genesis or of a batch, and for the empty leaf', () => {
    expect(state.check({ ...good, changeCommitment: 102n }, h)).toBe('ITEM_COMMITMENT_EXISTS');
    expect(state.check({ ...good, changeCommitment: 0n }, h)).toBe('ITEM_COMMITMENT_EXISTS');
    const after = fresh();
    after.apply(good);
    after.closeHeight(h);
    expect(after.check({ ...good, nullifier: 99n }, height(2))).toBe('ITEM_COMMITMENT_EXISTS');
  });

  test('reports the first rule broken', () => {
    const bad = sampleItem({
      toHeight: height(0),
      noteRoot: 1n,
      tableHeight: height(9),
      fee: 0n,
      changeCommitment: 101n,
    });
    expect(state.check(bad, h)).toBe('ITEM_WINDOW');
    expect(state.check({ ...bad, toHeight: h }, h)).toBe('ITEM_ROOT_UNKNOWN');
    expect(state.check({ ...bad, toHeight: h, noteRoot: state.noteRoot }, h)).toBe('ITEM_TABLE_STALE');
  });
});

describe('note roots', () => {
  test('there is one a height: leaves appended inside a height make none', () => {
    const state = fresh();
    const tree = new MerkleTree(10);
    for (const note of NOTES) tree.append(note);
    expect(state.noteRoot).toBe(tree.root);
    state.apply(sampleItem({ nullifier: 1n, changeCommitment: 201n }));
    tree.append(201n);
    const between = tree.root;
    state.apply(sampleItem({ nullifier: 2n, changeCommitment: 202n }));
    tree.append(202n);
    state.closeHeight(height(1));
    expect(state.noteRoot).toBe(tree.root);
    const item = sampleItem({ nullifier: 3n, changeCommitment: 203n });
    expect(state.check({ ...item, noteRoot: between }, height(2))).toBe('ITEM_ROOT_UNKNOWN');
    expect(state.check({ ...item, noteRoot: tree.root }, height(2))).toBeUndefined();
    expect(verifyPath(202n, state.notePath(202n)!, state.noteRoot, 10)).toBe(true);
    expect(state.notePath(999n)).toBeUndefined();
  });

  test('are accepted for 128 heights', () => {
    const state = fresh();
    const genesisRoot = state.noteRoot;
    state.apply(sampleItem({ nullifier: 1n, changeCommitment: 201n }));
    for (let h = 1; h <= 128; h++) {
      const item = sampleItem({
        noteRoot: genesisRoot,
        fromHeight: height(h),
        toHeight: height(h),
        tableHeight: tableHeightsAt(height(h)).last,
        nullifier: 2n,
        changeCommitment: 202n,
      });
      expect(state.check(item, height(h))).toBeUndefined();
      state.closeHeight(height(h));
    }
    const late = sampleItem({ noteRoot: genesisRoot, fromHeight: height(129), toHeight: height(129) });
    expect(state.check(late, height(129))).toBe('ITEM_ROOT_UNKNOWN');
  });

  test('heights close in order', () => {
    expect(() => fresh().closeHeight(height(2))).toThrow('one after the other');
  });
});

test('the table heights accepted are h − 9 … h − 2, and genesis in the first heights', () => {
  const range = (h: number): number[] => Object.values(tableHeightsAt(height(h)));
  expect([1, 2, 3, 9, 10, 30].map(range)).toEqual([
    [0, 0],
    [0, 0],
    [0, 1],
    [0, 7],
    [1, 8],
    [21, 28],
  ]);
});

describe('the re-check', () => {
  const state = fresh();
  const item = (nullifier: bigint, changeCommitment: bigint) =>
    sampleItem({ noteRoot: state.noteRoot, nullifier, changeCommitment });
  const named = (name: string, nullifier: bigint, changeCommitment: bigint) => ({
    id: idNamed(name),
    item: item(nullifier, changeCommitment),
  });

  test('goes by ascending H(itemOrder; beacon ‖ id)', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'].map(idNamed);
    const key = (id: string): Uint8Array => hashBytes('itemOrder', beacon, fromHex(id)!);
    const order = recheckOrder(ids, beacon);
    expect(order.every((id, i) => i === 0 || compareBytes(key(order[i - 1]!), key(id)) < 0)).toBe(true);
    expect(recheckOrder([...ids].reverse(), beacon)).toEqual(order);
    expect(recheckOrder(ids, new Uint8Array(64))).not.toEqual(order);
  });

  test('of two batches with one nullifier accepts the first, whatever order they came in', () => {
    const two = [named('a', 1n, 201n), named('b', 1n, 202n)];
    const [first, second] = recheckOrder(
      two.map(({ id }) => id),
      beacon,
    );
    for (const items of [two, [...two].reverse()]) {
      const { accepted, refused } = state.recheck(items, beacon, height(1));
      expect(accepted.map(({ id }) => id)).toEqual([first]);
      expect(refused).toEqual([{ id: second, code: 'ITEM_NULLIFIER_SPENT' }]);
    }
  });

  test('of two batches with one change note accepts the first', () => {
    const { accepted, refused } = state.recheck(
      [named('a', 1n, 201n), named('b', 2n, 201n)],
      beacon,
      height(1),
    );
    expect(accepted.length).toBe(1);
    expect(refused.map(({ code }) => code)).toEqual(['ITEM_COMMITMENT_EXISTS']);
  });

  test('a refused item takes nothing: who shares only with it is accepted', () => {
    const [first, second, third] = recheckOrder(['a', 'b', 'c'].map(idNamed), beacon);
    const items = [
      { id: first!, item: item(1n, 201n) },
      { id: second!, item: item(1n, 202n) },
      { id: third!, item: item(2n, 202n) },
    ];
    const { accepted, refused } = state.recheck(items, beacon, height(1));
    expect(accepted.map(({ id }) => id)).toEqual([first, third]);
    expect(refused.map(({ id }) => id)).toEqual([second]);
  });

  test('leaves the state as it is, and applying what it accepts keeps nullifiers and leaves unique', () => {
    const small = fc.bigInt({ min: 1n, max: 12n });
    fc.assert(
      fc.property(fc.array(fc.tuple(small, small), { maxLength: 12 }), (pairs) => {
        const fuzzed = fresh();
        const items = pairs.map(([nf, cm], i) => ({
          id: idNamed(i),
          item: sampleItem({ noteRoot: fuzzed.noteRoot, nullifier: nf, changeCommitment: 90n + cm }),
        }));
        const root = fuzzed.noteRoot;
        const { accepted, refused } = fuzzed.recheck(items, beacon, height(1));
        expect(fuzzed.recheck([...items].reverse(), beacon, height(1))).toEqual({ accepted, refused });
        expect(accepted.length + refused.length).toBe(items.length);
        expect(fuzzed.noteRoot).toBe(root);
        for (const { item } of accepted) fuzzed.apply(item);
        fuzzed.closeHeight(height(1));
        const leaves = accepted.map(({ item }) => item.changeCommitment);
        expect(new Set([...NOTES, ...leaves]).size).toBe(NOTES.length + leaves.length);
        expect(new Set(accepted.map(({ item }) => item.nullifier)).size).toBe(accepted.length);
        for (const { item } of items) expect(fuzzed.check(item, height(2))).toBeDefined();
      }),
      { numRuns: 25 },
    );
  });
});

describe('an account action', () => {
  const A = 5n;
  const one = (item: ActionItem) => ({
    id: idNamed(`${item.account}/${item.sequence}/${item.amount}`),
    item,
  });

  test('ITEM_WINDOW after its last height', () => {
    const action = sampleAction({ lastHeight: height(3) });
    expect(fresh().check(action, height(3))).toBeUndefined();
    expect(fresh().check(action, height(4))).toBe('ITEM_WINDOW');
  });

  test('ITEM_SEQUENCE unless it has the account’s next number, which it uses up, and no other account’s', () => {
    const state = fresh();
    const codes = () =>
      [0n, 1n, 2n].map((sequence) => state.check(sampleWithdrawal({ sequence }), height(1)));
    expect(codes()).toEqual([undefined, 'ITEM_SEQUENCE', 'ITEM_SEQUENCE']);
    state.apply(sampleWithdrawal());
    expect(state.sequenceOf(A)).toBe(1n);
    expect(codes()).toEqual(['ITEM_SEQUENCE', undefined, 'ITEM_SEQUENCE']);
    expect(state.check(sampleWithdrawal({ account: 6n }), height(1))).toBeUndefined();
  });

  test('of two with one number in one height the first in re-check order wins; the next number waits a height', () => {
    const items = [
      one(sampleAction({ amount: 1n, commitment: 401n })),
      one(sampleAction({ amount: 2n, commitment: 402n })),
      one(sampleAction({ amount: 3n, commitment: 403n, sequence: 1n })),
    ];
    for (const rows of [items, [...items].reverse()]) {
      const { accepted, refused } = fresh().recheck(rows, beacon, height(1));
      const [first] = recheckOrder([items[0]!.id, items[1]!.id], beacon);
      expect(accepted.map(({ id }) => id)).toEqual([first]);
      expect(refused.map(({ code }) => code)).toEqual(['ITEM_SEQUENCE', 'ITEM_SEQUENCE']);
    }
  });

  test('ITEM_COMMITMENT_EXISTS for a note that is a leaf, reserved, in this height or 0; a withdrawal has none', () => {
    const state = fresh();
    state.apply(sampleAction({ account: 9n, commitment: 401n }));
    const code = (commitment: bigint) => state.check(sampleAction({ commitment }), height(1));
    expect([101n, 401n, 0n, 402n].map(code)).toEqual([
      'ITEM_COMMITMENT_EXISTS',
      'ITEM_COMMITMENT_EXISTS',
      'ITEM_COMMITMENT_EXISTS',
      undefined,
    ]);
    expect(state.check(sampleWithdrawal({ commitment: 101n }), height(1))).toBeUndefined();
    const batch = sampleItem({ noteRoot: state.noteRoot, changeCommitment: 401n });
    expect(state.check(batch, height(1))).toBe('ITEM_COMMITMENT_EXISTS');
    const two = [
      { id: idNamed('shield'), item: sampleAction({ commitment: 402n }) },
      { id: idNamed('batch'), item: { ...batch, changeCommitment: 402n } },
    ];
    const { accepted, refused } = state.recheck<ActionItem | BatchItem>(two, beacon, height(1));
    expect([accepted.length, refused.map(({ code }) => code)]).toEqual([1, ['ITEM_COMMITMENT_EXISTS']]);
  });
});

describe('the note of a shield', () => {
  const shield = sampleAction({ commitment: 401n });

  test('joins the tree two heights after the one that ordered it, if its settlement paid for it', () => {
    const state = fresh();
    const tree = new MerkleTree(10);
    for (const note of NOTES) tree.append(note);
    state.apply(shield);
    state.closeHeight(height(1));
    expect([state.noteRoot, state.notePath(401n)]).toEqual([tree.root, undefined]);
    state.settled(height(1), [401n]);
    state.closeHeight(height(2));
    expect(state.noteRoot).toBe(tree.root);
    // Height 3 appends its own change note first.
    state.apply(sampleItem({ nullifier: 1n, changeCommitment: 201n }));
    state.settled(height(2), []);
    state.closeHeight(height(3));
    for (const leaf of [201n, 401n]) tree.append(leaf);
    expect(state.noteRoot).toBe(tree.root);
    expect(verifyPath(401n, state.notePath(401n)!, state.noteRoot, 10)).toBe(true);
    expect(state.check({ ...shield, account: 9n }, height(4))).toBe('ITEM_COMMITMENT_EXISTS');
  });

  test('never joins if the settlement refused it, and may then be shielded again', () => {
    const state = fresh();
    const root = state.noteRoot;
    state.apply(shield);
    const again = { ...shield, sequence: 1n };
    for (const at of [1, 2, 3]) {
      expect(state.check(again, height(at))).toBe('ITEM_COMMITMENT_EXISTS');
      state.closeHeight(height(at));
      state.settled(height(at), []);
    }
    expect(state.noteRoot).toBe(root);
    expect(state.check(again, height(4))).toBeUndefined();
  });

  test('ordering goes on while the height before is still being opened, and no further', () => {
    const state = fresh();
    state.apply(shield);
    state.closeHeight(height(1));
    state.closeHeight(height(2));
    expect(() => state.closeHeight(height(3))).toThrow('settled two heights later');
  });

  test('of another height or nobody cannot join: our bug', () => {
    const state = fresh();
    state.apply(shield);
    state.closeHeight(height(1));
    expect(() => state.settled(height(1), [402n])).toThrow('reserved');
    expect(() => state.settled(height(2), [401n])).toThrow('reserved');
  });
});

describe('a deposit', () => {
  test('ITEM_DEPOSIT_USED once its number was ordered, whatever it says the second time', () => {
    const state = fresh();
    const deposit = sampleDeposit();
    expect(state.check(deposit, height(1))).toBeUndefined();
    state.apply(deposit);
    expect(state.check(deposit, height(1))).toBe('ITEM_DEPOSIT_USED');
    expect(state.check({ ...deposit, amount: 7n, account: 8n }, height(900))).toBe('ITEM_DEPOSIT_USED');
    expect(state.check({ ...deposit, nonce: 1n }, height(1))).toBeUndefined();
    expect(() => state.apply(deposit)).toThrow('ordered once');
  });

  test('of two with one number in one height one is accepted; others go in any order of their numbers', () => {
    const rows = [1n, 1n, 9n, 4n].map((nonce, i) => ({
      id: idNamed(i),
      item: sampleDeposit({ nonce, amount: BigInt(i + 1) }),
    }));
    const { accepted, refused } = fresh().recheck(rows, beacon, height(1));
    expect(accepted.map(({ item }) => item.nonce).sort()).toEqual([1n, 4n, 9n]);
    expect(refused.map(({ code }) => code)).toEqual(['ITEM_DEPOSIT_USED']);
  });
});

test('over random heights of all kinds of items: every key is used once, the tree holds what a second count holds', () => {
  const small = (max: number) => fc.noBias(fc.nat(max - 1)).map((n) => BigInt(n + 1));
  const signed = sampleDeposit();
  const batch = fc
    .record({ nullifier: small(20), note: small(30) })
    .map(({ nullifier, note }) => sampleItem({ nullifier, changeCommitment: 200n + note }));
  const action = fc
    .record({ account: small(4), sequence: small(2), note: small(30), out: fc.boolean() })
    .map(({ account, sequence, note, out }) => ({
      ...(out ? sampleWithdrawal() : sampleAction()),
      account,
      sequence: sequence - 1n,
      commitment: 200n + note,
      lastHeight: height(20),
    }));
  const deposit = small(6).map((nonce) => ({ ...signed, nonce }));
  const anyItem = fc.oneof(batch, { weight: 3, arbitrary: action }, deposit);
  const anyHeight = fc.record({
    items: fc.array(anyItem, { minLength: 4, maxLength: 8 }),
    paid: fc.array(fc.boolean()),
  });
  let joined = 0;
  fc.assert(
    fc.property(fc.array(anyHeight, { minLength: 4, maxLength: 6 }), (rows) => {
      const state = fresh();
      const keys = new Set<string>();
      const leaves = new Set<bigint>();
      const tree = new MerkleTree(10);
      const append = (leaf: bigint): void => {
        expect(leaves.has(leaf)).toBe(false);
        leaves.add(leaf);
        tree.append(leaf);
      };
      NOTES.forEach(append);
      /** By height: leaves that its settlement paid for. */
      const paidAt: bigint[][] = [[]];
      rows.forEach(({ items, paid }, i) => {
        const at = height(i + 1);
        const named = items.map((item, j) => ({ id: idNamed(`${i}/${j}`), item: windowed(item, at) }));
        const { accepted } = state.recheck(named, beacon, at);
        for (const { item } of accepted) {
          expect(keys.has(keyOf(item))).toBe(false);
          keys.add(keyOf(item));
          state.apply(item);
          if (item.kind === 'batch') append(item.changeCommitment);
        }
        const due = paidAt[at - 2] ?? [];
        joined += due.length;
        due.forEach(append);
        state.closeHeight(at);
        expect(state.noteRoot).toBe(tree.root);
        const shields = accepted.flatMap(({ item }) =>
          item.kind === 'action' && item.action === 'shield' ? [item.commitment] : [],
        );
        paidAt.push(shields.filter((_, j) => paid[j] ?? true));
        state.settled(at, paidAt[at]!);
        for (const account of [1n, 2n, 3n, 4n]) {
          const used = [...keys].filter((key) => key.startsWith(`account ${account} `));
          expect(state.sequenceOf(account)).toBe(BigInt(used.length));
        }
      });
      /** A batch of this height. */
      function windowed(item: Item, at: Height): Item {
        if (item.kind !== 'batch') return item;
        const tableHeight = tableHeightsAt(at).last;
        return { ...item, fromHeight: at, toHeight: at, tableHeight, noteRoot: state.noteRoot };
      }
    }),
    { numRuns: 12 },
  );
  expect(joined).toBeGreaterThan(5);
});
