import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BASE, clearCofactor, multiply, multiplyBase } from '../../../src/crypto/babyjub.ts';
import { sealStream } from '../../../src/crypto/hash.ts';
import { openWords, sealWords, type Words } from '../../../src/crypto/seal.ts';
import { l, r } from '../../../src/params/fields.ts';
import { fieldElements, scalars } from '../../helpers/arbitraries.ts';

const words = fc.tuple(fieldElements, fieldElements, fieldElements);
const secret = 123456789n;
const Y8 = clearCofactor(multiplyBase(secret));

describe('sealed words', () => {
  test('open with the K that sealed them, and with the K of the key’s owner', () => {
    fc.assert(
      fc.property(words, scalars, fieldElements, (m, k, context) => {
        const sealed = sealWords(m, { r: k, Y8, context });
        expect(openWords(sealed.K, sealed, context)).toEqual(m);
        expect(sealed.U.equals(multiplyBase(k))).toBe(true);
        expect(openWords(clearCofactor(multiply(sealed.U, secret)), sealed, context)).toEqual(m);
      }),
      { numRuns: 25 },
    );
  });

  test('do not open in another context, with another K or under a changed tag', () => {
    fc.assert(
      fc.property(words, scalars, fieldElements, (m, k, context) => {
        const sealed = sealWords(m, { r: k, Y8, context });
        expect(openWords(sealed.K, sealed, (context + 1n) % r)).toBeUndefined();
        expect(openWords(sealed.K.add(BASE), sealed, context)).toBeUndefined();
        expect(openWords(sealed.K.negate(), sealed, context)).toBeUndefined();
        expect(openWords(sealed.K, { ...sealed, tag: (sealed.tag + 1n) % r }, context)).toBeUndefined();
      }),
      { numRuns: 15 },
    );
  });

  test('add z₁, z₂, z₃ to the words and show z₄; the first word of the state appears nowhere', () => {
    const { K, ct, tag } = sealWords([1n, 2n, r - 1n], { r: 5n, Y8, context: 9n });
    const { x, y } = K.toAffine();
    const [z1, z2, z3, z4] = sealStream(x, y, 9n);
    expect(ct).toEqual([(1n + z1) % r, (2n + z2) % r, (r - 1n + z3) % r]);
    expect(tag).toBe(z4);
  });

  test('a ciphertext word outside the field does not open: one ciphertext has one encoding', () => {
    const sealed = sealWords([1n, 2n, 3n], { r: 5n, Y8, context: 9n });
    const ct: Words = [sealed.ct[0] + r, sealed.ct[1], sealed.ct[2]];
    expect(openWords(sealed.K, { ...sealed, ct }, 9n)).toBeUndefined();
  });

  test('words outside the field and scalars outside 1 … l − 1 are refused', () => {
    expect(() => sealWords([r, 0n, 0n], { r: 1n, Y8, context: 0n })).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
    for (const k of [0n, l]) {
      expect(() => sealWords([0n, 0n, 0n], { r: k, Y8, context: 0n })).toThrow(
        expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }),
      );
    }
  });
});
