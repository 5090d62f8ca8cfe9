import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, fromHex } from '../../../src/base/bytes.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { MerkleTree, verifyPath } from '../../../src/crypto/merkle.ts';
import { type OrderingState, recheckOrder, tableHeightsAt } from '../../../src/ledger/ordering-state.ts';
import { height } from '../../../src/params/ids.ts';
import { idNamed, sampleItem } from './batches.ts';
import { BEACON, FEE, freshOrdering, GENESIS_NOTES } from './ordering.ts';

/** A state that closed heights up to `at` without items. */
function closedUpTo(at: number): OrderingState {
  const state = freshOrdering();
  for (let h = 1; h <= at; h++) state.closeHeight(height(h));
  return state;
}

describe('the check of one item', () => {
  const state = freshOrdering();
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
    const after = freshOrdering();
    after.apply(good);
    after.closeHeight(h);
    expect(after.check({ ...good, changeCommitment: 99n }, height(2))).toBe('ITEM_NULLIFIER_SPENT');
  });

  test('ITEM_COMMITMENT_EXISTS for a leaf that is there, of genesis or of a batch, and for the empty leaf', () => {
    expect(state.check({ ...good, changeCommitment: 102n }, h)).toBe('ITEM_COMMITMENT_EXISTS');
    expect(state.check({ ...good, changeCommitment: 0n }, h)).toBe('ITEM_COMMITMENT_EXISTS');
    const after = freshOrdering();
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
    const state = freshOrdering();
    const tree = new MerkleTree(10);
    for (const note of GENESIS_NOTES) tree.append(note);
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
    const state = freshOrdering();
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
    expect(() => freshOrdering().closeHeight(height(2))).toThrow('one after the other');
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
  const state = freshOrdering();
  const item = (nullifier: bigint, changeCommitment: bigint) =>
    sampleItem({ noteRoot: state.noteRoot, nullifier, changeCommitment });
  const named = (name: string, nullifier: bigint, changeCommitment: bigint) => ({
    id: idNamed(name),
    item: item(nullifier, changeCommitment),
  });

  test('goes by ascending H(itemOrder; beacon ‖ id)', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'].map(idNamed);
    const key = (id: string): Uint8Array => hashBytes('itemOrder', BEACON, fromHex(id)!);
    const order = recheckOrder(ids, BEACON);
    expect(order.every((id, i) => i === 0 || compareBytes(key(order[i - 1]!), key(id)) < 0)).toBe(true);
    expect(recheckOrder([...ids].reverse(), BEACON)).toEqual(order);
    expect(recheckOrder(ids, new Uint8Array(64))).not.toEqual(order);
  });

  test('of two batches with one nullifier accepts the first, whatever order they came in', () => {
    const two = [named('a', 1n, 201n), named('b', 1n, 202n)];
    const [first, second] = recheckOrder(
      two.map(({ id }) => id),
      BEACON,
    );
    for (const items of [two, [...two].reverse()]) {
      const { accepted, refused } = state.recheck(items, BEACON, height(1));
      expect(accepted.map(({ id }) => id)).toEqual([first]);
      expect(refused).toEqual([{ id: second, code: 'ITEM_NULLIFIER_SPENT' }]);
    }
  });

  test('of two batches with one change note accepts the first', () => {
    const { accepted, refused } = state.recheck(
      [named('a', 1n, 201n), named('b', 2n, 201n)],
      BEACON,
      height(1),
    );
    expect(accepted.length).toBe(1);
    expect(refused.map(({ code }) => code)).toEqual(['ITEM_COMMITMENT_EXISTS']);
  });

  test('a refused item takes nothing: who shares only with it is accepted', () => {
    const [first, second, third] = recheckOrder(['a', 'b', 'c'].map(idNamed), BEACON);
    const items = [
      { id: first!, item: item(1n, 201n) },
      { id: second!, item: item(1n, 202n) },
      { id: third!, item: item(2n, 202n) },
    ];
    const { accepted, refused } = state.recheck(items, BEACON, height(1));
    expect(accepted.map(({ id }) => id)).toEqual([first, third]);
    expect(refused.map(({ id }) => id)).toEqual([second]);
  });

  test('leaves the state as it is, and applying what it accepts keeps nullifiers and leaves unique', () => {
    const small = fc.bigInt({ min: 1n, max: 12n });
    fc.assert(
      fc.property(fc.array(fc.tuple(small, small), { maxLength: 12 }), (pairs) => {
        const fuzzed = freshOrdering();
        const items = pairs.map(([nf, cm], i) => ({
          id: idNamed(i),
          item: sampleItem({ noteRoot: fuzzed.noteRoot, nullifier: nf, changeCommitment: 90n + cm }),
        }));
        const root = fuzzed.noteRoot;
        const { accepted, refused } = fuzzed.recheck(items, BEACON, height(1));
        expect(fuzzed.recheck([...items].reverse(), BEACON, height(1))).toEqual({ accepted, refused });
        expect(accepted.length + refused.length).toBe(items.length);
        expect(fuzzed.noteRoot).toBe(root);
        for (const { item } of accepted) fuzzed.apply(item);
        fuzzed.closeHeight(height(1));
        const leaves = accepted.map(({ item }) => item.changeCommitment);
        expect(new Set([...GENESIS_NOTES, ...leaves]).size).toBe(GENESIS_NOTES.length + leaves.length);
        expect(new Set(accepted.map(({ item }) => item.nullifier)).size).toBe(accepted.length);
        for (const { item } of items) expect(fuzzed.check(item, height(2))).toBeDefined();
      }),
      { numRuns: 25 },
    );
  });
});
