import { describe, expect, test } from 'vitest';
import { multiplyBase } from '../../../../src/crypto/babyjub.ts';
import { combineDealtKeys, combineDealtShares } from '../../../../src/crypto/dealing/combine.ts';
import { openDealing } from '../../../../src/crypto/dealing/open.ts';
import { type PerKey, perKey } from '../../../../src/crypto/dealing/session.ts';
import { checkDealing } from '../../../../src/crypto/dealing/verify.ts';
import { dealThresholdKey, isThresholdKey } from '../../../../src/crypto/threshold-key.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
import {
  index,
  indices,
  interpolate,
  knownDealing,
  random,
  sceneOf,
  unproved,
} from '../../../helpers/dealings.ts';

/** Both keys of a committee of n, and everybody's shares. */
function oldKeys(n: number) {
  const degree = quorumOf(n).sharesRequired - 1;
  const keys = perKey((key) => dealThresholdKey(n, degree, random(key === 'coin' ? 31 : 30)));
  const shares = indices(n).map((i): PerKey<bigint> => perKey((key) => keys[key].secrets[i]!));
  return { keys: perKey((key) => keys[key].key), shares };
}

function reshare(from: number, to: number, dealers: readonly number[], session = sceneOf(to)) {
  const { keys, shares } = oldKeys(from);
  const dealings = new Map(
    dealers.map((d) => [index(d), knownDealing(session.session, d, { secrets: shares[d]! }).dealing]),
  );
  const opened = session.secrets.map((sk, i) =>
    combineDealtShares(
      'reshare',
      new Map(
        [...dealings].map(([d, dealing]) => [d, openDealing(session.session, d, dealing, index(i), sk)!]),
      ),
    ),
  );
  const made = combineDealtKeys('reshare', session.session.degree, dealings);
  return { keys, shares, dealings, opened, made, session: session.session };
}

describe.each([
  [1, 4, [0]],
  [4, 4, [0, 2, 3]],
  [4, 7, [1, 2, 3]],
  [7, 4, [6, 0, 3, 2, 5]],
  [10, 3, [9, 8, 7, 3, 2, 1, 0]],
] as const)('keys of n = %i reshared to n = %i by %j', (from, to, dealers) => {
  const { keys, shares, dealings, opened, made, session } = reshare(from, to, dealers);

  test('every dealing is bound to the dealer’s old public shares, and to those of nobody else', () => {
    for (const [d, dealing] of dealings) {
      const old = perKey((key) => keys[key].shareKeys[d]!);
      expect(checkDealing(session, d, unproved(dealing), old)).toBeUndefined();
      const other = perKey((key) => keys[key].shareKeys[(d + 1) % from]!);
      if (from > 1) expect(checkDealing(session, d, unproved(dealing), other)).toBe('binding');
      const swapped = { decryption: old.coin, coin: old.decryption };
      expect(checkDealing(session, d, unproved(dealing), swapped)).toBe('binding');
      expect(checkDealing(session, d, unproved(dealing), { ...old, coin: other.decryption })).toBe('binding');
    }
  });

  test.each(['decryption', 'coin'] as const)('the %s key stays what it is, and has new shares', (key) => {
    expect(made[key].publicKey.equals(keys[key].publicKey)).toBe(true);
    expect(isThresholdKey(made[key])).toBe(true);
    expect(made[key].shareKeys.map((Y, i) => Y.equals(multiplyBase(opened[i]![key])))).toEqual(
      opened.map(() => true),
    );
    const old = new Map(indices(quorumOf(from).sharesRequired).map((i) => [BigInt(i + 1), shares[i]![key]]));
    const fresh = new Map(indices(quorumOf(to).sharesRequired).map((i) => [BigInt(i + 1), opened[i]![key]]));
    expect(interpolate(fresh, 0n)).toBe(interpolate(old, 0n));
    for (const one of opened) expect(shares.map((share) => share[key])).not.toContain(one[key]);
  });
});

test('old shares do not combine with new ones', () => {
  const { shares, opened } = reshare(4, 4, [0, 1, 2]);
  const secret = interpolate(new Map([0, 1, 2].map((i) => [BigInt(i + 1), shares[i]!.decryption])), 0n);
  for (const old of [0, 1, 2]) {
    const mixed = [0, 1, 2].map(
      (i) => [BigInt(i + 1), (i === old ? shares : opened)[i]!.decryption] as const,
    );
    expect(interpolate(new Map(mixed), 0n)).not.toBe(secret);
  }
});

test('over another Q the same key has other shares: all must take exactly the Q of the output', () => {
  const [first, second] = [reshare(4, 4, [0, 1, 2]), reshare(4, 4, [1, 2, 3])];
  expect(second.made.coin.publicKey.equals(first.made.coin.publicKey)).toBe(true);
  expect(second.opened[0]!.coin).not.toBe(first.opened[0]!.coin);
  expect(
    isThresholdKey({
      ...first.made.coin,
      shareKeys: [second.made.coin.shareKeys[0]!, ...first.made.coin.shareKeys.slice(1)],
    }),
  ).toBe(false);
});

test('2f dealers are too few: what they interpolate is another key, as everybody sees', () => {
  const { keys, made } = reshare(4, 4, [1, 2]);
  for (const key of ['decryption', 'coin'] as const)
    expect(made[key].publicKey.equals(keys[key].publicKey)).toBe(false);
});

test('keys are made of at least one dealing', () => {
  for (const making of ['generate', 'reshare'] as const) {
    const none = expect.objectContaining({ code: 'CRYPTO_INPUT' });
    expect(() => combineDealtShares(making, new Map())).toThrow(none);
    expect(() => combineDealtKeys(making, 0, new Map())).toThrow(none);
  }
});
