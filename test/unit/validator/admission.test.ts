import { describe, expect, test } from 'vitest';
import { perp, type SentBatch, TradingWorld } from '../../../src/committee/traders.ts';
import { decodePoint, encodePoint, IDENTITY } from '../../../src/crypto/babyjub.ts';
import { type BatchItem, encodeItem } from '../../../src/ledger/items.ts';
import { r } from '../../../src/params/fields.ts';
import { height } from '../../../src/params/ids.ts';
import { MAX_MEMPOOL_ITEMS } from '../../../src/params/sizes.ts';
import { kernels } from '../../helpers/kernels.ts';
import { smallOrderPoints } from '../../helpers/small-order.ts';
import { MEDIANS } from '../ledger/market.ts';

/** Admission at one validator of a committee: the world's oracle answers what a proof is worth. */
function world(): TradingWorld {
  return new TradingWorld({ kernels, n: 4, seed: 1 });
}

function offer({ committee }: TradingWorld, ...items: readonly Uint8Array[]): void {
  for (const bytes of items) committee.input(0, { type: 'item', bytes });
  committee.drain();
}

const codes = ({ committee }: TradingWorld): string[] => committee.refused[0]!.map(({ code }) => code);
const admitted = ({ committee }: TradingWorld): string[] => committee.admitted[0]!;
const changed = ({ item }: SentBatch, change: Partial<BatchItem>): Uint8Array =>
  encodeItem({ ...item, ...change });
/** U with a part of order 2. */
const shifted = (U: Uint8Array): Uint8Array => encodePoint(decodePoint(U)!.add(smallOrderPoints()[3]!));
const flipped = (proof: Uint8Array): Uint8Array => proof.with(100, proof[100]! ^ 1);

describe('a validator admits', () => {
  test('a good batch, and logs it', () => {
    const w = world();
    const good = w.batch(0, [perp('buy', 1n)], w.terms(1));
    offer(w, good.bytes);
    expect([admitted(w), codes(w)]).toEqual([[good.sealed.id], []]);
  });

  test('one copy of a batch, however often it comes', () => {
    const w = world();
    const good = w.batch(0, [perp('buy', 1n)], w.terms(1));
    offer(w, good.bytes, good.bytes);
    offer(w, good.bytes);
    expect([admitted(w), codes(w)]).toEqual([[good.sealed.id], []]);
  });
});

describe('a validator refuses', () => {
  test.each<[string, (w: TradingWorld, good: SentBatch) => Uint8Array]>([
    ['ITEM_MALFORMED', (_, good) => good.bytes.subarray(1)],
    ['ITEM_MALFORMED', () => new Uint8Array()],
    ['ITEM_SIGNAL_RANGE', (_, good) => changed(good, { nullifier: good.item.nullifier + r })],
    ['ITEM_POINT_IDENTITY', (_, good) => changed(good, { U: encodePoint(IDENTITY) })],
    ['ITEM_POINT_ORDER', (_, good) => changed(good, { U: encodePoint(smallOrderPoints()[3]!) })],
    ['ITEM_POINT_ORDER', (_, good) => changed(good, { U: shifted(good.item.U) })],
    ['ITEM_ROOT_UNKNOWN', (_, good) => changed(good, { noteRoot: 5n })],
    ['ITEM_TABLE_STALE', (_, good) => changed(good, { tableHeight: height(1) })],
    ['ITEM_WINDOW', (w) => w.batch(1, [perp('buy', 1n)], w.terms(1, { fromHeight: height(2) })).bytes],
    ['ITEM_FEE_LOW', (w) => w.batch(1, [perp('buy', 1n)], w.terms(1, { fee: w.terms(1).fee - 1n })).bytes],
    ['ITEM_COMMITMENT_EXISTS', (w, good) => changed(good, { changeCommitment: w.committee.chain.notes[0]! })],
    ['ITEM_PROOF_INVALID', (_, good) => changed(good, { proof: flipped(good.item.proof) })],
  ])('%s', (code, make) => {
    const w = world();
    const good = w.batch(0, [perp('buy', 1n)], w.terms(1));
    offer(w, make(w, good));
    expect([codes(w), admitted(w)]).toEqual([[code], []]);
    offer(w, good.bytes);
    expect(admitted(w)).toEqual([good.sealed.id]);
  });

  test('ITEM_NULLIFIER_SPENT: a note that an earlier height spent', () => {
    const w = world();
    const first = w.batch(w.copyOf(0), [perp('buy', 1n)], w.terms(1));
    w.submit(first.bytes, [0, 1, 2, 3]);
    w.committee.drain();
    w.runHeight(1, MEDIANS);
    const again = w.batch(w.copyOf(0), [perp('buy', 2n)], w.terms(2));
    expect(again.item.nullifier).toBe(first.item.nullifier);
    offer(w, again.bytes);
    expect([codes(w), admitted(w)]).toEqual([['ITEM_NULLIFIER_SPENT'], [first.sealed.id]]);
  });

  test.each([
    ['after the first was admitted', true],
    ['while the first is being verified', false],
  ])('ITEM_NULLIFIER_PENDING: of two batches of one note the lower bid, %s', (_, waits) => {
    for (const isHigherFirst of [true, false]) {
      const w = world();
      const { fee } = w.terms(1);
      const low = w.batch(w.copyOf(0), [perp('buy', 1n)], w.terms(1, { fee }));
      const high = w.batch(w.copyOf(0), [perp('buy', 2n)], w.terms(1, { fee: fee + 1n }));
      const both = (isHigherFirst ? [high, low] : [low, high]).map(({ bytes }) => bytes);
      if (waits) for (const bytes of both) offer(w, bytes);
      else offer(w, ...both);
      expect(w.committee.refused[0]).toEqual([
        { type: 'refused', item: low.sealed.id, code: 'ITEM_NULLIFIER_PENDING' },
      ]);
      expect(admitted(w).filter((id) => id === high.sealed.id)).toHaveLength(1);
    }
  });

  test('MEMPOOL_FULL, counting what is being verified', () => {
    const w = world();
    const good = w.batch(0, [perp('buy', 1n)], w.terms(1));
    for (let i = 0; i < MAX_MEMPOOL_ITEMS; i++) {
      w.committee.input(0, { type: 'item', bytes: changed(good, { nullifier: BigInt(i + 1) }) });
    }
    expect(codes(w)).toEqual([]);
    w.committee.input(0, { type: 'item', bytes: good.bytes });
    expect(codes(w)).toEqual(['MEMPOOL_FULL']);
    w.committee.drain(); // The oracle calls all of them invalid: there is room again.
    offer(w, good.bytes);
    expect(admitted(w)).toEqual([good.sealed.id]);
  });

  test('again, from memory, a copy whose proof was bad', () => {
    const w = world();
    const good = w.batch(0, [perp('buy', 1n)], w.terms(1));
    const bad = changed(good, { proof: flipped(good.item.proof) });
    offer(w, bad);
    const verified = w.committee.inputsOf(0).filter(({ type }) => type === 'verified').length;
    offer(w, bad);
    expect(codes(w)).toEqual(['ITEM_PROOF_INVALID', 'ITEM_PROOF_INVALID']);
    expect(w.committee.inputsOf(0).filter(({ type }) => type === 'verified')).toHaveLength(verified);
  });
});

describe('a copy with one flipped proof byte does not censor the good one', () => {
  test.each([
    ['bad first', (good: Uint8Array, bad: Uint8Array) => [[bad], [good]]],
    ['good first', (good: Uint8Array, bad: Uint8Array) => [[good], [bad]]],
    ['both at once, bad first', (good: Uint8Array, bad: Uint8Array) => [[bad, good]]],
    ['both at once, good first', (good: Uint8Array, bad: Uint8Array) => [[good, bad]]],
  ])('%s', (_, order) => {
    const w = world();
    const good = w.batch(0, [perp('buy', 1n)], w.terms(1));
    for (const items of order(good.bytes, changed(good, { proof: flipped(good.item.proof) })))
      offer(w, ...items);
    expect(admitted(w)).toEqual([good.sealed.id]);
    expect(new Set(codes(w)).size).toBeLessThanOrEqual(1);
  });

  test('nor keep it out of a block when everybody heard the bad copy first', () => {
    const w = world();
    const good = w.batch(0, [perp('buy', 1n)], w.terms(1));
    const bad = changed(good, { proof: flipped(good.item.proof) });
    w.submit(bad, [0, 1, 2, 3]);
    w.committee.drain();
    w.submit(good.bytes, [0, 1, 2, 3]);
    w.committee.drain();
    w.runHeight(1, MEDIANS);
    expect(w.committee.ordered(1).accepted.map(({ id }) => id)).toEqual([good.sealed.id]);
  });
});
