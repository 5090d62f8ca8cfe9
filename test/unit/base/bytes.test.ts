import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bigintToBytes,
  bytesToBigint,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  toHex,
} from '../../../src/base/bytes.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

describe('bytes', () => {
  test('hex agrees with Buffer, and back', () => {
    fc.assert(
      fc.property(bytes, (b) => {
        expect(toHex(b)).toBe(Buffer.from(b).toString('hex'));
        expect(fromHex(toHex(b))).toEqual(b);
        expect(fromHex(toHex(b).toUpperCase())).toEqual(b);
      }),
    );
  });

  test.each(['0', 'zz', '0x00', ' 00', '00 '])('%j is not hex', (text) => {
    expect(fromHex(text)).toBeUndefined();
  });

  test('integers are big-endian and unsigned', () => {
    expect(bigintToBytes(0x0102n, 4)).toEqual(Uint8Array.of(0, 0, 1, 2));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), (x) => {
        expect(bytesToBigint(bigintToBytes(x, 32))).toBe(x);
      }),
    );
    expect(bytesToBigint(new Uint8Array())).toBe(0n);
  });

  test.each([-1n, 256n])('%i does not fit into one byte', (x) => {
    expect(() => bigintToBytes(x, 1)).toThrow(expect.objectContaining({ code: 'ASSERTION' }));
  });

  test('order and equality agree with Buffer', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        const sameLength = b.subarray(0, Math.min(a.length, b.length));
        const cut = a.subarray(0, sameLength.length);
        expect(Math.sign(compareBytes(cut, sameLength))).toBe(Buffer.compare(cut, sameLength));
        expect(concatBytes(a, b)).toEqual(new Uint8Array(Buffer.concat([a, b])));
      }),
    );
  });
});
