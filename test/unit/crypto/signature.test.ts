import { createPublicKey, verify as nodeVerify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, utf8 } from '../../../src/base/bytes.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { sign, signKeyFromSeed, verifySignature } from '../../../src/crypto/signature.ts';

const key = signKeyFromSeed(new Uint8Array(32).fill(5));
const message = utf8('a word');
const signature = sign(key.secret, message);

describe('a validator’s signature', () => {
  test('is OpenSSL’s Ed25519 of the tagged hash', () => {
    const spki = concatBytes(fromHex('302a300506032b6570032100')!, key.publicKey);
    const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    expect(nodeVerify(null, hashBytes('signature', message), publicKey, signature)).toBe(true);
    expect(nodeVerify(null, message, publicKey, signature)).toBe(false);
  });

  test('verifies for its key and message only', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 40 }),
        (seed, text) => {
          const own = signKeyFromSeed(seed);
          const made = sign(own.secret, text);
          expect(verifySignature(own.publicKey, text, made)).toBe(true);
          expect(verifySignature(own.publicKey, concatBytes(text, Uint8Array.of(0)), made)).toBe(false);
          expect(verifySignature(key.publicKey, text, made)).toBe(false);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('with any one bit changed does not verify', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
        const tampered = Uint8Array.from(signature);
        tampered[bit >> 3]! ^= 1 << (bit & 7);
        expect(verifySignature(key.publicKey, message, tampered)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test('of a key of small order is refused, though ZIP-215 would take it', () => {
    // y = 1 is the identity: [S]B = R + [k]O holds for S = 0, R = O and every message.
    const identity = Uint8Array.of(1, ...new Uint8Array(31));
    const universal = concatBytes(identity, new Uint8Array(32));
    expect(verifySignature(identity, message, universal)).toBe(false);
  });

  test('of another length is refused, and so are bad seeds', () => {
    expect(verifySignature(key.publicKey, message, signature.subarray(1))).toBe(false);
    expect(verifySignature(key.publicKey.subarray(1), message, signature)).toBe(false);
    expect(verifySignature(new Uint8Array(32).fill(255), message, signature)).toBe(false);
    expect(() => signKeyFromSeed(new Uint8Array(33))).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
    expect(() => sign(new Uint8Array(31), message)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
  });
});
