import { createHash } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToBytes, concatBytes, fromHex, toHex } from '../../../src/base/bytes.ts';
import {
  aggregate,
  blsKeyFromSeed,
  blsSign,
  blsVerify,
  type Certificate,
  verifyCertificate,
  verifyPossession,
} from '../../../src/crypto/certificate.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import { subsets } from '../../helpers/arbitraries.ts';
import { blsOracle } from '../../helpers/bls-oracle.ts';
import drand from '../../vectors/drand.json' with { type: 'json' };
import ethereum from '../../vectors/ethereum-bls.json' with { type: 'json' };

const bytes = (hex: string): Uint8Array => fromHex(hex)!;
const oracle = blsOracle(ethereum.suite);
const keys = Array.from({ length: 4 }, (_, i) => blsKeyFromSeed(new Uint8Array(32).fill(i + 1)));
const publicKeys = keys.map((key) => key.publicKey);
const message = hashBytes('header', Uint8Array.of(1));
const signatures = keys.map((key) => blsSign(key.secret, message));
const certificateOf = (members: readonly number[]): Certificate =>
  aggregate(new Map(members.map((i) => [validatorIndex(i), signatures[i]!])), 4)!;
/** Compressed points at infinity. */
const infinity1 = Uint8Array.of(0xc0, ...new Uint8Array(47));
const infinity2 = Uint8Array.of(0xc0, ...new Uint8Array(95));

describe('BLS signatures against vectors from outside', () => {
  test('sign as ethereum/bls12-381-tests do', () => {
    const { sign } = ethereum;
    expect(toHex(blsSign(bytes(sign.secret), bytes(sign.message)))).toBe(sign.signature);
  });

  test('verify what ethereum/bls12-381-tests verify', () => {
    const { verify } = ethereum;
    const [publicKey, signature] = [bytes(verify.publicKey), bytes(verify.signature)];
    expect(blsVerify(publicKey, bytes(verify.message), signature)).toBe(true);
    expect(blsVerify(publicKey, new Uint8Array(32), signature)).toBe(false);
  });

  test('verify the aggregate of ethereum/bls12-381-tests as a certificate', () => {
    const vector = ethereum.fastAggregateVerify;
    const committee = vector.publicKeys.map(bytes);
    const certificate = { signers: [true, true, true], signature: bytes(vector.signature) };
    expect(verifyCertificate(committee, bytes(vector.message), certificate, 3)).toBe(true);
    const fewer = { ...certificate, signers: [true, true, false] };
    expect(verifyCertificate(committee, bytes(vector.message), fewer, 2)).toBe(false);
  });

  test.each(drand.rounds)('drand round $round verifies in the oracle that ours equals', (round) => {
    const signature = bytes(round.signature);
    const number = bigintToBytes(BigInt(round.round), 8);
    const digest = createHash('sha256').update(bytes(round.previousSignature)).update(number).digest();
    const publicKey = bytes(drand.publicKey);
    expect(createHash('sha256').update(signature).digest('hex')).toBe(round.randomness);
    expect(blsOracle(drand.suite).verify(publicKey, digest, signature)).toBe(true);
    expect(blsOracle(drand.suite).verify(publicKey, message, signature)).toBe(false);
    // The suite is part of what is signed: under ours, drand's signature is none, for both libraries.
    expect(oracle.verify(publicKey, digest, signature)).toBe(false);
    expect(blsVerify(publicKey, digest, signature)).toBe(false);
  });
});

describe('BLS signatures against @noble/curves', () => {
  const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

  test('keys and signatures are equal, and each verifies the other’s', () => {
    fc.assert(
      fc.property(seeds, fc.uint8Array({ maxLength: 64 }), (seed, text) => {
        const key = blsKeyFromSeed(seed);
        const signature = blsSign(key.secret, text);
        expect(oracle.publicKey(key.secret)).toEqual(Uint8Array.from(key.publicKey));
        expect(oracle.sign(key.secret, text)).toEqual(Uint8Array.from(signature));
        expect(oracle.verify(key.publicKey, text, signature)).toBe(true);
        expect(blsVerify(key.publicKey, text, oracle.sign(key.secret, text))).toBe(true);
        expect(blsVerify(key.publicKey, concatBytes(text, Uint8Array.of(0)), signature)).toBe(false);
      }),
      { numRuns: 5 },
    );
  });

  test('aggregates are equal, and noble verifies ours under the sum of the keys', () => {
    const members = [0, 2, 3];
    const { signature } = certificateOf(members);
    expect(oracle.aggregate(members.map((i) => signatures[i]!))).toEqual(Uint8Array.from(signature));
    const sum = oracle.aggregateKeys(members.map((i) => publicKeys[i]!));
    expect(oracle.verify(sum, message, signature)).toBe(true);
  });
});

describe('a certificate', () => {
  test('verifies for the signers it names, if they are a quorum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((k) => subsets(4, k)),
        (members) => {
          const certificate = certificateOf(members);
          expect(certificate.signers.flatMap((signed, i) => (signed ? [i] : []))).toEqual(
            [...members].sort(),
          );
          expect(verifyCertificate(publicKeys, message, certificate, 3)).toBe(members.length >= 3);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('fails with a signer more, fewer or another, another message, or another committee', () => {
    const { signers, signature } = certificateOf([0, 1, 2]);
    for (const other of [
      [true, true, true, true],
      [true, true, false, false],
      [true, true, false, true],
      [false, false, false, false],
      [true, true, true],
    ]) {
      expect(verifyCertificate(publicKeys, message, { signers: other, signature }, 1)).toBe(false);
    }
    const certificate = { signers, signature };
    expect(verifyCertificate(publicKeys, hashBytes('header', Uint8Array.of(2)), certificate, 3)).toBe(false);
    expect(verifyCertificate([...publicKeys].reverse(), message, certificate, 3)).toBe(false);
    expect(verifyCertificate(publicKeys, message, certificate, 4)).toBe(false);
  });

  test('is not made of nothing, of malformed shares, or for strangers', () => {
    expect(aggregate(new Map(), 4)).toBeUndefined();
    expect(aggregate(new Map([[validatorIndex(4), signatures[0]!]]), 4)).toBeUndefined();
    expect(aggregate(new Map([[validatorIndex(0), new Uint8Array(96)]]), 4)).toBeUndefined();
    expect(aggregate(new Map([[validatorIndex(0), signatures[0]!.subarray(1)]]), 4)).toBeUndefined();
    expect(aggregate(new Map([[validatorIndex(0), infinity2]]), 4)).toBeUndefined();
  });

  test('by nobody is refused even where no quorum is asked', () => {
    const nobody = { signers: [false, false, false, false], signature: infinity2 };
    expect(verifyCertificate(publicKeys, message, nobody, 0)).toBe(false);
  });
});

describe('hostile encodings', () => {
  const [key] = keys as [(typeof keys)[number]];
  const signature = signatures[0]!;

  test('with any one bit changed do not verify', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 767 }), (bit) => {
        const tampered = Uint8Array.from(signature);
        tampered[bit >> 3]! ^= 1 << (bit & 7);
        expect(blsVerify(key.publicKey, message, tampered)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test('points at infinity, other lengths and uncompressed points are refused', () => {
    const uncompressed = bls12_381.G2.Point.fromBytes(signature).toBytes(false);
    const uncompressedKey = bls12_381.G1.Point.fromBytes(key.publicKey).toBytes(false);
    expect(blsVerify(infinity1, message, infinity2)).toBe(false);
    expect(blsVerify(key.publicKey, message, infinity2)).toBe(false);
    expect(blsVerify(key.publicKey, message, uncompressed)).toBe(false);
    expect(blsVerify(uncompressedKey, message, signature)).toBe(false);
    expect(blsVerify(key.publicKey, message, new Uint8Array(0))).toBe(false);
    expect(blsVerify(new Uint8Array(0), message, signature)).toBe(false);
  });

  test('a public key outside its subgroup is refused, though its pairings are those of the good key', () => {
    // T = (0, 2) has order 3 on y² = x³ + 4, so e(pk + T, Q) = e(pk, Q): one key with three encodings.
    const T = bls12_381.G1.Point.fromAffine({ x: 0n, y: 2n });
    const shifted = bls12_381.G1.Point.fromBytes(key.publicKey).add(T);
    expect(shifted.isTorsionFree()).toBe(false);
    const { x, y } = shifted.toAffine();
    const encoding = bigintToBytes(x, 48);
    encoding[0]! |= 2n * y > bls12_381.fields.Fp.ORDER ? 0xa0 : 0x80;
    expect(blsVerify(key.publicKey, message, signature)).toBe(true);
    expect(blsVerify(encoding, message, signature)).toBe(false);
    const certificate = { signers: [true], signature };
    expect(verifyCertificate([encoding], message, certificate, 1)).toBe(false);
  });
});

describe('a proof of possession', () => {
  test('verifies for its own key only, and is no signature of anything else', () => {
    const [first, second] = keys as [(typeof keys)[number], (typeof keys)[number]];
    expect(verifyPossession(first.publicKey, first.possession)).toBe(true);
    expect(verifyPossession(first.publicKey, second.possession)).toBe(false);
    expect(blsVerify(first.publicKey, first.publicKey, first.possession)).toBe(false);
  });

  test('stops the key that would sign for another: pk = [x]G − pk₀ has none', () => {
    const { G1 } = bls12_381;
    const victim = keys[0]!;
    const mine = blsKeyFromSeed(new Uint8Array(32).fill(9));
    const rogue = G1.Point.fromBytes(mine.publicKey).subtract(G1.Point.fromBytes(victim.publicKey)).toBytes();
    const forged = { signers: [true, true], signature: blsSign(mine.secret, message) };
    expect(verifyCertificate([victim.publicKey, rogue], message, forged, 2)).toBe(true);
    expect(verifyPossession(rogue, mine.possession)).toBe(false);
    expect(verifyPossession(rogue, blsSign(mine.secret, hashBytes('blsKey', rogue)))).toBe(false);
  });

  test('seeds and secrets of a wrong shape are refused', () => {
    expect(() => blsKeyFromSeed(new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
    expect(() => blsSign(new Uint8Array(32), message)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
  });
});
