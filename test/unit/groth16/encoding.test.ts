import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bigintToBytes, concatBytes } from '../../../src/base/bytes.ts';
import { proofCoordinates, proofFromBytes, proofToBytes } from '../../../src/groth16/encoding.ts';
import { q } from '../../../src/params/fields.ts';

const coordinate = fc.bigInt({ min: 0n, max: q - 1n });
const eight = fc.array(coordinate, { minLength: 8, maxLength: 8 });
const encode = (coordinates: readonly bigint[]): Uint8Array =>
  concatBytes(...coordinates.map((c) => bigintToBytes(c, 32)));

test('bytes of eight coordinates below q decode and encode to themselves', () => {
  fc.assert(
    fc.property(eight, (coordinates) => {
      const bytes = encode(coordinates);
      expect(proofToBytes(proofFromBytes(bytes)!)).toEqual(bytes);
    }),
  );
});

test('the order is A.x A.y B.x0 B.x1 B.y0 B.y1 C.x C.y, as snarkjs names them', () => {
  const bytes = encode([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
  expect(proofCoordinates(bytes)).toEqual({
    A: [1n, 2n],
    B: [
      [3n, 4n],
      [5n, 6n],
    ],
    C: [7n, 8n],
  });
  expect(proofFromBytes(bytes)).toEqual({
    pi_a: ['1', '2', '1'],
    pi_b: [
      ['3', '4'],
      ['5', '6'],
      ['1', '0'],
    ],
    pi_c: ['7', '8', '1'],
    protocol: 'groth16',
    curve: 'bn128',
  });
});

test('a coordinate of q or more has no meaning, wherever it stands', () => {
  fc.assert(
    fc.property(eight, fc.nat(7), fc.bigInt({ min: q, max: (1n << 256n) - 1n }), (coordinates, i, c) => {
      expect(proofFromBytes(encode(coordinates.with(i, c)))).toBeUndefined();
    }),
  );
});

test('another length has no meaning', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      fc.pre(bytes.length !== 256);
      expect(proofFromBytes(bytes)).toBeUndefined();
    }),
  );
});

test('a point at infinity, a missing coordinate and one above q are not encoded', () => {
  const good = proofFromBytes(encode([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]))!;
  for (const bad of [
    { ...good, pi_a: ['0', '1', '0'] },
    {
      ...good,
      pi_b: [
        ['0', '0'],
        ['1', '0'],
        ['0', '0'],
      ],
    },
    { ...good, pi_b: [['3', '4'], ['5'], ['1', '0']] },
    { ...good, pi_c: [String(q), '8', '1'] },
    { ...good, pi_c: ['-1', '8', '1'] },
  ]) {
    expect(() => proofToBytes(bad)).toThrow(expect.objectContaining({ code: 'ASSERTION' }));
  }
});
