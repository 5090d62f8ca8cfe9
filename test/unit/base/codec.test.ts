import { ContainerType, ListBasicType } from '@chainsafe/ssz';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codec, uint8, uint32 } from '../../../src/base/codec.ts';

const Sample = new ContainerType({ n: uint32, list: new ListBasicType(uint8, 4) });
const sample = codec(Sample);

describe('a codec', () => {
  test('gives back what it encoded', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(255), { maxLength: 4 }), (n, list) => {
        expect(sample.decode(sample.encode({ n, list }))).toEqual({ n, list });
      }),
    );
  });

  test('refuses to encode a list above its limit', () => {
    expect(() => sample.encode({ n: 1, list: [1, 2, 3, 4, 5] })).toThrow(
      expect.objectContaining({ code: 'CODEC_INPUT' }),
    );
  });

  test('decodes only the canonical encoding, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        const value = sample.decode(bytes);
        if (value !== undefined) expect(sample.encode(value)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a truncated one', (b: Uint8Array) => b.subarray(0, 6), undefined],
    [
      'one with a byte more than its limits allow',
      (b: Uint8Array) => new Uint8Array([...b, 0, 0, 0, 0]),
      undefined,
    ],
    ['one whose offset points elsewhere', (b: Uint8Array) => b.with(4, 9), undefined],
  ])('refuses %s', (_, tamper, expected) => {
    expect(sample.decode(tamper(sample.encode({ n: 7, list: [1, 2] })))).toBe(expected);
  });
});
