import { describe, expect, test } from 'vitest';
import { IDENTITY, multiplyBase } from '../../../../src/crypto/babyjub.ts';
import { blsKeyFromSeed, provePossession, verifyPossession } from '../../../../src/crypto/certificate.ts';
import {
  encodeRegistrant,
  proveKeyPossession,
  type Registrant,
  verifyKeyPossession,
} from '../../../../src/crypto/dealing/possession.ts';
import { l } from '../../../../src/params/fields.ts';
import { random } from '../../../helpers/dealings.ts';
import { smallOrderPoints } from '../../../helpers/small-order.ts';

const registrant: Registrant = { chain: new Uint8Array(32).fill(1), registryIndex: 7, epoch: 8 };
const others: readonly Registrant[] = [
  { ...registrant, registryIndex: 8 },
  { ...registrant, epoch: 9 },
  { ...registrant, chain: new Uint8Array(32) },
  { ...registrant, registryIndex: 8, epoch: 7 },
];

describe('possession of an encryption key', () => {
  const PK = multiplyBase(123n);
  const possession = proveKeyPossession(123n, registrant, random(1));

  test('is proved by its owner, at the ends of the range too', () => {
    expect(verifyKeyPossession(PK, registrant, possession)).toBe(true);
    for (const sk of [1n, l - 1n])
      expect(
        verifyKeyPossession(multiplyBase(sk), registrant, proveKeyPossession(sk, registrant, random(2))),
      ).toBe(true);
    expect(() => proveKeyPossession(0n, registrant, random(2))).toThrow(
      expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }),
    );
  });
  test('means nothing for another registrant, epoch, chain or key', () => {
    for (const other of others) expect(verifyKeyPossession(PK, other, possession)).toBe(false);
    for (const key of [multiplyBase(124n), PK.negate()])
      expect(verifyKeyPossession(key, registrant, possession)).toBe(false);
  });
  test('is refused for O and for a second name of one 8·PK', () => {
    expect(verifyKeyPossession(IDENTITY, registrant, possession)).toBe(false);
    for (const T of smallOrderPoints()) {
      expect(verifyKeyPossession(PK.add(T), registrant, possession)).toBe(false);
      expect(verifyKeyPossession(T, registrant, possession)).toBe(false);
    }
  });
  test('is refused with any byte changed, another length, or a scalar of l or more', () => {
    for (let at = 0; at < 64; at += 9)
      expect(
        verifyKeyPossession(
          PK,
          registrant,
          possession.map((byte, i) => (i === at ? byte ^ 1 : byte)),
        ),
      ).toBe(false);
    for (const bytes of [possession.subarray(1), new Uint8Array(0), new Uint8Array(64).fill(255)])
      expect(verifyKeyPossession(PK, registrant, bytes)).toBe(false);
  });
});

describe('possession of a BLS key', () => {
  const key = blsKeyFromSeed(new Uint8Array(32).fill(5));
  const possession = provePossession(key, encodeRegistrant(registrant));

  test('is proved for one registrant and epoch', () => {
    expect(verifyPossession(key.publicKey, possession, encodeRegistrant(registrant))).toBe(true);
    for (const other of others)
      expect(verifyPossession(key.publicKey, possession, encodeRegistrant(other))).toBe(false);
  });
  test('is another than the one that a committee’s dealer makes for nobody', () => {
    expect(verifyPossession(key.publicKey, possession)).toBe(false);
    expect(verifyPossession(key.publicKey, key.possession, encodeRegistrant(registrant))).toBe(false);
  });
  test('a chain is named by 32 bytes, so that no two registrants are written alike', () => {
    expect(() => encodeRegistrant({ ...registrant, chain: new Uint8Array(31) })).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
    expect(new Set([registrant, ...others].map((one) => encodeRegistrant(one).join())).size).toBe(5);
  });
});
