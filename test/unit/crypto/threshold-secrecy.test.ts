import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BASE,
  clearCofactor,
  isIdentity,
  multiply,
  multiplyBase,
  multiplySumPublic,
} from '../../../src/crypto/babyjub.ts';
import { scaleOf } from '../../../src/crypto/sharing.ts';
import {
  combineDecryption,
  dealThresholdKey,
  decryptionShare,
  encryptionKey,
} from '../../../src/crypto/threshold-key.ts';
import { l } from '../../../src/params/fields.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { randomSources, scalars, subsets } from '../../helpers/arbitraries.ts';
import { index, indices, interpolate } from '../../helpers/dealings.ts';

/** Some n, and 2f of its validators. */
const coalitions = fc
  .constantFrom(4, 7, 10, 16)
  .chain((n) => subsets(n, quorumOf(n).sharesRequired - 1).map((members) => ({ n, members })));

describe('2f decryption shares', () => {
  test('agree with any candidate K: a sharing of degree 2f gives both', () => {
    fc.assert(
      fc.property(coalitions, scalars, scalars, randomSources, ({ n, members }, k, candidate, random) => {
        const degree = quorumOf(n).sharesRequired - 1;
        const { secrets } = dealThresholdKey(n, degree, random);
        const U = multiplyBase(k);
        const shares = new Map(members.map((i) => [index(i), decryptionShare(secrets[i]!, U)]));
        // Any point of the subgroup is [candidate]U for some number: the K of a sharing whose secret is candidate/(8·Δ).
        const K = multiply(U, candidate);
        const secret = (candidate * inverse((8n * scaleOf(n)) % l)) % l;
        const known = new Map([[0n, secret], ...members.map((i) => [BigInt(i + 1), secrets[i]!] as const)]);
        const other = indices(n).map((i) => interpolate(known, BigInt(i + 1)));

        for (const [i, D] of shares) expect(multiply(U, other[i]!).equals(D)).toBe(true);
        const outsider = indices(n).find((i) => !members.includes(i))!;
        const all = new Map([...shares, [outsider, decryptionShare(other[outsider]!, U)]]);
        expect(all.size).toBe(degree + 1);
        expect(combineDecryption(all, n).equals(K)).toBe(true);
        // It is a sharing of that degree, whichever validators are asked.
        const last = indices(n).slice(n - degree - 1);
        expect(interpolate(new Map(last.map((i) => [BigInt(i + 1), other[i]!])), 0n)).toBe(secret);
      }),
      { numRuns: 8 },
    );
  });

  test('and one more give one K: then no other candidate is left', () => {
    const { key, secrets } = dealThresholdKey(4, 2, () => new Uint8Array(64).fill(3));
    const U = multiplyBase(9n);
    const shares = new Map([0, 1, 3].map((i) => [index(i), decryptionShare(secrets[i]!, U)]));
    expect(combineDecryption(shares, 4).equals(multiply(clearCofactor(encryptionKey(key)), 9n))).toBe(true);
  });
});

test('a share of U + [a]B gives the share of U: D(U + aB) − a·Yᵢ = D(U), so nothing unproved may get one', () => {
  fc.assert(
    fc.property(scalars, scalars, scalars, (secret, k, a) => {
      const U = multiplyBase(k);
      const asked = U.add(multiplySumPublic([[a, BASE]]));
      if (isIdentity(asked)) return;
      const Y = multiplyBase(secret);
      const answer = decryptionShare(secret, asked);
      const share = answer.add(multiplySumPublic([[a, Y]]).negate());
      expect(share.equals(decryptionShare(secret, U))).toBe(true);
    }),
    { numRuns: 10 },
  );
});

function inverse(x: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [x, l - 2n]; e > 0n; b = (b * b) % l, e >>= 1n) if (e & 1n) result = (result * b) % l;
  return result;
}
