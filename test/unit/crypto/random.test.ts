import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bytesToBigint, concatBytes } from '../../../src/base/bytes.ts';
import { randomField, randomScalar, seededRandom } from '../../../src/crypto/random.ts';
import { l, r } from '../../../src/params/fields.ts';

const seed = Uint8Array.from({ length: 32 }, (_, i) => i);

describe('seeded randomness', () => {
  test('is SHA-512 of tag, seed and an 8-byte counter, block after block', () => {
    const tag = createHash('sha512').update('velum/random/v1').digest();
    const block = (counter: number): Uint8Array =>
      createHash('sha512')
        .update(tag)
        .update(seed)
        .update(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, counter))
        .digest();
    const expected = concatBytes(block(0), block(1), block(2));
    expect([...seededRandom(seed)(192)]).toEqual([...expected]);
  });

  test('does not depend on how it is cut into calls', () => {
    const whole = seededRandom(seed)(200);
    const cut = seededRandom(seed);
    expect(concatBytes(cut(1), cut(62), cut(0), cut(3), cut(134))).toEqual(whole);
  });

  test('goes on where it was left, without what was drawn before', () => {
    const whole = seededRandom(seed)(300);
    for (const from of [0, 1, 63, 64, 65, 128, 200]) {
      expect(seededRandom(seed, from)(300 - from)).toEqual(whole.subarray(from));
    }
  });

  test('follows its seed, and keeps its own copy of it', () => {
    const other = Uint8Array.from(seed);
    other[31] = 0;
    expect(seededRandom(other)(32)).not.toEqual(seededRandom(seed)(32));
    const changed = Uint8Array.from(seed);
    const random = seededRandom(changed);
    changed.fill(0);
    expect(random(32)).toEqual(seededRandom(seed)(32));
  });

  test('needs a seed of 32 bytes', () => {
    expect(() => seededRandom(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
  });
});

describe('random scalars and field elements', () => {
  test('are 64 bytes mod l and mod r', () => {
    const wide = bytesToBigint(seededRandom(seed)(64));
    expect(randomScalar(seededRandom(seed))).toBe(wide % l);
    expect(randomField(seededRandom(seed))).toBe(wide % r);
  });

  test('a scalar is drawn again when it would be 0', () => {
    const draws = [new Uint8Array(64), new Uint8Array(64).fill(1)];
    expect(randomScalar(() => draws.shift()!)).toBe(bytesToBigint(new Uint8Array(64).fill(1)) % l);
  });

  test('a source that gives too few bytes is refused', () => {
    expect(() => randomScalar(() => new Uint8Array(32))).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
  });
});
