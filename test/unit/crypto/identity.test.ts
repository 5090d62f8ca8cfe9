import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hash } from '../../../src/crypto/hash.ts';
import { ballotShare, identityCommitment, recoverIdentitySecret } from '../../../src/crypto/identity.ts';
import { r } from '../../../src/params/fields.ts';
import { fieldElements } from '../../helpers/arbitraries.ts';

const messages = fc.bigInt({ min: 1n, max: r - 1n });

describe('ballot arithmetic', () => {
  test('two different ballots of one scope give the identity secret, in either order', () => {
    fc.assert(
      fc.property(fieldElements, fieldElements, messages, messages, (isk, scope, x1, x2) => {
        fc.pre(x1 !== x2);
        const first = { x: x1, ...ballotShare(isk, scope, x1) };
        const second = { x: x2, ...ballotShare(isk, scope, x2) };
        expect(first.nullifier).toBe(second.nullifier);
        expect(recoverIdentitySecret(first, second)).toBe(isk);
        expect(recoverIdentitySecret(second, first)).toBe(isk);
      }),
      { numRuns: 40 },
    );
  });

  test('one ballot twice gives nothing', () => {
    const point = { x: 3n, y: ballotShare(5n, 7n, 3n).y };
    expect(recoverIdentitySecret(point, point)).toBeUndefined();
    expect(recoverIdentitySecret(point, { x: 3n, y: 4n })).toBeUndefined();
  });

  test('ballots of different scopes do not lead to the secret, nor to each other’s nullifier', () => {
    fc.assert(
      fc.property(fieldElements, fieldElements, messages, messages, (isk, scope, x1, x2) => {
        fc.pre(x1 !== x2);
        const first = ballotShare(isk, scope, x1);
        const second = ballotShare(isk, (scope + 1n) % r, x2);
        expect(first.nullifier).not.toBe(second.nullifier);
        expect(recoverIdentitySecret({ x: x1, y: first.y }, { x: x2, y: second.y })).not.toBe(isk);
      }),
      { numRuns: 20 },
    );
  });

  test('is what statement S1 says', () => {
    const [isk, scope, x] = [11n, 22n, r - 1n];
    const a1 = hash('ballotShare', isk, scope);
    expect(ballotShare(isk, scope, x)).toEqual({
      nullifier: hash('ballotNullifier', a1),
      y: (((isk - a1) % r) + r) % r,
    });
    expect(identityCommitment(isk)).toBe(hash('validator', isk));
  });

  test('refuses x = 0, where y would be the secret, and values outside the field', () => {
    for (const x of [0n, r, -1n]) {
      expect(() => ballotShare(5n, 7n, x)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    }
    expect(() => ballotShare(r, 7n, 1n)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(() => identityCommitment(r)).toThrow(expect.objectContaining({ code: 'CRYPTO_INPUT' }));
    expect(recoverIdentitySecret({ x: 1n, y: 1n }, { x: 1n + r, y: 1n })).toBeUndefined();
    expect(recoverIdentitySecret({ x: 1n, y: r }, { x: 2n, y: 1n })).toBeUndefined();
  });
});
