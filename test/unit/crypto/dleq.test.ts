import { invert, mod } from '@noble/curves/abstract/modular.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToBytes, bytesToBigint, concatBytes, utf8 } from '../../../src/base/bytes.ts';
import {
  BASE,
  encodePoint,
  IDENTITY,
  multiply,
  multiplyBase,
  type Point,
} from '../../../src/crypto/babyjub.ts';
import { type DleqStatement, proveDleq, verifyDleq } from '../../../src/crypto/dleq.ts';
import { hashBytes, hashToScalar } from '../../../src/crypto/hash.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { l } from '../../../src/params/fields.ts';
import { randomSources, scalars } from '../../helpers/arbitraries.ts';
import { smallOrderPoints } from '../../helpers/small-order.ts';

const context = utf8('a use');
const random = seededRandom(new Uint8Array(32));

function statementOf(x: bigint, count: number): DleqStatement {
  const pairs = Array.from({ length: count }, (_, i) => {
    const H = multiplyBase(1000n + BigInt(i));
    return { H, D: multiply(H, x) };
  });
  return { A: multiplyBase(x), pairs };
}

describe('a DLEQ proof', () => {
  test('verifies for one pair and for many', () => {
    fc.assert(
      fc.property(scalars, fc.integer({ min: 1, max: 5 }), randomSources, (x, count, source) => {
        const statement = statementOf(x, count);
        expect(verifyDleq(statement, context, proveDleq(x, statement, context, source))).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  test('fails for another context, another key, and any changed or moved pair', () => {
    const statement = statementOf(77n, 3);
    const proof = proveDleq(77n, statement, context, random);
    const [p0, p1, p2] = statement.pairs as [
      { H: Point; D: Point },
      { H: Point; D: Point },
      { H: Point; D: Point },
    ];
    expect(verifyDleq(statement, context, proof)).toBe(true);
    expect(verifyDleq(statement, utf8('another use'), proof)).toBe(false);
    expect(verifyDleq({ ...statement, A: multiplyBase(78n) }, context, proof)).toBe(false);
    for (const pairs of [
      [{ H: p0.H, D: p0.D.add(BASE) }, p1, p2],
      [p0, { H: p1.H.add(BASE), D: p1.D }, p2],
      [p1, p0, p2],
      [p0, p1],
      [p0, p1, p2, p0],
    ]) {
      expect(verifyDleq({ ...statement, pairs }, context, proof)).toBe(false);
    }
  });

  test('fails with any one bit changed', () => {
    const statement = statementOf(77n, 1);
    const proof = proveDleq(77n, statement, context, random);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 511 }), (bit) => {
        const tampered = Uint8Array.from(proof);
        tampered[bit >> 3]! ^= 1 << (bit & 7);
        expect(verifyDleq(statement, context, tampered)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  test('has one encoding: c + l, s + l and other lengths are refused', () => {
    const statement = statementOf(77n, 1);
    const proof = proveDleq(77n, statement, context, random);
    const [c, s] = [proof.subarray(0, 32), proof.subarray(32)];
    const plusL = (bytes: Uint8Array): Uint8Array => bigintToBytes(bytesToBigint(bytes) + l, 32);
    expect(verifyDleq(statement, context, concatBytes(plusL(c), s))).toBe(false);
    expect(verifyDleq(statement, context, concatBytes(c, plusL(s)))).toBe(false);
    expect(verifyDleq(statement, context, proof.subarray(0, 63))).toBe(false);
    expect(verifyDleq(statement, context, concatBytes(proof, Uint8Array.of(0)))).toBe(false);
  });

  test('is what its equations say, written down a second time', () => {
    const x = 77n;
    const { A, pairs } = statementOf(x, 3);
    const use = utf8('chain, epoch, height and what is opened');
    const k = 12345n;
    const listed = [A, ...pairs.flatMap(({ H, D }) => [H, D])].map(encodePoint);
    const seed = hashBytes('dleqStatement', bigintToBytes(3n, 4), ...listed, use);
    // Points of prime order: the factor 8 of the composites is a factor of the weights.
    const weights = pairs.map((_, i) => {
      const hash = hashBytes('dleqComposite', seed, bigintToBytes(BigInt(i), 4));
      return (8n * (bytesToBigint(hash) >> 128n)) % l;
    });
    const sum = (points: readonly Point[]): Point =>
      points.reduce((total, P, i) => total.add(multiply(P, weights[i]!)), IDENTITY);
    const [M, Z] = [sum(pairs.map(({ H }) => H)), sum(pairs.map(({ D }) => D))];
    const committed = [M, Z, multiplyBase(k), multiply(M, k)].map(encodePoint);
    const c = hashToScalar('dleq', seed, ...committed);
    const proof = concatBytes(bigintToBytes(c, 32), bigintToBytes(mod(k - c * x, l), 32));
    expect(verifyDleq({ A, pairs }, use, proof)).toBe(true);
  });

  test('cannot be made for unequal logarithms, even where the differences cancel', () => {
    const statement = statementOf(77n, 2);
    const [p0, p1] = statement.pairs as [{ H: Point; D: Point }, { H: Point; D: Point }];
    const cancelling = {
      ...statement,
      pairs: [
        { H: p0.H, D: p0.D.add(BASE) },
        { H: p1.H, D: p1.D.subtract(BASE) },
      ],
    };
    expect(verifyDleq(cancelling, context, proveDleq(77n, cancelling, context, random))).toBe(false);
    expect(verifyDleq(statement, context, proveDleq(78n, statement, context, random))).toBe(false);
  });

  test('cannot be made by choosing the key after the challenge', () => {
    // Weak Fiat–Shamir: were A not hashed, R₁ = [k₁]B and R₂ = [k₂]M with unrelated nonces would fit the key
    // A = (R₁ − [s]B)/c, of which Z = [z]M is no multiple by the same logarithm.
    const [z, k1, k2] = [5n, 6n, 7n];
    const H = multiplyBase(9n);
    const pairs = [{ H, D: multiply(H, z) }];
    const count = bigintToBytes(1n, 4);
    const seed = hashBytes('dleqStatement', count, encodePoint(H), encodePoint(pairs[0]!.D), context);
    const weight = hashBytes('dleqComposite', seed, bigintToBytes(0n, 4)).subarray(0, 16);
    const M = multiply(H, (8n * bytesToBigint(weight)) % l);
    const committed = [M, multiply(M, z), multiplyBase(k1), multiply(M, k2)];
    const c = hashToScalar('dleq', seed, ...committed.map(encodePoint));
    const s = mod(k2 - c * z, l);
    const a = mod((k1 - s) * invert(c, l), l);
    expect(a).not.toBe(z);
    const proof = concatBytes(bigintToBytes(c, 32), bigintToBytes(s, 32));
    expect(verifyDleq({ A: multiplyBase(a), pairs }, context, proof)).toBe(false);
  });

  test('says of D what holds after the cofactor: a part of small order never decides', () => {
    // Whether it verifies must not depend on the nonce, as it would without the cofactor (1 in 8 challenges).
    const [H, x] = [multiplyBase(9n), 77n];
    for (const T of smallOrderPoints()) {
      const statement = { A: multiplyBase(x), pairs: [{ H, D: multiply(H, x).add(T) }] };
      for (let i = 0; i < 3; i++) {
        expect(verifyDleq(statement, context, proveDleq(x, statement, context, random))).toBe(true);
      }
    }
  });

  test('of the identity or another point of small order is refused', () => {
    const x = 77n;
    const good = { H: BASE, D: multiplyBase(x) };
    for (const T of [IDENTITY, ...smallOrderPoints()]) {
      for (const statement of [
        { A: T, pairs: [good] },
        { A: multiplyBase(x), pairs: [good, { H: T, D: good.D }] },
        { A: multiplyBase(x), pairs: [good, { H: good.H, D: T }] },
        { A: multiplyBase(x), pairs: [good, { H: T, D: multiply(T, x) }] },
      ]) {
        expect(verifyDleq(statement, context, proveDleq(x, statement, context, random))).toBe(false);
      }
    }
  });

  test('needs a pair and a secret scalar', () => {
    const statement = statementOf(77n, 1);
    expect(() => proveDleq(77n, { ...statement, pairs: [] }, context, random)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
    expect(verifyDleq({ ...statement, pairs: [] }, context, new Uint8Array(64))).toBe(false);
    for (const x of [0n, l]) {
      expect(() => proveDleq(x, statement, context, random)).toThrow(
        expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }),
      );
    }
  });

  test('takes its nonce from the given source alone, 64 bytes once', () => {
    const statement = statementOf(77n, 2);
    const calls: number[] = [];
    const counting = (n: number): Uint8Array => {
      calls.push(n);
      return new Uint8Array(n).fill(7);
    };
    const first = proveDleq(77n, statement, context, counting);
    expect(proveDleq(77n, statement, context, counting)).toEqual(first);
    expect(calls).toEqual([64, 64]);
  });
});
