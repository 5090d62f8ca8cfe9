import { expect, test } from 'vitest';
import { height, itemId, itemKey, validatorIndex } from '../../../src/params/ids.ts';
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
