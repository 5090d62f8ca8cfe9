import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MerkleTree } from '../../../src/crypto/merkle.ts';
import { type Item, keyOf } from '../../../src/ledger/items.ts';
import { tableHeightsAt } from '../../../src/ledger/ordering-state.ts';
import { type Height, height } from '../../../src/params/ids.ts';
import { idNamed, sampleItem } from './batches.ts';
import { BEACON, freshOrdering, GENESIS_NOTES } from './ordering.ts';
import { sampleAction, sampleDeposit, sampleWithdrawal } from './transfer-items.ts';

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
      lastHeight: height(16),
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
      const state = freshOrdering();
      const keys = new Set<string>();
      const leaves = new Set<bigint>();
      const tree = new MerkleTree(10);
      const append = (leaf: bigint): void => {
        expect(leaves.has(leaf)).toBe(false);
        leaves.add(leaf);
        tree.append(leaf);
      };
      GENESIS_NOTES.forEach(append);
      /** By height: leaves that its settlement paid for. */
      const paidAt: bigint[][] = [[]];
      rows.forEach(({ items, paid }, i) => {
        const at = height(i + 1);
        const named = items.map((item, j) => ({ id: idNamed(`${i}/${j}`), item: windowed(item, at) }));
        const { accepted } = state.recheck(named, BEACON, at);
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
        state.settled(at, paidAt[at]!, BEACON);
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
