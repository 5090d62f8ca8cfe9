import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToBytes, concatBytes } from '../../../src/base/bytes.ts';
import { BASE, clearCofactor, encodePoint, IDENTITY } from '../../../src/crypto/babyjub.ts';
import {
  batchSignals,
  contextOf,
  decodeItem,
  encodeItem,
  itemIdOf,
  screenItem,
} from '../../../src/ledger/items.ts';
import { r } from '../../../src/params/fields.ts';
import { height } from '../../../src/params/ids.ts';
import { sampleItem } from './batches.ts';

const codeOf = (bytes: Uint8Array): string | undefined => {
  const screened = screenItem(bytes);
  return 'code' in screened ? screened.code : undefined;
};
const table = {
  buyPpm: Array.from({ length: 16 }, (_, i) => BigInt(100 + i)),
  sellUnits: Array.from({ length: 16 }, (_, i) => BigInt(200 + i)),
};

describe('an item on the wire', () => {
  test('comes back as it was', () => {
    const bytes = encodeItem(sampleItem());
    expect(bytes.length).toBe(1 + 3 * 4 + 6 * 32 + 8 + 3 * 32 + 256);
    expect(decodeItem(bytes)).toEqual(sampleItem());
  });

  test('of another length, kind or nothing at all is malformed', () => {
    const bytes = encodeItem(sampleItem());
    expect(codeOf(bytes.subarray(1))).toBe('ITEM_MALFORMED');
    expect(codeOf(concatBytes(bytes, Uint8Array.of(0)))).toBe('ITEM_MALFORMED');
    expect(codeOf(concatBytes(Uint8Array.of(0), bytes.subarray(1)))).toBe('ITEM_MALFORMED');
    expect(codeOf(new Uint8Array(0))).toBe('ITEM_MALFORMED');
    expect(decodeItem(bytes.subarray(1))).toBeUndefined();
  });

  test.each([
    { noteRoot: r },
    { nullifier: r },
    { changeCommitment: r + 1n },
    { tag: (1n << 256n) - 1n },
    { ct: [r, 0n, 0n] as const },
    { ct: [0n, 0n, r] as const },
    { U: concatBytes(bigintToBytes(r, 32), bigintToBytes(1n, 32)) },
    { U: concatBytes(bigintToBytes(0n, 32), bigintToBytes(r + 1n, 32)) },
  ])('with a public signal not below r is refused for its range: %o', (wrong) => {
    expect(codeOf(encodeItem(sampleItem(wrong)))).toBe('ITEM_SIGNAL_RANGE');
  });

  test('with the largest signals below r passes', () => {
    const item = sampleItem({
      noteRoot: r - 1n,
      nullifier: r - 1n,
      ct: [r - 1n, r - 1n, r - 1n],
      tag: r - 1n,
    });
    expect(decodeItem(encodeItem(item))).toEqual(item);
  });

  test('with U off the curve is malformed, with U = O refused as such', () => {
    const off = concatBytes(bigintToBytes(3n, 32), bigintToBytes(4n, 32));
    expect(codeOf(encodeItem(sampleItem({ U: off })))).toBe('ITEM_MALFORMED');
    expect(codeOf(encodeItem(sampleItem({ U: encodePoint(IDENTITY) })))).toBe('ITEM_POINT_IDENTITY');
  });

  test('never throws, and what passes is canonical', () => {
    const good = encodeItem(sampleItem());
    const flipped = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, by]) => good.map((byte, i) => (i === at ? byte ^ by : byte)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 700 }), flipped), (bytes) => {
        const item = decodeItem(bytes);
        if (item !== undefined) expect(encodeItem(item)).toEqual(bytes);
      }),
    );
  });
});

describe('the public signals of a batch', () => {
  const Y8 = clearCofactor(BASE);
  const signals = batchSignals(sampleItem(), { context: 31n, Y8, table });

  test('stand in the order of S2', () => {
    const { x, y } = Y8.toAffine();
    const U = BASE.multiply(3n).toAffine();
    expect(signals).toEqual(
      [11n, 12n, U.x, U.y, 21n, 22n, 23n, 24n, 5n, x, y, 31n, 1000n].concat(table.buyPpm, table.sellUnits),
    );
    expect(signals.length).toBe(45);
  });

  test('make the id, and every one of them changes it', () => {
    const ids = signals.map((_, at) => itemIdOf(signals.map((s, i) => (i === at ? s + 1n : s))));
    expect(new Set([itemIdOf(signals), ...ids]).size).toBe(46);
  });

  test('the id is that of the statement: another proof leaves it', () => {
    const other = sampleItem({ proof: new Uint8Array(256) });
    expect(itemIdOf(batchSignals(other, { context: 31n, Y8, table }))).toBe(itemIdOf(signals));
  });
});

describe('the context', () => {
  const base = {
    chainHash: new Uint8Array(32).fill(1),
    market: 'BTC',
    fromHeight: height(1),
    toHeight: height(2),
    tableHeight: height(0),
  };
  test('is a field element that chain, market, both ends of the window and the table height change', () => {
    const contexts = [
      base,
      { ...base, chainHash: new Uint8Array(32).fill(2) },
      { ...base, market: 'BTD' },
      { ...base, fromHeight: height(0) },
      { ...base, toHeight: height(3) },
      { ...base, tableHeight: height(1) },
      { ...base, fromHeight: height(2), toHeight: height(1) },
    ].map(contextOf);
    expect(new Set(contexts).size).toBe(contexts.length);
    expect(contexts.every((context) => context < r)).toBe(true);
  });
});
