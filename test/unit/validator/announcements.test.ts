import { expect, test } from 'vitest';
import { height, itemId, itemKey, validatorIndex } from '../../../src/params/ids.ts';
import { MAX_ANNOUNCED_ITEMS, MAX_HELD_ITEMS, MAX_ORDERED_ITEMS } from '../../../src/params/sizes.ts';
import { Announcements } from '../../../src/validator/announcements.ts';
import { Out } from '../../../src/validator/out.ts';

const LIAR = validatorIndex(2);
const ITEM = itemId('ab'.repeat(32));
const KEYS = ['01', '02'].map((byte) => itemKey(byte.repeat(16)));

/** One announcement of the item under each key. */
function twice(): Announcements {
  const announcements = new Announcements();
  for (const key of KEYS) {
    const held = [{ key, fee: 1n, id: ITEM }];
    announcements.heard(LIAR, { kind: 'announce', isWhole: false, held, withdrawn: [] }, new Out());
  }
  return announcements;
}

test('an item that one validator announces under two keys counts once, and is forgotten when a height orders it', () => {
  const announcements = twice();
  expect([...announcements.holdersOf(ITEM)]).toEqual([LIAR]);
  announcements.ordered(height(1), [ITEM]);
  expect(announcements.holdersOf(ITEM).size).toBe(0);
});

test('such an item can be withdrawn, and all of it at once', () => {
  const announcements = twice();
  const whole = { kind: 'announce', isWhole: true, held: [], withdrawn: [] } as const;
  announcements.heard(LIAR, whole, new Out());
  announcements.heard(LIAR, { ...whole, isWhole: false, withdrawn: KEYS }, new Out());
  expect(announcements.holdersOf(ITEM).size).toBe(0);
});

/** Announcements of so many different items, of different keys. */
const bids = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const hex = (from + i).toString(16);
    return { key: itemKey(hex.padStart(32, '0')), fee: 1n, id: itemId(hex.padStart(64, '0')) };
  });

test('a full mempool that goes on to heights that are not ordered here is believed, and a flood is not', () => {
  const announcements = new Announcements();
  const out = new Out();
  const hear = (held: ReturnType<typeof bids>) =>
    announcements.heard(LIAR, { kind: 'announce', isWhole: false, held, withdrawn: [] }, out);
  hear(bids(0, MAX_HELD_ITEMS));
  for (let at = 0; at < 2; at++) {
    const newcomers = bids(MAX_HELD_ITEMS + at * MAX_ORDERED_ITEMS, MAX_ORDERED_ITEMS);
    expect(hear(newcomers)).toEqual(newcomers);
  }
  expect(out.faults).toEqual([]);
  expect(hear(bids(10_000, 2))).toEqual([]);
  expect(out.faults.map(({ fault }) => fault)).toEqual(['ANNOUNCE_FLOOD']);
  expect(announcements.state().peers.get(LIAR)!.size).toBe(MAX_ANNOUNCED_ITEMS);
});
