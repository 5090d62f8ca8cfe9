import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BASE,
  clearCofactor,
  isIdentity,
  multiply,
  multiplyBase,
  multiplySumPublic,
  type Point,
} from '../../../src/crypto/babyjub.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { openWords, sealWords } from '../../../src/crypto/seal.ts';
import { lagrangeAtZero } from '../../../src/crypto/sharing.ts';
import {
  combineDecryption,
  dealThresholdKey,
  decryptionShare,
  encryptionKey,
  isThresholdKey,
  type ThresholdKey,
} from '../../../src/crypto/threshold-key.ts';
import { type ValidatorIndex, validatorIndex } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { randomSources, scalars, subsets } from '../../helpers/arbitraries.ts';
import { smallOrderPoints } from '../../helpers/small-order.ts';

/** A key of n validators as the protocol deals it, and which of them decrypt. */
const committees = fc
  .constantFrom(1, 2, 3, 4, 7, 10, 16, 17)
  .chain((n) => subsets(n, quorumOf(n).sharesRequired).map((members) => ({ n, members })));

function sharesOf(
  secrets: readonly bigint[],
  members: readonly number[],
  U: Point,
): Map<ValidatorIndex, Point> {
  return new Map(members.map((i) => [validatorIndex(i), decryptionShare(secrets[i]!, U)]));
}

describe('a dealt threshold key', () => {
  test('any sharesRequired shares give the K of the seal, and it opens', () => {
    fc.assert(
      fc.property(committees, scalars, randomSources, ({ n, members }, k, random) => {
        const { key, secrets } = dealThresholdKey(n, 2 * quorumOf(n).f, random);
        const Y8 = clearCofactor(encryptionKey(key));
        const sealed = sealWords([1n, 2n, 3n], { r: k, Y8, context: 4n });
        const K = combineDecryption(sharesOf(secrets, members, sealed.U), n);
        expect(key.sharesRequired).toBe(members.length);
        expect(K.equals(sealed.K)).toBe(true);
        expect(openWords(K, sealed, 4n)).toEqual([1n, 2n, 3n]);
      }),
      { numRuns: 25 },
    );
  });

  test('one share fewer gives another K, which does not open', () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 7, 17), scalars, randomSources, (n, k, random) => {
        const { key, secrets } = dealThresholdKey(n, 2 * quorumOf(n).f, random);
        const sealed = sealWords([1n, 2n, 3n], {
          r: k,
          Y8: clearCofactor(encryptionKey(key)),
          context: 4n,
        });
        const members = Array.from({ length: key.degree }, (_, i) => i);
        const K = combineDecryption(sharesOf(secrets, members, sealed.U), n);
        expect(openWords(K, sealed, 4n)).toBeUndefined();
      }),
      { numRuns: 9 },
    );
  });

  test('more shares than required give the same K', () => {
    const { key, secrets } = dealThresholdKey(4, 2, seededRandom(new Uint8Array(32)));
    const U = multiplyBase(99n);
    const K = combineDecryption(sharesOf(secrets, [0, 1, 2, 3], U), 4);
    expect(K.equals(multiply(clearCofactor(encryptionKey(key)), 99n))).toBe(true);
  });

  test('one wrong share is noticed by the tag', () => {
    const { key, secrets } = dealThresholdKey(4, 2, seededRandom(new Uint8Array(32)));
    const sealed = sealWords([1n, 2n, 3n], { r: 5n, Y8: clearCofactor(encryptionKey(key)), context: 4n });
    const shares = sharesOf(secrets, [0, 1, 3], sealed.U);
    shares.set(validatorIndex(1), shares.get(validatorIndex(1))!.add(BASE));
    expect(openWords(combineDecryption(shares, 4), sealed, 4n)).toBeUndefined();
  });

  test('a part of small order in a share changes nothing, with integer and with modular coefficients', () => {
    for (const n of [4, 17]) {
      const { key, secrets } = dealThresholdKey(n, 2 * quorumOf(n).f, seededRandom(new Uint8Array(32)));
      const U = multiplyBase(31n);
      const members = Array.from({ length: key.sharesRequired }, (_, i) => i);
      const honest = combineDecryption(sharesOf(secrets, members, U), n);
      for (const T of smallOrderPoints()) {
        const shares = sharesOf(secrets, members, U);
        shares.set(validatorIndex(0), shares.get(validatorIndex(0))!.add(T));
        expect(combineDecryption(shares, n).equals(honest)).toBe(true);
      }
    }
  });

  test('has share keys that belong to the secrets and interpolate the public key', () => {
    const { key, secrets } = dealThresholdKey(7, 4, seededRandom(new Uint8Array(32)));
    expect(key.shareKeys).toHaveLength(7);
    key.shareKeys.forEach((A, i) => {
      expect(A.equals(multiplyBase(secrets[i]!))).toBe(true);
    });
    const points = [2, 3, 5, 6, 7];
    const interpolated = multiplySumPublic(
      lagrangeAtZero(points).map((k, i) => [k, key.shareKeys[points[i]! - 1]!]),
    );
    expect(interpolated.equals(key.publicKey)).toBe(true);
    expect(isIdentity(key.publicKey)).toBe(false);
  });

  test('refuses a degree that n cannot meet, and combining nothing or strangers', () => {
    const random = seededRandom(new Uint8Array(32));
    expect(() => dealThresholdKey(3, 3, random)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => combineDecryption(new Map(), 4)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => combineDecryption(new Map([[validatorIndex(4), BASE]]), 4)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
  });
});

describe('isThresholdKey', () => {
  const { key } = dealThresholdKey(7, 4, seededRandom(new Uint8Array(32).fill(3)));
  const withShare = (i: number, P: Point): ThresholdKey => ({
    ...key,
    shareKeys: key.shareKeys.map((share, j) => (i === j ? P : share)),
  });

  test.each([1, 2, 3, 4, 7, 16])('holds for what the dealer makes for %i validators', (n) => {
    const { f } = quorumOf(n);
    expect(isThresholdKey(dealThresholdKey(n, 2 * f, seededRandom(new Uint8Array(32).fill(n))).key)).toBe(
      true,
    );
  });

  test.each([0, 3, 6])('does not hold when share key %i is off the polynomial', (i) => {
    expect(isThresholdKey(withShare(i, key.shareKeys[i]!.add(BASE)))).toBe(false);
  });

  test('does not hold for another public key, the identity, or points of small order', () => {
    expect(isThresholdKey({ ...key, publicKey: key.publicKey.add(BASE) })).toBe(false);
    const zero = dealThresholdKey(4, 0, seededRandom(new Uint8Array(32))).key;
    const none = { ...zero, publicKey: zero.publicKey.subtract(zero.publicKey) };
    expect(isThresholdKey({ ...none, shareKeys: none.shareKeys.map(() => none.publicKey) })).toBe(false);
    for (const T of smallOrderPoints().filter((P) => !isIdentity(P))) {
      expect(isThresholdKey(withShare(2, key.shareKeys[2]!.add(T)))).toBe(false);
      const shareKeys = key.shareKeys.map((P) => P.add(T));
      expect(isThresholdKey({ ...key, publicKey: key.publicKey.add(T), shareKeys })).toBe(false);
    }
  });

  test('does not hold for share keys with parts of small order that no interpolation sees', () => {
    const T = smallOrderPoints().find((P) => !isIdentity(P) && isIdentity(P.add(P)))!;
    const shifted = (mask: number): Point[] => key.shareKeys.map((P, i) => ((mask >> i) & 1 ? P.add(T) : P));
    const interpolates = (shareKeys: readonly Point[]): boolean =>
      [0, 1, 2].every((first) => {
        const points = [1, 2, 3, 4, 5].map((i) => first + i);
        const terms = lagrangeAtZero(points).map((lambda, i) => [lambda, shareKeys[first + i]!] as const);
        return multiplySumPublic(terms).equals(key.publicKey);
      });
    const unseen = Array.from({ length: 127 }, (_, k) => shifted(k + 1)).filter(interpolates);
    expect(unseen.length).toBeGreaterThan(0);
    for (const shareKeys of unseen) expect(isThresholdKey({ ...key, shareKeys })).toBe(false);
  });

  test('does not hold for another degree or number of shares', () => {
    expect(isThresholdKey({ ...key, degree: 3, sharesRequired: 4 })).toBe(false);
    expect(isThresholdKey({ ...key, degree: 7, sharesRequired: 8 })).toBe(false);
    expect(isThresholdKey({ ...key, sharesRequired: 4 })).toBe(false);
    expect(isThresholdKey({ ...key, shareKeys: key.shareKeys.slice(1) })).toBe(false);
  });
});
