import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../src/base/bytes.ts';
import { type ActionItem, actionMessage, actionSignals } from '../../../src/ledger/actions.ts';
import { decodeItem, encodeItem, itemIdOf, screenItem } from '../../../src/ledger/items.ts';
import { r } from '../../../src/params/fields.ts';
import { height } from '../../../src/params/ids.ts';
import { CHAIN, PLACE, sampleAction, sampleWithdrawal } from './transfer-items.ts';

const codeOf = (bytes: Uint8Array): string | undefined => {
  const screened = screenItem(bytes);
  return 'code' in screened ? screened.code : undefined;
};

describe('an account action on the wire', () => {
  test('comes back as it was: shield and withdrawal, also at the ends of its ranges', () => {
    const most = {
      account: r - 1n,
      commitment: r - 1n,
      amount: (1n << 64n) - 1n,
      sequence: (1n << 64n) - 1n,
    };
    for (const item of [
      sampleAction(),
      sampleWithdrawal(),
      sampleAction(most),
      sampleAction({ amount: 1n }),
    ]) {
      expect(decodeItem(encodeItem(item))).toEqual(item);
    }
  });

  test.each<[string, string, Partial<ActionItem>]>([
    ['an account not below r', 'ITEM_SIGNAL_RANGE', { account: r }],
    ['a note not below r', 'ITEM_SIGNAL_RANGE', { commitment: r }],
    ['an amount of 0', 'ITEM_AMOUNT_ZERO', { amount: 0n }],
    ['a shield to somewhere', 'ITEM_DESTINATION', { destination: PLACE }],
    ['a withdrawal to nowhere', 'ITEM_DESTINATION', { action: 'withdraw' }],
  ])('with %s is refused with %s', (_, code, wrong) => {
    expect(codeOf(encodeItem(sampleAction(wrong)))).toBe(code);
  });

  test('an amount or sequence of 2^64 has no encoding: it would be another number', () => {
    expect(() => encodeItem(sampleAction({ amount: 1n << 64n }))).toThrow('64 bits');
    expect(() => encodeItem(sampleAction({ sequence: 1n << 64n }))).toThrow('64 bits');
    expect(() => encodeItem(sampleAction({ amount: -1n }))).toThrow('64 bits');
  });

  test('of another length or an unknown action is malformed', () => {
    const bytes = encodeItem(sampleAction());
    expect(bytes.length).toBe(1 + 1 + 32 + 8 + 32 + 8 + 32 + 4 + 256);
    expect(codeOf(bytes.subarray(0, -1))).toBe('ITEM_MALFORMED');
    expect(codeOf(concatBytes(bytes, Uint8Array.of(0)))).toBe('ITEM_MALFORMED');
    expect(codeOf(bytes.with(1, 2))).toBe('ITEM_MALFORMED');
    expect(codeOf(bytes.with(0, 1))).toBe('ITEM_MALFORMED');
    expect(codeOf(bytes.with(0, 3))).toBe('ITEM_MALFORMED');
  });

  test('never throws, and what passes is canonical', () => {
    const good = encodeItem(sampleWithdrawal());
    const flipped = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, by]) => good.map((byte, i) => (i === at ? byte ^ by : byte)));
    fc.assert(
      fc.property(flipped, (bytes) => {
        const item = decodeItem(bytes);
        if (item !== undefined) expect(encodeItem(item)).toEqual(bytes);
      }),
    );
  });
});

describe('the public signals of an action', () => {
  test('stand in the order of S3: A, amount, cm, message', () => {
    const item = sampleAction();
    expect(actionSignals(CHAIN, item)).toEqual([5n, 1_000_000n, 401n, actionMessage(CHAIN, item)]);
  });

  test('bind chain, kind, sequence, destination and last height by the message, the rest by themselves', () => {
    const base = sampleWithdrawal();
    const others: ActionItem[] = [
      { ...base, action: 'shield' },
      { ...base, account: 6n },
      { ...base, amount: 1n },
      { ...base, commitment: 402n },
      { ...base, sequence: 1n },
      { ...base, destination: PLACE.with(31, 1) },
      { ...base, lastHeight: height(5) },
    ];
    const ids = [base, ...others].map((item) => itemIdOf(actionSignals(CHAIN, item)));
    ids.push(itemIdOf(actionSignals(new Uint8Array(32).fill(4), base)));
    expect(new Set(ids).size).toBe(9);
    expect(actionMessage(CHAIN, base) < r).toBe(true);
  });

  test('the id is that of the statement: another proof leaves it', () => {
    const other = sampleAction({ proof: new Uint8Array(256) });
    expect(actionSignals(CHAIN, other)).toEqual(actionSignals(CHAIN, sampleAction()));
  });
});
