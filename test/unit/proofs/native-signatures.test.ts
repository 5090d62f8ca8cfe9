import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../../src/base/bytes.ts';
import { type BatchKernels, NOBLE } from '../../../src/crypto/batch-kernels.ts';
import { sign, signedHash, signKeyFromSeed, verifySignature } from '../../../src/crypto/signature.ts';
import { nativeSignatures } from '../../../src/proofs/native-signatures.ts';

const { Point } = ed25519;
const order = Point.Fn.ORDER;
const message = utf8('a word');
const key = signKeyFromSeed(new Uint8Array(32).fill(5));
const signature = sign(key.secret, message);

/** Verdicts of the kernels beneath, which are asked when Node's library says no. */
let asked = 0;
const beneath: BatchKernels = {
  ...NOBLE,
  verifySignature: (...args) => {
    asked += 1;
    return verifySignature(...args);
  },
};
const native = nativeSignatures(beneath);

const scalarBytes = (s: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n));
/** H(R ‖ A ‖ M) mod the order. */
function challenge(R: Uint8Array, A: Uint8Array): bigint {
  const digest = createHash('sha512').update(R).update(A).update(signedHash(message)).digest();
  return BigInt(`0x${Buffer.from(digest).reverse().toString('hex')}`) % order;
}
/** s = r + k·a, which fits the key A = [a]B + T for whatever T of small order. */
function forged(R: Uint8Array, r: bigint, A: Uint8Array, a: bigint): Uint8Array {
  return concatBytes(R, scalarBytes((r + challenge(R, A) * a) % order));
}

/** A point of order 8. */
const T8 = Point.fromBytes(
  Uint8Array.from(Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex')),
);
const identity = Point.ZERO.toBytes();
const a = 987_654_321n;
const plainKey = Point.BASE.multiply(a).toBytes();
const mixedKey = Point.BASE.multiply(a).add(T8).toBytes();
const R = Point.BASE.multiply(77n);

const CASES: readonly (readonly [what: string, publicKey: Uint8Array, signature: Uint8Array])[] = [
  ['a good one', key.publicKey, signature],
  ['one of another key', signKeyFromSeed(new Uint8Array(32).fill(6)).publicKey, signature],
  ['a made one', plainKey, forged(R.toBytes(), 77n, plainKey, a)],
  ['one with R of small order', plainKey, forged(identity, 0n, plainKey, a)],
  ['one with R of order 8, which the cofactor hides', plainKey, forged(T8.toBytes(), 0n, plainKey, a)],
  ['one of a key with a part of small order', mixedKey, forged(R.toBytes(), 77n, mixedKey, a)],
  ['one of the neutral key', identity, concatBytes(identity, new Uint8Array(32))],
  ['one of a key of order 8', T8.toBytes(), forged(R.toBytes(), 77n, T8.toBytes(), 0n)],
  [
    'one of a key that is not canonical',
    // y = p + 1 for y = 1.
    Uint8Array.of(238, ...new Uint8Array(30).fill(255), 127),
    concatBytes(identity, new Uint8Array(32)),
  ],
  [
    'one whose R is not canonical',
    plainKey,
    forged(Uint8Array.of(238, ...new Uint8Array(30).fill(255), 127), 0n, plainKey, a),
  ],
  [
    'one whose neutral R has a sign',
    plainKey,
    forged(Uint8Array.of(1, ...new Uint8Array(30), 128), 0n, plainKey, a),
  ],
  [
    'one whose s is not reduced',
    key.publicKey,
    concatBytes(
      signature.subarray(0, 32),
      scalarBytes(order + BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`)),
    ),
  ],
  ['a short one', key.publicKey, signature.subarray(1)],
  ['a long key', concatBytes(key.publicKey, Uint8Array.of(0)), signature],
  ['no key at all', new Uint8Array(0), signature],
];

describe('the library of Node beside the strict rules', () => {
  test.each(CASES)('gives the same verdict on %s', (_, publicKey, made) => {
    expect(native.verifySignature(publicKey, message, made)).toBe(verifySignature(publicKey, message, made));
  });

  test('takes what the strict rules take by their cofactor, and by it alone', () => {
    const taken = CASES.filter(([, publicKey, made]) => verifySignature(publicKey, message, made));
    expect(taken.map(([what]) => what)).toContain('one of a key with a part of small order');
    expect(taken.length).toBeGreaterThan(3);
  });

  test('gives the same verdict whatever bit of a signature or a key is changed', () => {
    for (let bit = 0; bit < 96 * 8; bit += 7) {
      const all = concatBytes(key.publicKey, signature);
      all[bit >> 3]! ^= 1 << (bit & 7);
      const [publicKey, made] = [all.subarray(0, 32), all.subarray(32)];
      expect(native.verifySignature(publicKey, message, made), `bit ${bit}`).toBe(false);
    }
    asked = 0;
    expect(native.verifySignature(key.publicKey, message, signature)).toBe(true);
    expect(asked, 'a good one is verified once').toBe(0);
  });
});
