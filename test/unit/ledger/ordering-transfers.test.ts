import { describe, expect, test } from 'vitest';
import { MerkleTree, verifyPath } from '../../../src/crypto/merkle.ts';
import type { ActionItem } from '../../../src/ledger/actions.ts';
import type { BatchItem } from '../../../src/ledger/items.ts';
import { recheckOrder } from '../../../src/ledger/ordering-state.ts';
import { height } from '../../../src/params/ids.ts';
import { MAX_ITEM_WINDOW } from '../../../src/params/sizes.ts';
import { idNamed, sampleItem } from './batches.ts';
import { BEACON, freshOrdering, GENESIS_NOTES } from './ordering.ts';
import { sampleAction, sampleDeposit, sampleWithdrawal } from './transfer-items.ts';

describe('an account action', () => {
  const A = 5n;
  const one = (item: ActionItem) => ({
    id: idNamed(`${item.account}/${item.sequence}/${item.amount}`),
    item,
  });

  test('ITEM_WINDOW more than MAX_ITEM_WINDOW heights before it ends, and not from then on', () => {
    const action = sampleAction({ lastHeight: height(1 + MAX_ITEM_WINDOW) });
    expect(freshOrdering().check(action, height(1))).toBe('ITEM_WINDOW');
    expect(freshOrdering().check(action, height(2))).toBeUndefined();
  });

  test('ITEM_WINDOW after its last height', () => {
    const action = sampleAction({ lastHeight: height(3) });
    expect(freshOrdering().check(action, height(3))).toBeUndefined();
    expect(freshOrdering().check(action, height(4))).toBe('ITEM_WINDOW');
  });

  test('ITEM_SEQUENCE unless it has the account’s next number, which it uses up, and no other account’s', () => {
    const state = freshOrdering();
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
      const { accepted, refused } = freshOrdering().recheck(rows, BEACON, height(1));
      const [first] = recheckOrder([items[0]!.id, items[1]!.id], BEACON);
      expect(accepted.map(({ id }) => id)).toEqual([first]);
      expect(refused.map(({ code }) => code)).toEqual(['ITEM_SEQUENCE', 'ITEM_SEQUENCE']);
    }
  });

  test('ITEM_COMMITMENT_EXISTS for a note that is a leaf, reserved, in this height or 0; a withdrawal has none', () => {
    const state = freshOrdering();
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
    const { accepted, refused } = state.recheck<ActionItem | BatchItem>(two, BEACON, height(1));
    expect([accepted.length, refused.map(({ code }) => code)]).toEqual([1, ['ITEM_COMMITMENT_EXISTS']]);
  });
});

describe('the note of a shield', () => {
  const shield = sampleAction({ commitment: 401n });

  test('joins the tree two heights after the one that ordered it, if its settlement paid for it', () => {
    const state = freshOrdering();
    const tree = new MerkleTree(10);
    for (const note of GENESIS_NOTES) tree.append(note);
    state.apply(shield);
    state.closeHeight(height(1));
    expect([state.noteRoot, state.notePath(401n)]).toEqual([tree.root, undefined]);
    state.settled(height(1), [401n], BEACON);
    state.closeHeight(height(2));
    expect(state.noteRoot).toBe(tree.root);
    // Height 3 appends its own change note first.
    state.apply(sampleItem({ nullifier: 1n, changeCommitment: 201n }));
    state.settled(height(2), [], BEACON);
    state.closeHeight(height(3));
    for (const leaf of [201n, 401n]) tree.append(leaf);
    expect(state.noteRoot).toBe(tree.root);
    expect(verifyPath(401n, state.notePath(401n)!, state.noteRoot, 10)).toBe(true);
    expect(state.check({ ...shield, account: 9n }, height(4))).toBe('ITEM_COMMITMENT_EXISTS');
  });

  test('never joins if the settlement refused it, and may then be shielded again', () => {
    const state = freshOrdering();
    const root = state.noteRoot;
    state.apply(shield);
    const again = { ...shield, sequence: 1n };
    for (const at of [1, 2, 3]) {
      expect(state.check(again, height(at))).toBe('ITEM_COMMITMENT_EXISTS');
      state.closeHeight(height(at));
      state.settled(height(at), [], BEACON);
    }
    expect(state.noteRoot).toBe(root);
    expect(state.check(again, height(4))).toBeUndefined();
  });

  test('ordering goes on while the height before is still being opened, and no further', () => {
    const state = freshOrdering();
    state.apply(shield);
    state.closeHeight(height(1));
    state.closeHeight(height(2));
    expect(() => state.closeHeight(height(3))).toThrow('settled two heights later');
  });

  test('of another height or nobody cannot join: our bug', () => {
    const state = freshOrdering();
    state.apply(shield);
    state.closeHeight(height(1));
    expect(() => state.settled(height(1), [402n], BEACON)).toThrow('reserved');
    expect(() => state.settled(height(2), [401n], BEACON)).toThrow('reserved');
  });
});

describe('a deposit', () => {
  test('ITEM_DEPOSIT_USED once its number was ordered, whatever it says the second time', () => {
    const state = freshOrdering();
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
    const { accepted, refused } = freshOrdering().recheck(rows, BEACON, height(1));
    expect(accepted.map(({ item }) => item.nonce).sort()).toEqual([1n, 4n, 9n]);
    expect(refused.map(({ code }) => code)).toEqual(['ITEM_DEPOSIT_USED']);
  });
});
