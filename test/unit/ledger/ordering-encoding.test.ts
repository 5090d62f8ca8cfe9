import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import type { Item } from '../../../src/ledger/items.ts';
import {
  decodeOrdering,
  encodeOrdering,
  type OrderingSnapshot,
} from '../../../src/ledger/ordering-encoding.ts';
import { OrderingState } from '../../../src/ledger/ordering-state.ts';
import { height } from '../../../src/params/ids.ts';
import { idNamed, sampleItem } from './batches.ts';
import { BEACON, FEE, freshOrdering } from './ordering.ts';
import { sampleAction, sampleDeposit, sampleWithdrawal } from './transfer-items.ts';

/** What a height orders, by small numbers: some collide, some are refused. */
type Draft = readonly (readonly [kind: 'batch' | 'shield' | 'withdraw' | 'deposit', number, number])[];
const drafts: fc.Arbitrary<Draft> = fc.array(
  fc.tuple(
    fc.constantFrom('batch', 'shield', 'withdraw', 'deposit'),
    fc.integer({ min: 1, max: 15 }),
    fc.nat(7),
  ),
  { maxLength: 6 },
);

function itemOf(state: OrderingState, [kind, a, b]: Draft[number]): Item {
  const at = height(state.height + 1);
  switch (kind) {
    case 'batch':
      return sampleItem({
        noteRoot: state.noteRoot,
        fromHeight: at,
        toHeight: at,
        tableHeight: height(Math.max(0, at - 2)),
        nullifier: BigInt(a),
        changeCommitment: BigInt(200 + a + b),
      });
    case 'shield':
    case 'withdraw': {
      const account = BigInt(a);
      const action = { account, sequence: state.sequenceOf(account), lastHeight: height(at) };
      return kind === 'withdraw'
        ? sampleWithdrawal(action)
        : sampleAction({ ...action, commitment: BigInt(300 + a + b) });
    }
    case 'deposit':
      return sampleDeposit({ nonce: BigInt(16 * a + b) });
  }
}

/** Orders and settles one height. @returns what the re-check said of it */
function advance(state: OrderingState, draft: Draft, isPaid: (i: number) => boolean) {
  const at = height(state.height + 1);
  const named = draft.map((each, i) => ({ id: idNamed(`${at}/${i}`), item: itemOf(state, each) }));
  const { accepted, refused } = state.recheck(named, BEACON, at);
  for (const { item } of accepted) state.apply(item);
  state.closeHeight(at);
  const shields = accepted.flatMap(({ item }) =>
    item.kind === 'action' && item.action === 'shield' ? item : [],
  );
  state.settled(
    at,
    shields.filter((_, i) => isPaid(i)).map(({ commitment }) => commitment),
    BEACON,
  );
  return { accepted: accepted.map(({ id }) => id), refused, root: toHex(state.root) };
}

const restored = (state: OrderingState): OrderingState =>
  OrderingState.restore(decodeOrdering(encodeOrdering(state.snapshot()))!, FEE)!;
const restoredWithTree = (state: OrderingState): OrderingState =>
  OrderingState.restore(decodeOrdering(encodeOrdering(state.snapshot()))!, FEE, state.treeNodes())!;

test('a restored ordering state judges, advances and is written as the one it was written from', () => {
  fc.assert(
    fc.property(
      fc.array(drafts, { minLength: 1, maxLength: 6 }),
      fc.nat(6),
      fc.boolean(),
      (heights, at, paid) => {
        const state = freshOrdering();
        let second: OrderingState | undefined;
        heights.forEach((draft, i) => {
          if (i === at) second = paid ? restored(state) : restoredWithTree(state);
          const isPaid = (k: number): boolean => paid !== (k % 2 === 0);
          const outcome = advance(state, draft, isPaid);
          if (second !== undefined) {
            expect(advance(second, draft, isPaid)).toEqual(outcome);
            expect(encodeOrdering(second.snapshot())).toEqual(encodeOrdering(state.snapshot()));
          }
          for (const { commitment } of [{ commitment: 201n }, { commitment: 301n }])
            expect(restored(state).notePath(commitment)).toEqual(state.notePath(commitment));
        });
      },
    ),
    { numRuns: 20 },
  );
});

test('a restored state has the roots of the last 128 heights', () => {
  const state = freshOrdering();
  for (let h = 1; h <= 130; h++) advance(state, h % 9 === 0 ? [['batch', h % 15, h % 8]] : [], () => true);
  expect(encodeOrdering(restored(state).snapshot())).toEqual(encodeOrdering(state.snapshot()));
  expect(restored(state).root).toEqual(state.root);
});

/** A state in which nothing is empty. */
function full(): OrderingState {
  const state = freshOrdering();
  advance(
    state,
    [
      ['batch', 1, 0],
      ['deposit', 1, 1],
      ['withdraw', 3, 0],
      ['shield', 1, 1],
    ],
    () => true,
  );
  advance(
    state,
    [
      ['batch', 2, 1],
      ['deposit', 2, 2],
      ['shield', 2, 2],
      ['shield', 4, 1],
    ],
    (i) => i === 0,
  );
  return state;
}

describe('the root of the ordering state', () => {
  const before = full().snapshot();
  const reordered = <T>(list: readonly T[]): T[] => [...list.slice(1), list[0]!];

  test.each<readonly [string, Partial<OrderingSnapshot>]>([
    ['another nullifier', { nullifiers: [1n, 3n] }],
    ['one nullifier less', { nullifiers: [1n] }],
    ['nullifiers in another order', { nullifiers: reordered(before.nullifiers) }],
    ['another deposit number', { deposits: [before.deposits[0]!, 99n] }],
    ['a leaf that does not wait', { reserved: new Map([...before.reserved].slice(1)), shielded: new Map() }],
    [
      'a leaf of another height that waits',
      { reserved: new Map([...before.reserved].map(([n, h]) => [n, height(3 - h)])), shielded: new Map() },
    ],
    ['a shield that was not paid for', { shielded: new Map([...before.shielded].map(([h]) => [h, []])) }],
    ['another root of an earlier height', { noteRoots: [5n, ...before.noteRoots.slice(1)] }],
  ])('shows %s', (_, change) => {
    const other = OrderingState.restore({ ...before, ...change }, FEE)!;
    expect(toHex(other.root)).not.toBe(toHex(full().root));
  });

  test('does not depend on how the state came about', () => {
    expect(restored(full()).root).toEqual(full().root);
  });
});

describe('a snapshot of the ordering state whose parts do not fit together is refused:', () => {
  const before = full().snapshot();

  test.each<readonly [string, Partial<OrderingSnapshot>]>([
    ['other leaves than the last root', { leaves: before.leaves.slice(1) }],
    ['a leaf more', { leaves: [...before.leaves, 5n] }],
    ['a leaf twice', { leaves: [...before.leaves, before.leaves[0]!] }],
    ['an empty leaf', { leaves: [...before.leaves, 0n] }],
    ['a leaf beyond the field', { leaves: [...before.leaves, 1n << 255n] }],
    ['a nullifier twice', { nullifiers: [1n, 1n] }],
    ['a deposit twice', { deposits: [1n, 1n] }],
    ['a root too few', { noteRoots: before.noteRoots.slice(1) }],
    ['another height', { height: height(3) }],
    [
      'a reserved leaf of a height to come',
      { reserved: new Map([...before.reserved.keys()].map((n) => [n, height(9)])) },
    ],
    ['a reserved leaf that is in the tree', { reserved: new Map([...before.reserved, [101n, height(2)]]) }],
    ['a paid shield that nobody reserved', { shielded: new Map([[height(2), [999n]]]) }],
    ['an account whose next number is 0', { sequences: new Map([[5n, 0n]]) }],
  ])('%s', (_, change) => {
    expect(OrderingState.restore({ ...before, ...change }, FEE)).toBeUndefined();
  });

  test('whatever bytes are changed, restoring does not throw, and a state that comes out is written as those bytes', () => {
    const bytes = encodeOrdering(before);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = bytes.slice();
        changed[at]! ^= by;
        const snapshot = decodeOrdering(changed);
        const state = snapshot === undefined ? undefined : OrderingState.restore(snapshot, FEE);
        if (state !== undefined) expect(encodeOrdering(state.snapshot())).toEqual(changed);
      }),
      { numRuns: 300 },
    );
  });
});
