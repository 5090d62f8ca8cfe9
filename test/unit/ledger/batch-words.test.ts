import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packBatch, packOrder, unpackBatch, unpackOrder } from '../../../src/ledger/batch-words.ts';
import { r } from '../../../src/params/fields.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { anyContent } from './batches.ts';

const order = {
  side: 'sell',
  reduceOnly: true,
  instrument: instrumentIndex(5),
  price: 1n << 32n,
  lots: 3n,
} as const;

describe('the words of a batch', () => {
  test('an order is active, side, reduceOnly, instrument, price − 1, lots − 1 from the lowest bit', () => {
    expect(packOrder(order)).toBe(1n + 2n + 4n + 8n * 5n + 2n ** 7n * (2n ** 32n - 1n) + 2n ** 39n * 2n);
    expect(packOrder({ ...order, side: 'buy', reduceOnly: false, price: 1n, lots: 1n })).toBe(1n + 8n * 5n);
    expect(packOrder(undefined)).toBe(0n);
  });

  test('the largest order fills 71 bits', () => {
    const largest = { ...order, instrument: instrumentIndex(15), lots: 1n << 32n };
    expect(packOrder(largest)).toBe((1n << 71n) - 1n);
  });

  test('deposit and orders stand at their places', () => {
    const w = packOrder(order);
    const words = packBatch({ account: 9n, deposit: 77n, orders: [order, order, order, order] });
    expect(words).toEqual([9n, 77n + w * 2n ** 64n + w * 2n ** 135n, w + w * 2n ** 71n]);
  });

  test('unpacking gives back what was packed', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        expect(unpackBatch(packBatch(content))).toEqual(content);
      }),
    );
  });

  test('unpacking accepts only what packing produces', () => {
    const word = fc.bigInt({ min: -5n, max: r - 1n });
    const narrow = fc.bigInt({ min: -5n, max: 1n << 210n });
    fc.assert(
      fc.property(fc.tuple(word, fc.oneof(narrow, word), fc.oneof(narrow, word)), (words) => {
        const content = unpackBatch(words);
        if (content !== undefined) expect(packBatch(content)).toEqual(words);
      }),
      { numRuns: 300 },
    );
  });

  test('an inactive order that is not all zero is nonsense', () => {
    expect(unpackOrder(2n)).toBeUndefined();
    expect(unpackOrder(0n)).toEqual({ leg: undefined });
    expect(unpackBatch([1n, 5n | (2n << 64n), 0n])).toBeUndefined();
    expect(unpackBatch([1n, 5n, 1n << 142n])).toBeUndefined();
    expect(unpackBatch([r, 5n, 0n])).toBeUndefined();
    expect(unpackBatch([1n, 5n, 0n])?.deposit).toBe(5n);
  });

  test.each([
    { ...order, price: 0n },
    { ...order, price: (1n << 32n) + 1n },
    { ...order, lots: 0n },
    { ...order, lots: (1n << 32n) + 1n },
    { ...order, instrument: instrumentIndex(16) },
  ])('an order out of range is not packed: %o', (bad) => {
    expect(() => packOrder(bad)).toThrow('invariant broken');
  });
});
