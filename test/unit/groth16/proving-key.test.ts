import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseProvingKey } from '../../../src/groth16/proving-key.ts';
import { witnessWords } from '../../../src/groth16/witness-words.ts';
import { r } from '../../../src/params/fields.ts';
import { KEYS_DIR } from '../../../src/proofs/key-files.ts';
import { wtnsFile } from '../../helpers/iden3-files.ts';

const zkey = readFileSync(join(KEYS_DIR, 'account', 'proving.zkey'));
/** Offsets of the bodies of sections 2 (header) and 4 (coefficients). */
const offsets = new Map<number, number>();
for (let at = 12; at < zkey.length; at += Number(zkey.readBigUInt64LE(at + 4)) + 12) {
  offsets.set(zkey.readUInt32LE(at), at + 12);
}
const changed = (change: (bytes: Buffer, header: number, coefficients: number) => void): Buffer => {
  const bytes = Buffer.from(zkey);
  change(bytes, offsets.get(2)!, offsets.get(4)!);
  return bytes;
};

test('a key of a circuit is read whole', () => {
  const key = parseProvingKey(zkey);
  expect(key).toMatchObject({ domain: 1024 });
  expect(key.A.length).toBe(64 * key.signals);
  expect(key.C.length).toBe(64 * (key.signals - key.nPublic - 1));
});

test.each([
  ['it is cut short', zkey.subarray(0, -1), 'no whole .zkey'],
  [
    'it is another protocol’s',
    changed((bytes) => bytes.writeUInt32LE(2, offsets.get(1))),
    'another protocol',
  ],
  ['it is over another field', changed((bytes, at) => bytes.writeUInt8(1, at + 4)), 'BN254'],
  [
    'its domain is no power of two',
    changed((bytes, at) => bytes.writeUInt32LE(1023, at + 80)),
    'domain of 1023',
  ],
  [
    'its domain is larger than its points',
    changed((bytes, at) => bytes.writeUInt32LE(2048, at + 80)),
    'section 9',
  ],
  [
    'its domain is beyond the memory',
    changed((bytes, at) => bytes.writeUInt32LE(1 << 30, at + 80)),
    'a power of two up to',
  ],
  [
    'it counts more signals than points',
    changed((bytes, at) => bytes.writeUInt32LE(4000, at + 72)),
    'section 5',
  ],
  [
    'it counts more public signals than signals',
    changed((bytes, at) => bytes.writeUInt32LE(99999, at + 76)),
    'more public',
  ],
  [
    'it counts more coefficients than there are',
    changed((bytes, _, at) => bytes.writeUInt32LE(0xffffffff, at)),
    'too short',
  ],
  ['a coefficient is of no matrix', changed((bytes, _, at) => bytes.writeUInt32LE(2, at + 4)), 'entry 0'],
  ['a coefficient is of no row', changed((bytes, _, at) => bytes.writeUInt32LE(1024, at + 8)), 'entry 0'],
  [
    'a coefficient is of no signal',
    changed((bytes, _, at) => bytes.writeUInt32LE(1 << 20, at + 12)),
    'entry 0',
  ],
])('refused if %s', (_, bytes, reason) => {
  expect(() => parseProvingKey(Buffer.from(bytes))).toThrow(
    expect.objectContaining({ code: 'CIRCUIT_FILE', message: expect.stringContaining(reason) }),
  );
});

test('a key over BLS12-381 is refused by name', () => {
  const q = Buffer.from(
    '1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab',
    'hex',
  ).reverse();
  const bytes = changed((file, at) => {
    file.writeUInt32LE(48, at);
    file.set(q, at + 4);
  });
  expect(() => parseProvingKey(bytes)).toThrow(/BLS12-381/);
});

test('a witness is refused if it is another circuit’s, has a value that is not below r, or no leading 1', () => {
  expect(witnessWords(wtnsFile([1n, 5n, r - 1n]), 3)).toHaveLength(96);
  const refusals = [
    [wtnsFile([1n, 5n]), 'has 2 signals'],
    [wtnsFile([1n, 5n, r]), 'a value 2 that is not below'],
    [wtnsFile([2n, 5n, 6n]), 'does not begin with 1'],
    [wtnsFile([1n, 5n, 6n]).subarray(0, -1), 'no whole .wtns'],
  ] as const;
  for (const [bytes, reason] of refusals) expect(() => witnessWords(bytes, 3)).toThrow(reason);
});
