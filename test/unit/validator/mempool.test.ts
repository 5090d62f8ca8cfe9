import { describe, expect, test } from 'vitest';
import { encodeItem } from '../../../src/ledger/items.ts';
import { MAX_LISTED_IN_VAIN, MAX_MEMPOOL_ITEMS, MAX_MEMPOOL_TRANSFERS } from '../../../src/params/sizes.ts';
import { sampleAction, sampleDeposit } from '../ledger/transfer-items.ts';
import { copyOf, said, v } from './fixtures.ts';
import { batchOf, bytesOf, id, idOf, MempoolBench } from './mempool-bench.ts';

const X = batchOf({ note: 1n });
const cheap = batchOf({ note: 1n, tag: 30n, fee: 1_000n });
const dear = batchOf({ note: 1n, tag: 31n, fee: 1_001n });

describe('of one key a validator keeps', () => {
  test('the highest fee, whichever comes first, and compares before it verifies', () => {
    for (const order of [
      [cheap, dear],
      [dear, cheap],
    ]) {
      const bench = new MempoolBench();
      bench.offer(...order.slice(0, 1));
      bench.mempool.offer(encodeItem(order[1]!), bench.out);
      expect(bench.out.effects).toHaveLength(order[1] === dear ? 1 : 0);
      bench.verify();
      expect([bench.mempool.get(idOf(dear)) !== undefined, bench.mempool.get(idOf(cheap))]).toEqual([
        true,
        undefined,
      ]);
      expect(bench.codes).toEqual(['ITEM_NULLIFIER_PENDING']);
    }
  });

  test('of equal fees the lowest id, also of actions and of deposits', () => {
    const pairs = [
      [X, batchOf({ note: 1n, tag: 77n })],
      [sampleAction(), sampleAction({ amount: 6n })],
      [sampleDeposit(), sampleDeposit({ amount: 6n })],
    ] as const;
    for (const pair of pairs) {
      const [low, high] = [...pair].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
      const bench = new MempoolBench();
      bench.offer(high!, low!, high!);
      expect(bench.mempool.get(idOf(low!))).toBeDefined();
      expect(bench.mempool.get(idOf(high!))).toBeUndefined();
    }
  });

  test('none that is unproved: it keeps nobody out, and drives nobody out', () => {
    const bench = new MempoolBench();
    bench.mempool.offer(encodeItem(dear), bench.out);
    bench.mempool.offer(encodeItem(cheap), bench.out);
    const [forDear, forCheap] = bench.out.effects.splice(0);
    bench.mempool.verified(copyOf(forCheap!), true, bench.out);
    bench.mempool.verified(copyOf(forDear!), false, bench.out);
    expect(bench.mempool.get(idOf(cheap))).toBeDefined();
  });
});

describe('an item is listable', () => {
  test.each([
    [1, []],
    [4, [1, 2]],
    [7, [1, 2, 3, 4]],
  ])('at n = %i when 2f + 1 hold it, oneself included', (n, peers) => {
    const bench = new MempoolBench(n);
    bench.offer(X);
    for (const [i, peer] of peers.entries()) {
      expect(bench.mempool.listable).toBe(0);
      bench.announce([peer], X);
      bench.announce([peer], X);
      expect(bench.mempool.isListable(idOf(X))).toBe(i === peers.length - 1);
    }
    expect(bench.mempool.list()).toEqual([idOf(X)]);
  });

  test('not by what others hold alone, nor by holders of another item of its key', () => {
    const bench = new MempoolBench();
    bench.announce([1, 2, 3], X);
    expect(bench.mempool.isListable(idOf(X))).toBe(false);
    const other = new MempoolBench();
    other.offer(cheap);
    other.announce([1], cheap);
    other.announce([2, 3], batchOf({ note: 1n, tag: 32n, fee: 999n }));
    expect(other.mempool.listable).toBe(0);
  });

  test('no more when a holder announces another of its key, withdraws it, or says all that it holds without it', () => {
    for (const change of [
      { held: [] as never[], withdrawn: undefined },
      { held: [] as never[], isWhole: true },
      { held: undefined },
    ]) {
      const bench = new MempoolBench();
      bench.offer(X);
      bench.announce([1, 2], X);
      expect(bench.mempool.listable).toBe(1);
      const other = batchOf({ note: 1n, tag: 44n, fee: 1n });
      const { held, ...more } = change;
      if (held === undefined) bench.announce([2], other);
      else if ('isWhole' in more)
        bench.mempool.heard(v(2), { kind: 'announce', isWhole: true, held, withdrawn: [] }, bench.out);
      else {
        const told = new MempoolBench();
        told.offer(X);
        told.tick();
        told.ordered(1, []);
        told.refuse = () => 'ITEM_WINDOW';
        told.ordered(2, []);
        told.out.frames.length = 0;
        told.tick();
        const [{ message }] = said(told.out) as unknown as [{ message: never }];
        bench.mempool.heard(v(2), message, bench.out);
      }
      expect(bench.mempool.listable).toBe(0);
    }
  });
});

describe('what one holds', () => {
  test('is said on the tick, once, sorted, with its key and fee; a change withdraws the one before', () => {
    const bench = new MempoolBench();
    const said1 = () => {
      bench.out.frames.length = 0;
      bench.tick();
      return said(bench.out).map(({ to, message }) => [to, message]);
    };
    expect(said1()).toEqual([]);
    bench.offer(cheap, batchOf({ note: 5n }), batchOf({ note: 3n }));
    const [[to, first]] = said1() as [[string, { held: { id: string; fee: bigint }[]; withdrawn: [] }]];
    expect(to).toBe('all');
    expect(first.held.map((each) => each.id)).toEqual(first.held.map((each) => each.id).sort());
    expect(first.held).toHaveLength(3);
    expect(said1()).toEqual([]);
    bench.offer(dear);
    expect(said1()).toMatchObject([['all', { held: [{ id: idOf(dear), fee: 1_001n }], withdrawn: [] }]]);
    bench.ordered(1, [idOf(dear)]);
    expect(said1(), 'what a height ordered everybody drops by itself').toEqual([]);
  });

  test('is served once between two ticks', () => {
    const bench = new MempoolBench();
    bench.offer(X);
    const served = () => {
      bench.out.frames.length = 0;
      bench.mempool.serve(v(2), [idOf(X), idOf(X), idOf(dear)], () => undefined, bench.out);
      return said(bench.out).map(({ message }) => message.kind);
    };
    expect([served(), served()]).toEqual([['item'], []]);
    bench.tick();
    expect(served()).toEqual(['item']);
  });
});

describe('a full mempool', () => {
  const batches = MAX_MEMPOOL_ITEMS - MAX_MEMPOOL_TRANSFERS;

  test('drops the lowest bid that was never listed for a higher one, and refuses a lower one', () => {
    const bench = new MempoolBench();
    for (let i = 0; i < batches; i++)
      bench.offer(batchOf({ note: 100n + BigInt(i), fee: 1_000n + BigInt(i) }));
    bench.announce([1, 2], batchOf({ note: 100n, fee: 1_000n }));
    expect(bench.mempool.list()).toHaveLength(1);
    bench.offer(batchOf({ note: 1n, fee: 999n }));
    expect(bench.codes).toEqual(['MEMPOOL_FULL']);
    bench.offer(batchOf({ note: 2n, fee: 5_000n }));
    expect(bench.mempool.get(id({ note: 2n, fee: 5_000n }))).toBeDefined();
    expect(bench.mempool.get(id({ note: 100n, fee: 1_000n }))).toBeDefined();
    expect(bench.mempool.get(id({ note: 101n, fee: 1_001n }))).toBeUndefined();
  });

  test('keeps room for transfers, which cannot bid', () => {
    const bench = new MempoolBench();
    for (let i = 0; i < batches; i++) bench.offer(batchOf({ note: 100n + BigInt(i), fee: 9_000n }));
    bench.offer(sampleDeposit());
    expect(bench.codes).toEqual([]);
  });

  test('does not verify more copies of traders at once than it holds items', () => {
    const bench = new MempoolBench();
    for (let i = 0; i < MAX_MEMPOOL_ITEMS + 5; i++)
      bench.mempool.offer(bytesOf({ note: 1n, tag: BigInt(i) }), bench.out);
    expect(bench.out.effects).toHaveLength(MAX_MEMPOOL_ITEMS);
    expect(bench.codes).toEqual(Array.from({ length: 5 }, () => 'MEMPOOL_FULL'));
  });

  test('what peers were asked for takes nothing of the room for what traders send', () => {
    const bench = new MempoolBench();
    const pulled = batchOf({ note: 2n });
    bench.announce([1], pulled);
    bench.mempool.answered(v(1), encodeItem(pulled), bench.out);
    for (let i = 0; i < MAX_MEMPOOL_ITEMS; i++)
      bench.mempool.offer(bytesOf({ note: 1n, tag: BigInt(i) }), bench.out);
    expect(bench.out.effects).toHaveLength(1 + MAX_MEMPOOL_ITEMS);
    expect(bench.codes).toEqual([]);
  });
});

describe('a height goes by', () => {
  test('its items leave, and so does what the next height cannot order', () => {
    const bench = new MempoolBench();
    bench.offer(...[1n, 2n, 3n].map((note) => batchOf({ note })));
    bench.refuse = (item) => (item.kind === 'batch' && item.nullifier === 2n ? 'ITEM_WINDOW' : undefined);
    bench.ordered(1, [id({ note: 1n })]);
    expect([1n, 2n, 3n].filter((note) => bench.mempool.get(id({ note })))).toEqual([3n]);
    expect(bench.codes).toEqual(['ITEM_WINDOW']);
  });

  test('what was being verified meanwhile is refused when its proof turns out good', () => {
    const bench = new MempoolBench();
    bench.mempool.offer(encodeItem(X), bench.out);
    bench.refuse = () => 'ITEM_NULLIFIER_SPENT';
    bench.verify();
    expect([bench.codes, bench.mempool.get(idOf(X))]).toEqual([['ITEM_NULLIFIER_SPENT'], undefined]);
  });

  test('what the own ballot listed is kept until then, though another of its key took its place', () => {
    const bench = new MempoolBench();
    bench.offer(cheap);
    bench.announce([1, 2], cheap);
    expect(bench.mempool.list()).toEqual([idOf(cheap)]);
    bench.offer(dear);
    expect(bench.mempool.get(idOf(cheap))).toBeDefined();
    bench.ordered(1, []);
    expect(bench.mempool.get(idOf(cheap))).toBeUndefined();
  });

  test('a key that counted ballots listed in vain goes last, after MAX_LISTED_IN_VAIN heights', () => {
    const bench = new MempoolBench();
    const high = batchOf({ note: 1n, fee: 9_000n, change: 5n });
    const low = batchOf({ note: 2n, fee: 1_000n, change: 5n });
    bench.offer(high, low);
    bench.announce([1, 2], high, low);
    for (let at = 1; at <= MAX_LISTED_IN_VAIN; at++) {
      const listed = bench.mempool.list();
      expect(listed, 'both bring one note').toEqual([idOf(high)]);
      bench.mempool.tallied(listed, []);
      bench.ordered(at, []);
    }
    expect(bench.mempool.list()).toEqual([idOf(low)]);
  });
});

test('remembers so many bad copies and no more', () => {
  const bench = new MempoolBench();
  for (let i = 0; i <= MAX_MEMPOOL_ITEMS; i++) {
    bench.mempool.offer(bytesOf({ note: BigInt(i) }), bench.out);
    bench.verify(false);
  }
  bench.mempool.offer(bytesOf({ note: BigInt(MAX_MEMPOOL_ITEMS) }), bench.out);
  expect(bench.out.effects).toEqual([]);
  bench.mempool.offer(bytesOf({ note: 0n }), bench.out);
  expect(bench.out.effects).toHaveLength(1);
});
