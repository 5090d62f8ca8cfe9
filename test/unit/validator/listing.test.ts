import { describe, expect, test } from 'vitest';
import { BASE } from '../../../src/crypto/babyjub.ts';
import type { Item } from '../../../src/ledger/items.ts';
import type { DealingItem } from '../../../src/ledger/rotation/dealing-item.ts';
import { MAX_BALLOT_ITEMS, MAX_BALLOT_TRANSFERS } from '../../../src/params/sizes.ts';
import { bidOf } from '../../../src/validator/bid.ts';
import { type ListCandidate, listItems } from '../../../src/validator/listing.ts';
import { sampleAction, sampleDeposit } from '../ledger/transfer-items.ts';
import { proofOf, v } from './fixtures.ts';
import { batchOf, idOf } from './mempool-bench.ts';

/** What is dealt does not matter here. */
const DEALING: DealingItem = {
  kind: 'dealing',
  session: 5n,
  dealer: v(0),
  dealing: {
    ephemeral: BASE,
    shares: [{ commitments: { decryption: BASE, coin: BASE }, ciphertexts: { decryption: 1n, coin: 2n } }],
    proofs: [proofOf(1)],
  },
  signature: new Uint8Array(64),
};

const beacon = (byte: number) => new Uint8Array(64).fill(byte);
const candidate = (item: Item, isStuck = false): ListCandidate => ({
  ...bidOf(idOf(item), item),
  item,
  isStuck,
});
const batches = (count: number, fee = 1_000n, from = 0): ListCandidate[] =>
  Array.from({ length: count }, (_, i) => candidate(batchOf({ note: BigInt(from + i), fee })));
const deposits = (count: number): ListCandidate[] =>
  Array.from({ length: count }, (_, i) => candidate(sampleDeposit({ nonce: BigInt(i) })));
const idsOf = (list: readonly ListCandidate[]) => list.map(({ id }) => id);

describe('a ballot lists', () => {
  test('the highest bids, and no more than it may', () => {
    const high = batches(10, 5_000n, 1000);
    const listed = listItems([...batches(100), ...high], beacon(1));
    expect(listed).toHaveLength(MAX_BALLOT_ITEMS);
    expect(listed.slice(0, 10).sort()).toEqual(idsOf(high).sort());
  });

  test('actions and deposits beside any number of higher bids: their share, and more only where batches leave room', () => {
    const listed = listItems([...batches(100, 2n ** 60n), ...deposits(40)], beacon(1));
    const transfers = idsOf(deposits(40)).filter((id) => listed.includes(id));
    expect([transfers.length, listed.length]).toEqual([MAX_BALLOT_TRANSFERS, MAX_BALLOT_ITEMS]);
    expect(
      listItems([...batches(30), ...deposits(80)], beacon(1))
        .slice(-18)
        .every((id) => idsOf(deposits(80)).includes(id)),
    ).toBe(true);
    expect(listItems([...batches(30), ...deposits(80)], beacon(1))).toEqual(
      expect.arrayContaining(idsOf(batches(30))),
    );
  });

  test('registrations and dealings before any bid and any transfer, each by the places that it takes', () => {
    const [one] = DEALING.dealing.shares;
    const large = Array.from({ length: 100 }, () => one!);
    const dealing = (dealer: number, shares = [one!]) =>
      candidate({
        ...DEALING,
        dealer: v(dealer),
        dealing: { ...DEALING.dealing, shares, proofs: shares.map(() => proofOf(1)) },
      });
    const small = [0, 1, 2].map((dealer) => dealing(dealer));
    const listed = listItems([...batches(100, 2n ** 60n), ...deposits(40), ...small], beacon(1));
    expect(listed.slice(0, 3).sort()).toEqual(idsOf(small).sort());
    expect(listed).toHaveLength(MAX_BALLOT_ITEMS);
    // Five of eleven places each, sixteen transfers would be too many: nine are left.
    const heavy = Array.from({ length: 7 }, (_, dealer) => dealing(dealer, large));
    const full = listItems([...batches(100), ...deposits(40), ...heavy], beacon(1));
    expect(idsOf(heavy).filter((id) => full.includes(id))).toHaveLength(5);
    expect(full).toHaveLength(5 + 9);
    expect(idsOf(deposits(40)).filter((id) => full.includes(id))).toHaveLength(9);
  });

  test('equals in an order that the beacon decides and not the order in which they came', () => {
    const all = [...batches(100), ...deposits(40)];
    const listed = listItems(all, beacon(1));
    expect(listItems([...all].reverse(), beacon(1))).toEqual(listed);
    expect(listItems(all, beacon(2))).not.toEqual(listed);
  });

  test('transfers by their key, so that who makes another item of it gets no other place', () => {
    const places = (account: bigint) => {
      const own = candidate(sampleAction({ account: 7n, sequence: 0n, amount: account }));
      return listItems([own, ...deposits(15)], beacon(3)).indexOf(own.id);
    };
    expect(places(5n)).toBe(places(6n));
  });

  test('one of those that bring the same new note, also of a batch and a shield', () => {
    const same = Array.from({ length: 64 }, (_, i) =>
      candidate(batchOf({ note: BigInt(i), fee: 9_000n, change: 77n })),
    );
    const listed = listItems([...same, ...batches(5, 1_000n, 100)], beacon(1));
    expect(listed).toHaveLength(6);
    const shield = candidate(sampleAction({ commitment: 77n }));
    expect(listItems([...same, shield], beacon(1))).toEqual([shield.id]);
  });

  test('what was listed in vain after all others of its class', () => {
    const stuck = candidate(batchOf({ note: 1n, fee: 9_000n }), true);
    const [good] = batches(1, 1_000n, 50);
    expect(listItems([stuck, good!], beacon(1))).toEqual([good!.id, stuck.id]);
    const held = [...deposits(16), candidate(sampleDeposit({ nonce: 99n }), true)];
    expect(listItems(held, beacon(1)).at(-1)).toBe(held.at(-1)!.id);
  });
});
