import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToBytes, concatBytes } from '../../../../src/base/bytes.ts';
import { multiplyBase } from '../../../../src/crypto/babyjub.ts';
import { dealingBytes, decodeDealing, encodeDealing } from '../../../../src/crypto/dealing/encoding.ts';
import { dealingStatements } from '../../../../src/crypto/dealing/verify.ts';
import { l, r } from '../../../../src/params/fields.ts';
import { MAX_PAYLOAD_BYTES, MAX_VALIDATORS } from '../../../../src/params/sizes.ts';
import { index, knownDealing, sceneOf, unproved } from '../../../helpers/dealings.ts';

const { session } = sceneOf(4);
const { dealing } = knownDealing(session, 1);
const bytes = encodeDealing(unproved(dealing));
const decoded = (changed: Uint8Array): unknown => decodeDealing(changed, 4);
const put = (at: number, value: Uint8Array): Uint8Array => {
  const changed = Uint8Array.from(bytes);
  changed.set(value, at);
  return changed;
};

describe('the encoding of a dealing', () => {
  test('has 64 + n·448 bytes: R’, then A, A’, c, c’ and a proof for each', () => {
    expect(bytes.length).toBe(64 + 4 * 448);
    expect(dealingBytes(31)).toBe(64 + 31 * 448);
    expect(dealingBytes(MAX_VALIDATORS)).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
    const { x, y } = dealing.shares[3]!.commitments.coin.toAffine();
    const at = 64 + 3 * 448;
    expect(bytes.slice(at + 64, at + 128)).toEqual(concatBytes(bigintToBytes(x, 32), bigintToBytes(y, 32)));
    expect(bytes.slice(at + 160, at + 192)).toEqual(bigintToBytes(dealing.shares[3]!.ciphertexts.coin, 32));
    expect(bytes.slice(at + 192)).toEqual(new Uint8Array(256).fill(4));
  });
  test('is read back', () => {
    const read = decodeDealing(bytes, 4)!;
    expect(encodeDealing(read)).toEqual(bytes);
    expect(read.shares.map(({ ciphertexts }) => ciphertexts)).toEqual(
      dealing.shares.map(({ ciphertexts }) => ciphertexts),
    );
  });
  test('is the only one: whatever is read gives the same bytes again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const altered = put(at, Uint8Array.of(bytes[at]! ^ change));
          const read = decodeDealing(altered, 4);
          if (read !== undefined) expect(encodeDealing(read)).toEqual(altered);
        },
      ),
      { numRuns: 80 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        (any) => decodeDealing(any, 1) === undefined || any.length === 512,
      ),
    );
  });
  test('is bound by the statements: a byte of anything but proofs changed gives signals that no proof is for', () => {
    const own = dealingStatements(session, index(1), dealing).join();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const read = decodeDealing(put(at, Uint8Array.of(bytes[at]! ^ change)), 4);
          const isProof = at >= 64 && (at - 64) % 448 >= 192;
          if (read === undefined) return !isProof;
          return (dealingStatements(session, index(1), read).join() === own) === isProof;
        },
      ),
      { numRuns: 80 },
    );
  });
  test('is not read with another length or for another number of recipients', () => {
    for (const other of [
      new Uint8Array(0),
      bytes.subarray(1),
      bytes.subarray(0, 64),
      concatBytes(bytes, Uint8Array.of(0)),
    ])
      expect(decoded(other)).toBeUndefined();
    for (const n of [0, 3, 5]) expect(decodeDealing(bytes, n)).toBeUndefined();
  });
  test('has no point off the curve, no coordinate and no ciphertext of r or more', () => {
    for (const at of [0, 64, 128, 64 + 448]) {
      expect(decoded(put(at, bigintToBytes(5n, 32)))).toBeUndefined();
      const x = BigInt(`0x${Buffer.from(bytes.subarray(at, at + 32)).toString('hex')}`);
      expect(decoded(put(at, bigintToBytes(x + r, 32)))).toBeUndefined();
    }
    for (const at of [64 + 128, 64 + 160, 64 + 3 * 448 + 128]) {
      expect(decoded(put(at, bigintToBytes(r, 32)))).toBeUndefined();
      expect(decoded(put(at, bigintToBytes(2n ** 256n - 1n, 32)))).toBeUndefined();
      for (const usual of [0n, l, r - 1n]) expect(decoded(put(at, bigintToBytes(usual, 32)))).toBeDefined();
    }
  });
  test('reads points outside the subgroup and O: those are for the checks to judge', () => {
    expect(decoded(put(64, concatBytes(bigintToBytes(0n, 32), bigintToBytes(1n, 32))))).toBeDefined();
    const { x, y } = multiplyBase(9n).toAffine();
    expect(decoded(put(64, concatBytes(bigintToBytes(r - x, 32), bigintToBytes(r - y, 32))))).toBeDefined();
  });
});
