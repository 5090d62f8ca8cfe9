import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Item } from '../../../src/ledger/items.ts';
import { height, type ItemId } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { MAX_BALLOT_ITEMS } from '../../../src/params/sizes.ts';
import { Announcements } from '../../../src/validator/announcements.ts';
import * as bids from '../../../src/validator/bid.ts';
import * as listing from '../../../src/validator/listing.ts';
import { Out } from '../../../src/validator/out.ts';
import { sampleAction, sampleDeposit } from '../ledger/transfer-items.ts';
import { said, v } from './fixtures.ts';
import { announcing, batchOf, idOf, MempoolBench } from './mempool-bench.ts';

vi.mock('../../../src/validator/bid.ts', async (original) => {
  const real = await original<typeof bids>();
  return { ...real, beats: vi.fn(real.beats) };
});
vi.mock('../../../src/validator/listing.ts', async (original) => {
  const real = await original<typeof listing>();
  return { ...real, listItems: vi.fn(real.listItems) };
});

const HEIGHTS = 3;
const LINES = ['batches', 'actions'] as const;
type Line = (typeof LINES)[number];

/** Variant i at a height: of a note with a high bid, or of an account's number; each height's are better than the one's before. */
const variantOf = (line: Line, item: number, at: number, i: number): Item =>
  line === 'batches'
    ? batchOf({
        note: 1_000n + BigInt(item),
        tag: BigInt(100 * at + i),
        fee: 9_000n + BigInt(at),
        change: BigInt(10_000 + item),
      })
    : sampleAction({
        account: 1_000n + BigInt(item),
        amount: BigInt(1 + 100 * at + i),
        commitment: BigInt(20_000 + item),
      });

/**
 * The mempools of the correct validators of a committee, and ballots over them. The scheduler is the attacker's: at every height
 * variant i of each of 64 items comes to validator i alone, the liars tell validator i that they hold it, and no pull of the height
 * is answered before its ballots are out.
 * @returns the height that accepted each honest item; undefined if none of HEIGHTS did
 */
function attacked(n: number, line: Line): (number | undefined)[] {
  const { f } = quorumOf(n);
  const benches = Array.from({ length: n - f }, (_, i) => new MempoolBench(n, { self: v(i) }));
  const liars = Array.from({ length: f }, (_, k) => v(n - f + k));
  const honest: Item[] = [
    ...Array.from({ length: 5 }, (_, i) => batchOf({ note: BigInt(i) })),
    ...(line === 'batches' ? [sampleDeposit(), sampleAction()] : []),
  ];
  const accepted = new Map<ItemId, number>();
  let answers: (() => void)[] = [];
  /** Delivers announcements now, and pulls and their answers when the height is over. */
  const deliver = (from: MempoolBench, by: number): void => {
    for (const { to, message } of said(from.out).splice(0)) {
      if (message.kind === 'announce')
        for (const bench of benches) bench.mempool.heard(v(by), message, bench.out);
      else if (message.kind === 'pullItems')
        answers.push(() => {
          const out = new Out();
          benches[to as number]?.mempool.serve(v(by), message.ids, () => undefined, out);
          for (const { message: answer } of said(out))
            if (answer.kind === 'item') from.mempool.answered(v(to as number), answer.bytes, from.out);
          from.verify();
        });
    }
    from.out.frames.length = 0;
  };
  const exchange = (): void => {
    for (const bench of benches) bench.tick();
    benches.forEach(deliver);
    benches.forEach(deliver);
  };
  for (let at = 1; at <= HEIGHTS; at++) {
    benches.forEach((bench, i) => {
      const variants = Array.from({ length: MAX_BALLOT_ITEMS }, (_, item) => variantOf(line, item, at, i));
      bench.offer(...variants);
      for (const liar of liars) bench.mempool.heard(liar, announcing(variants), bench.out);
    });
    if (at === 1) for (const bench of benches) bench.offer(...honest);
    exchange();
    const lists = benches.map((bench) => bench.mempool.list());
    const counts = new Map<ItemId, number>();
    for (const id of lists.flat()) counts.set(id, (counts.get(id) ?? 0) + 1);
    const chosen = [...counts].filter(([, count]) => count >= f + 1).map(([id]) => id);
    for (const id of chosen) accepted.set(id, at);
    benches.forEach((bench, i) => {
      bench.mempool.tallied(lists[i]!, chosen);
      bench.mempool.advance(height(at), chosen, bench.out);
    });
    for (const answer of answers.splice(0)) answer();
    answers = [];
    for (const bench of benches) bench.mempool.begin(bench.out);
  }
  return honest.map((item) => accepted.get(idOf(item)));
}

afterEach(() => {
  vi.resetAllMocks();
  vi.restoreAllMocks();
});

describe.each([4, 7])(
  'among %i validators, variant i of each of 64 items at validator i, and f liars who confirm it',
  (n) => {
    test.each(LINES)('%s: honest items are accepted at once', (line) => {
      expect(new Set(attacked(n, line))).toEqual(new Set([1]));
    });

    test('a mutant that lists what f + 1 say they hold accepts no honest batch', () => {
      const real = Announcements.prototype.holdersOf;
      vi.spyOn(Announcements.prototype, 'holdersOf').mockImplementation(function (this: Announcements, id) {
        // f holders that there are not: 2f + 1 with them are f + 1.
        const phantoms = Array.from({ length: quorumOf(n).f }, (_, k) => v(200 + k));
        return new Set([...real.call(this, id), ...phantoms]);
      });
      expect(attacked(n, 'batches').slice(0, 5)).toEqual(Array.from({ length: 5 }, () => undefined));
    });

    test('a mutant that keeps the first of a key and lists the oldest accepts none', () => {
      vi.spyOn(Announcements.prototype, 'holdersOf').mockImplementation(
        () => new Set(Array.from({ length: n }, (_, i) => v(i))),
      );
      vi.mocked(bids.beats).mockReturnValue(false);
      vi.mocked(listing.listItems).mockImplementation((candidates) =>
        candidates.slice(0, MAX_BALLOT_ITEMS).map(({ id }) => id),
      );
      expect(new Set(attacked(n, 'batches'))).toEqual(new Set([undefined]));
    });
  },
);
