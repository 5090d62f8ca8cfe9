import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../src/base/bytes.ts';
import {
  BASE,
  decodePoint,
  encodePoint,
  isIdentity,
  isInSubgroup,
  multiply,
  type Point,
} from '../../../src/crypto/babyjub.ts';
import { coinPoint, coinShare, combineCoin, verifyCoinShare } from '../../../src/crypto/coin.ts';
import { proveDleq } from '../../../src/crypto/dleq.ts';
import { hashWide } from '../../../src/crypto/hash.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { dealThresholdKey } from '../../../src/crypto/threshold-key.ts';
import { type ValidatorIndex, validatorIndex } from '../../../src/params/ids.ts';
import { subsets } from '../../helpers/arbitraries.ts';
import { smallOrderPoints } from '../../helpers/small-order.ts';

const random = seededRandom(new Uint8Array(32));
const { key, secrets } = dealThresholdKey(7, 4, random);
const id = utf8('chain, epoch, height, instance, round');
const shares = secrets.map((secret, i) => coinShare(secret, key.shareKeys[i]!, id, random));
const sigmas = shares.map((share, i) => verifyCoinShare(key.shareKeys[i]!, id, share)!);
const pick = (members: readonly number[]): Map<ValidatorIndex, Point> =>
  new Map(members.map((i) => [validatorIndex(i), sigmas[i]!]));
const value = combineCoin(pick([0, 1, 2, 3, 4]));

describe('the coin’s point', () => {
  test('lies in the prime-order subgroup, is not O, and follows its id', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const P = coinPoint(Uint8Array.of(i));
      expect(isInSubgroup(P)).toBe(true);
      expect(isIdentity(P)).toBe(false);
      expect(coinPoint(Uint8Array.of(i)).equals(P)).toBe(true);
      seen.add(toHex(encodePoint(P)));
    }
    expect(seen.size).toBe(40);
  });
});

describe('a coin', () => {
  test('has one value, whichever sharesRequired or more shares are combined', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 7 }).chain((k) => subsets(7, k)),
        (members) => {
          expect(combineCoin(pick(members))).toEqual(value);
        },
      ),
      { numRuns: 25 },
    );
    expect(value).toHaveLength(64);
  });

  test('has another value from fewer shares, so fewer say nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((k) => subsets(7, k)),
        (members) => {
          expect(combineCoin(pick(members))).not.toEqual(value);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('is the hash of 8·[s]P for the shared secret s', () => {
    // A degree-0 sharing of the same kind: every share is the secret itself.
    const { key: plain, secrets: equal } = dealThresholdKey(3, 0, seededRandom(new Uint8Array(32).fill(3)));
    const share = coinShare(equal[0]!, plain.shareKeys[0]!, id, random);
    const sigma = verifyCoinShare(plain.publicKey, id, share)!;
    const expected = hashWide('coinValue', encodePoint(multiply(coinPoint(id), equal[2]!).clearCofactor()));
    expect(combineCoin(new Map([[validatorIndex(1), sigma]]))).toEqual(expected);
  });

  test('is not moved by a part of small order that a faulty validator adds to its share', () => {
    const [secret, A, H] = [secrets[2]!, key.shareKeys[2]!, coinPoint(id)];
    for (const T of smallOrderPoints()) {
      const D = multiply(H, secret).add(T);
      const proof = proveDleq(secret, { A, pairs: [{ H, D }] }, id, random);
      const sigma = verifyCoinShare(A, id, concatBytes(encodePoint(D), proof));
      const moved = pick([0, 1, 2, 3, 4]);
      if (sigma !== undefined) moved.set(validatorIndex(2), sigma);
      expect(combineCoin(moved)).toEqual(value);
    }
  });

  test('needs a share', () => {
    expect(() => combineCoin(new Map())).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
  });
});

describe('a coin share', () => {
  test('verifies under its own key and id only', () => {
    const share = shares[0]!;
    expect(verifyCoinShare(key.shareKeys[0]!, id, share)!.equals(decodePoint(share.subarray(0, 64))!)).toBe(
      true,
    );
    expect(verifyCoinShare(key.shareKeys[1]!, id, share)).toBeUndefined();
    expect(verifyCoinShare(key.shareKeys[0]!, utf8('another id'), share)).toBeUndefined();
  });

  test('with any one bit changed does not verify', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1023 }), (bit) => {
        const tampered = Uint8Array.from(shares[0]!);
        tampered[bit >> 3]! ^= 1 << (bit & 7);
        expect(verifyCoinShare(key.shareKeys[0]!, id, tampered)).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  test('of another secret or another length does not verify', () => {
    const A = key.shareKeys[0]!;
    expect(verifyCoinShare(A, id, coinShare(secrets[1]!, A, id, random))).toBeUndefined();
    expect(verifyCoinShare(A, id, shares[0]!.subarray(0, 127))).toBeUndefined();
    expect(verifyCoinShare(A, id, new Uint8Array(0))).toBeUndefined();
    expect(verifyCoinShare(A, id, new Uint8Array(128))).toBeUndefined();
    expect(verifyCoinShare(BASE, id, new Uint8Array(128).fill(255))).toBeUndefined();
  });
});
