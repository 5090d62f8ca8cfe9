import { describe, expect, test } from 'vitest';
import { encodeItem } from '../../../src/ledger/items.ts';
import {
  MAX_MEMPOOL_ITEMS,
  MAX_REPLACEMENTS,
  MAX_UNANSWERED_PULLS,
  PULL_PATIENCE_TICKS,
} from '../../../src/params/sizes.ts';
import { proofOf, v } from './fixtures.ts';
import { announcing, batchOf, bytesOf, idOf, MempoolBench } from './mempool-bench.ts';

const X = batchOf({ note: 1n });
const many = (count: number) => Array.from({ length: count }, (_, i) => batchOf({ note: 100n + BigInt(i) }));

describe('who lacks an announced item', () => {
  test('asks one holder, and another one after some ticks', () => {
    const bench = new MempoolBench();
    bench.announce([1, 2, 3], X);
    expect(bench.pulls()).toEqual([[1, [idOf(X)]]]);
    bench.tick(PULL_PATIENCE_TICKS - 1);
    expect(bench.pulls()).toEqual([]);
    bench.tick();
    expect(bench.pulls()).toEqual([[2, [idOf(X)]]]);
    bench.answer(1, X);
    expect(bench.mempool.get(idOf(X)), 'a late answer is good as well').toBeDefined();
    bench.tick(2 * PULL_PATIENCE_TICKS);
    expect(bench.pulls()).toEqual([]);
  });

  test.each<[string, (bench: MempoolBench) => void, string]>([
    ['with a bad proof', (b) => b.answer(1, { ...X, proof: proofOf(66) }, false), 'ITEM_PROOF_INVALID'],
    ['that is no item', (b) => b.mempool.answered(v(1), new Uint8Array(9), b.out), 'ITEM_MALFORMED'],
  ])('asks another one at once after an answer %s, which is a fault', (_, answer, code) => {
    const bench = new MempoolBench();
    bench.announce([1, 2], X);
    bench.pulls();
    answer(bench);
    expect(bench.faults).toEqual([[1, code]]);
    expect([...bench.owner.distrusted]).toEqual([1]);
    expect(bench.pulls()).toEqual([[2, [idOf(X)]]]);
    bench.answer(2, X);
    expect(bench.mempool.get(idOf(X))).toBeDefined();
  });

  test('takes an item for what it is, not for what it was announced as', () => {
    const bench = new MempoolBench();
    const { held } = announcing([X]);
    bench.mempool.heard(v(1), announcing([], { held: [{ ...held[0]!, fee: 2n ** 63n }] }), bench.out);
    bench.answer(1, X);
    expect([bench.faults, bench.mempool.get(idOf(X))]).toEqual([[[1, 'ANNOUNCEMENT_FALSE']], undefined]);
  });

  test('finds no fault in what its own state refuses, parks it, and asks again at the next height', () => {
    const bench = new MempoolBench();
    bench.refuse = () => 'ITEM_ROOT_UNKNOWN';
    bench.announce([1, 2], X);
    bench.pulls();
    bench.answer(1, X);
    bench.tick(2 * PULL_PATIENCE_TICKS);
    expect([bench.pulls(), bench.faults]).toEqual([[], []]);
    bench.refuse = () => undefined;
    bench.ordered(1, []);
    expect(bench.pulls()).toEqual([[1, [idOf(X)]]]);
    bench.answer(1, X);
    expect(bench.mempool.get(idOf(X))).toBeDefined();
  });

  test('does so as well where the reserve table is not known yet', () => {
    const bench = new MempoolBench();
    bench.hasTables = false;
    bench.announce([1], X);
    bench.pulls();
    bench.answer(1, X);
    bench.hasTables = true;
    bench.ordered(1, []);
    expect([bench.faults, bench.pulls()]).toEqual([[], [[1, [idOf(X)]]]]);
  });

  test('asks others for an item where a peer answers with one of its key and an unknown reserve table', () => {
    const bench = new MempoolBench();
    bench.announce([1, 2], X);
    bench.pulls();
    bench.hasTables = false;
    bench.answer(1, batchOf({ note: 1n, tag: 9n }));
    bench.hasTables = true;
    expect([bench.faults, bench.pulls()]).toEqual([[], [[2, [idOf(X)]]]]);
    bench.answer(2, X);
    expect(bench.mempool.get(idOf(X))).toBeDefined();
  });

  test('blames nobody for an item that it replaced while the question was on its way', () => {
    const bench = new MempoolBench();
    const better = batchOf({ note: 1n, tag: 9n, fee: 9_000n });
    bench.announce([1], X);
    bench.announce([1], better);
    bench.answer(1, X);
    expect([bench.faults, [...bench.owner.distrusted]]).toEqual([[], []]);
    bench.answer(1, better);
    expect(bench.mempool.get(idOf(better)), 'the answer that comes after it').toBeDefined();
  });

  test('ignores what it did not ask for', () => {
    const bench = new MempoolBench();
    bench.announce([1], X);
    bench.answer(2, X);
    expect([bench.mempool.get(idOf(X)), bench.faults]).toEqual([undefined, []]);
  });

  test('asks the holder with the fewest unanswered pulls, and none with too many', () => {
    const bench = new MempoolBench();
    bench.announce([1], ...many(MAX_UNANSWERED_PULLS + 8));
    expect(bench.pulls().flatMap(([, ids]) => ids)).toHaveLength(MAX_UNANSWERED_PULLS);
    bench.announce([1, 2], X);
    expect(bench.pulls()).toEqual([[2, [idOf(X)]]]);
    for (const item of many(3)) bench.answer(1, item);
    expect(bench.pulls().flatMap(([, ids]) => ids)).toHaveLength(3);
    bench.mempool.resend(bench.out);
    expect(bench.pulls().flatMap(([, ids]) => ids).length, 'lost frames may be asked again').toBeGreaterThan(
      MAX_UNANSWERED_PULLS - 4,
    );
  });

  test('has of one peer no more answers verified at once than it may leave questions open', () => {
    const bench = new MempoolBench();
    const items = many(MAX_UNANSWERED_PULLS + 8);
    bench.announce([1], ...items);
    for (const item of items) bench.mempool.answered(v(1), encodeItem(item), bench.out);
    expect(bench.out.effects).toHaveLength(MAX_UNANSWERED_PULLS);
    expect(bench.pulls().flatMap(([, ids]) => ids)).toHaveLength(MAX_UNANSWERED_PULLS);
    bench.verify();
    expect(bench.pulls().flatMap(([, ids]) => ids)).toHaveLength(8);
  });

  test('has of a peer that was caught lying one answer verified at a time, so bad proofs do not crowd out good ones', () => {
    const bench = new MempoolBench();
    bench.announce([1], X);
    bench.answer(1, { ...X, proof: proofOf(66) }, false);
    const items = many(4);
    bench.announce([1], ...items);
    for (const item of items) bench.mempool.answered(v(1), encodeItem(item), bench.out);
    expect(bench.out.effects).toHaveLength(1);
    bench.verify();
    for (let i = 0; i < items.length; i++) for (const item of items) bench.answer(1, item);
    const here = items.filter((item) => bench.mempool.get(idOf(item)) !== undefined);
    expect(here, 'what nobody else has still comes').toHaveLength(items.length);
  });

  test('keeps no more for a peer that withdraws all that it is not asked for, and announces others, than it may announce', () => {
    const bench = new MempoolBench();
    const asked = many(MAX_UNANSWERED_PULLS);
    for (let round = 0; round < 3; round++) {
      const others = Array.from({ length: MAX_MEMPOOL_ITEMS - asked.length }, (_, i) =>
        batchOf({ note: BigInt(10_000 * (round + 1) + i) }),
      );
      bench.mempool.heard(v(1), announcing([...asked, ...others], { isWhole: true }), bench.out);
    }
    const { lacking } = bench.mempool.state().pulls;
    expect(lacking.get(v(1))!.size).toBeLessThanOrEqual(2 * MAX_MEMPOOL_ITEMS);
    expect(bench.faults).toEqual([]);
  });

  test('a silent peer with ever new, ever higher bids of a key delays an honest one once', () => {
    const bench = new MempoolBench();
    bench.announce([3], batchOf({ note: 1n, tag: 50n, fee: 9_000n }));
    bench.announce([1], X);
    expect(bench.pulls().map(([peer]) => peer)).toEqual([3]);
    for (let tag = 51n; tag < 53n; tag++) {
      bench.tick();
      bench.announce([3], batchOf({ note: 1n, tag, fee: 9_000n + tag }));
    }
    expect(bench.pulls()).toContainEqual([1, [idOf(X)]]);
  });
});

describe('of one key', () => {
  const variant = (i: number) => batchOf({ note: 1n, tag: BigInt(i), fee: 1_000n + BigInt(i) });

  test('only what is better than the held one is pulled', () => {
    const bench = new MempoolBench();
    bench.offer(variant(5));
    bench.announce([1], variant(4));
    expect(bench.pulls()).toEqual([]);
    bench.announce([2], variant(6));
    expect(bench.pulls()).toEqual([[2, [idOf(variant(6))]]]);
  });

  test('at most MAX_REPLACEMENTS pulled ones take another’s place in a height', () => {
    const bench = new MempoolBench();
    bench.offer(variant(0));
    let last = 0;
    for (let i = 1; i <= MAX_REPLACEMENTS + 3; i++) {
      bench.announce([1], variant(i));
      if (bench.pulls().length === 0) break;
      bench.answer(1, variant(i));
      last = i;
    }
    expect(last).toBe(MAX_REPLACEMENTS);
    bench.announce([1], variant(20));
    expect(bench.pulls()).toEqual([]);
    bench.ordered(1, []);
    expect(bench.pulls()).toEqual([[1, [idOf(variant(20))]]]);
  });

  test('what a peer replaced meanwhile need not be answered', () => {
    const bench = new MempoolBench();
    for (let i = 1; i <= MAX_UNANSWERED_PULLS + 5; i++) {
      bench.announce([1], variant(i));
      expect(bench.pulls()).toHaveLength(1);
    }
  });
});

describe('items that the tally accepted', () => {
  test('are asked of who announced them first, one at a time, then of the next, and of all when the timer fires', () => {
    const bench = new MempoolBench();
    bench.refuse = () => 'ITEM_ROOT_UNKNOWN';
    bench.announce([2], X);
    bench.pulls();
    const want = () => bench.mempool.want([idOf(X)], bench.out);
    want();
    want();
    expect(bench.pulls()).toEqual([[2, [idOf(X)]]]);
    bench.tick();
    expect(bench.pulls()).toEqual([]);
    bench.tick();
    expect(bench.pulls()).toEqual([[1, [idOf(X)]]]);
    bench.mempool.resend(bench.out);
    expect(bench.pulls().map(([peer]) => peer)).toEqual(expect.arrayContaining([1, 2, 3]));
  });

  test('are taken against the rules of admission, beside a better one of their key, one copy of each peer asked', () => {
    const bench = new MempoolBench();
    const rival = batchOf({ note: 1n, tag: 70n, fee: 5_000n });
    bench.offer(rival);
    bench.refuse = () => 'ITEM_WINDOW';
    bench.mempool.want([idOf(X)], bench.out);
    bench.mempool.answered(v(3), bytesOf({ note: 1n }), bench.out);
    expect(bench.out.effects, 'it was not asked').toEqual([]);
    for (let i = 0; i < 5; i++) bench.mempool.answered(v(1), bytesOf({ note: 1n, proof: i }), bench.out);
    expect(bench.out.effects).toHaveLength(1);
    bench.verify();
    expect([bench.mempool.get(idOf(X)), bench.mempool.get(idOf(rival))]).not.toContain(undefined);
    bench.ordered(1, [idOf(X)]);
    expect(bench.mempool.get(idOf(X))).toBeUndefined();
  });

  test('a copy with a bad proof is that peer’s fault, and the next peer’s good one is taken', () => {
    const bench = new MempoolBench();
    const wanted = [idOf(X)];
    bench.mempool.want(wanted, bench.out);
    expect(bench.pulls()).toEqual([[1, wanted]]);
    bench.answer(1, { ...X, proof: proofOf(66) }, false);
    bench.mempool.want(wanted, bench.out);
    expect(bench.pulls()).toEqual([[2, wanted]]);
    bench.answer(2, X);
    expect(bench.faults).toEqual([[1, 'ITEM_PROOF_INVALID']]);
    expect(bench.mempool.get(idOf(X))).toBeDefined();
  });
});
