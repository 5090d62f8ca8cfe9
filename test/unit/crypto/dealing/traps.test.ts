import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../../src/base/bytes.ts';
import {
  BASE,
  IDENTITY,
  multiplyBase,
  multiplySumPublic,
  type Point,
} from '../../../../src/crypto/babyjub.ts';
import { NOBLE } from '../../../../src/crypto/batch-kernels.ts';
import { type Dealing, dealPolynomials, makeDealing } from '../../../../src/crypto/dealing/deal.ts';
import { dealingDigest, dealingId } from '../../../../src/crypto/dealing/encoding.ts';
import { ephemeralOf, isProvableShare } from '../../../../src/crypto/dealing/encrypted-share.ts';
import { isMismatch, openDealing, proveMismatch } from '../../../../src/crypto/dealing/open.ts';
import { dealingContext, dealingSession, type PerKey } from '../../../../src/crypto/dealing/session.ts';
import { checkDealing, dealingStatements, repeatedDealings } from '../../../../src/crypto/dealing/verify.ts';
import { l, r } from '../../../../src/params/fields.ts';
import { loadBatchKernels } from '../../../../src/proofs/wasm-batch-kernels.ts';
import { index, indices, knownDealing, random, sceneOf, unproved } from '../../../helpers/dealings.ts';
import { smallOrderPoints } from '../../../helpers/small-order.ts';

const wasm = await loadBatchKernels();
const { session, secrets } = sceneOf(4);
const dealer = index(1);
const { dealing, polynomials } = knownDealing(session, 1);
const check = (changed: Dealing): unknown => checkDealing(session, dealer, unproved(changed), undefined);
const openAll = (by: number, what: Dealing, where = session): unknown[] =>
  secrets.map((sk, i) => openDealing(where, index(by), what, index(i), sk));

type Recipient = Dealing['shares'][0];
const changed = (at: number, change: (one: Recipient) => Partial<Recipient>): Dealing => ({
  ...dealing,
  shares: dealing.shares.map((one, i) => (i === at ? { ...one, ...change(one) } : one)),
});

describe('a copied dealing', () => {
  test('opens to nothing under another dealer, in another session, or in the place of another recipient', () => {
    const next = { ...session, id: session.id + 1n };
    expect(openAll(1, dealing)).not.toContain(undefined);
    expect(openAll(2, dealing)).toEqual([undefined, undefined, undefined, undefined]);
    expect(openAll(1, dealing, next)).toEqual([undefined, undefined, undefined, undefined]);
    const turned = { ...dealing, shares: [...dealing.shares.slice(1), dealing.shares[0]!] };
    expect(openAll(1, turned)).toEqual([undefined, undefined, undefined, undefined]);
  });
  test('needs proofs of other statements: each names session, dealer and recipient by its context', () => {
    const contexts = indices(4).flatMap((d) => indices(4).map((i) => dealingContext(session, d, i)));
    expect(new Set(contexts).size).toBe(16);
    const [mine, copied] = [
      dealingStatements(session, dealer, dealing),
      dealingStatements(session, index(2), dealing),
    ];
    for (const [i, statement] of mine.entries()) {
      expect(copied[i]!.slice(0, 10)).toEqual(statement.slice(0, 10));
      expect(copied[i]![10]).not.toBe(statement[10]);
    }
  });
  test('is refused where a colluding dealer made it anew from the same secrets', () => {
    const again = dealPolynomials(session, index(2), polynomials, 77n)!.dealing;
    const half = { decryption: polynomials.decryption, coin: [1n, 2n, 3n] };
    const swapped = { decryption: polynomials.coin, coin: polynomials.decryption };
    for (const made of [half, swapped]
      .map((p) => dealPolynomials(session, index(3), p, 78n)!.dealing)
      .concat(again))
      expect(
        repeatedDealings(
          new Map([
            [dealer, dealing],
            [index(3), made],
          ]),
        ),
      ).toEqual([3]);
    expect(
      repeatedDealings(
        new Map([
          [index(3), again],
          [dealer, dealing],
        ]),
      ),
    ).toEqual([1]);
  });
  test('of the same randomness is refused: one E would open both', () => {
    const [p, q] = [1, 2].map((d) => ({ decryption: [BigInt(d), 2n, 3n], coin: [4n, 5n, BigInt(d)] }));
    const [one, two] = [
      dealPolynomials(session, index(0), p!, 99n)!,
      dealPolynomials(session, index(1), q!, 99n)!,
    ];
    expect(
      repeatedDealings(
        new Map([
          [index(0), one.dealing],
          [index(1), two.dealing],
        ]),
      ),
    ).toEqual([1]);
    const alone = dealPolynomials(session, index(2), { decryption: [7n, 8n, 9n], coin: [7n, 8n, 9n] }, 98n)!;
    expect(repeatedDealings(new Map([[index(2), alone.dealing]]))).toEqual([2]);
  });
  test('two dealings of one dealer have two ids; other proofs make no other dealing, but are not what was signed', () => {
    const proved = unproved(dealing);
    const signed = dealingDigest(session, dealer, proved);
    const proofs = proved.proofs.map((proof, i) => (i === 3 ? new Uint8Array(256) : proof));
    expect(dealingDigest(session, dealer, { ...proved, proofs })).not.toEqual(signed);
    expect(dealingDigest(session, index(2), proved)).not.toEqual(signed);
    const other = knownDealing(session, 1, { seed: 9 }).dealing;
    expect(dealingId(session, dealer, other)).not.toEqual(dealingId(session, dealer, dealing));
    expect(dealingId(session, dealer, unproved(dealing))).toEqual(dealingId(session, dealer, dealing));
    for (const change of [
      changed(3, ({ ciphertexts }) => ({ ciphertexts: { ...ciphertexts, coin: 1n } })),
      { ...dealing, ephemeral: BASE },
    ])
      expect(dealingId(session, dealer, change)).not.toEqual(dealingId(session, dealer, dealing));
    expect(dealingId(session, index(2), dealing)).not.toEqual(dealingId(session, dealer, dealing));
  });
});

describe('a dealing is refused, whatever its proofs say,', () => {
  test.each([
    ['noble', NOBLE],
    ['WebAssembly', wasm],
  ])('with a part of small order in R’ or in a commitment (%s)', (_, kernels) => {
    expect(checkDealing(session, dealer, unproved(dealing), undefined, kernels)).toBeUndefined();
    for (const T of smallOrderPoints()) {
      const check = (changed: Dealing): unknown =>
        checkDealing(session, dealer, unproved(changed), undefined, kernels);
      expect(check({ ...dealing, ephemeral: dealing.ephemeral.add(T) })).toBe('subgroup');
      const at = changed(2, ({ commitments }) => ({
        commitments: { ...commitments, coin: commitments.coin.add(T) },
      }));
      expect(check(at)).toBe('subgroup');
    }
  });
  test('of a higher degree in either key', () => {
    for (const key of ['decryption', 'coin'] as const) {
      const { polynomials: higher } = knownDealing(session, 1, { degree: 3 });
      const commitments = dealing.shares.map(({ commitments: own }, i): PerKey<Point> => {
        const value = higher[key].reduceRight((sum, c) => (sum * BigInt(i + 1) + c) % l, 0n);
        return { ...own, [key]: multiplyBase(value) };
      });
      expect(
        check({
          ...dealing,
          shares: dealing.shares.map((one, i) => ({ ...one, commitments: commitments[i]! })),
        }),
      ).toBe('degree');
    }
  });
  test('with one commitment that is another’s, or with the two keys’ exchanged for one recipient', () => {
    expect(check(changed(0, () => ({ commitments: dealing.shares[1]!.commitments })))).toBe('degree');
    const exchanged = changed(3, ({ commitments: { decryption, coin } }) => ({
      commitments: { decryption: coin, coin: decryption },
    }));
    expect(check(exchanged)).toBe('degree');
  });
  test('with R’ + [2^251]B = O, for which E is known to all', () => {
    const opposite = multiplySumPublic([[(-(2n ** 251n) % l) + l, BASE]]);
    expect(check({ ...dealing, ephemeral: opposite })).toBe('ephemeral');
  });
  test('with another number of recipients or proofs', () => {
    expect(check({ ...dealing, shares: dealing.shares.slice(1) })).toBe('recipients');
    const few = { ...dealing, proofs: unproved(dealing).proofs.slice(1) };
    expect(checkDealing(session, dealer, few, undefined)).toBe('recipients');
  });
});

describe('what a true statement may hold', () => {
  test('a share of 0 opens as 0, and is no mismatch', () => {
    // f(3) = 0 for f = (x − 3)·x: a dealer who wants to deal it is not refused.
    const f = [0n, l - 3n, 1n];
    expect(dealPolynomials(session, dealer, { decryption: f, coin: [1n, 2n, 3n] }, 50n)).toBeUndefined();
    const zero = dealPolynomials(
      session,
      dealer,
      { decryption: [1n, l - 3n, 1n], coin: [1n, 2n, 3n] },
      50n,
    )!.dealing;
    const opened = openDealing(session, dealer, zero, index(2), secrets[2]!);
    expect(opened?.decryption).toBe(1n);
    const pad = zero.shares[2]!.ciphertexts.decryption - 1n;
    const cheating = {
      ...zero,
      shares: zero.shares.map((one, i) =>
        i === 2
          ? {
              commitments: { ...one.commitments, decryption: IDENTITY },
              ciphertexts: { ...one.ciphertexts, decryption: (pad + r) % r },
            }
          : one,
      ),
    };
    expect(openDealing(session, dealer, cheating, index(2), secrets[2]!)?.decryption).toBe(0n);
  });
  test('a share given as s + l opens as s: the circuit bounds it by 2^251 only', () => {
    const raised = changed(0, ({ ciphertexts }) => ({
      ciphertexts: { ...ciphertexts, coin: (ciphertexts.coin + l) % r },
    }));
    expect(openDealing(session, dealer, raised, index(0), secrets[0]!)).toEqual(
      openDealing(session, dealer, dealing, index(0), secrets[0]!),
    );
  });
  test('no honest dealer deals what the circuit has no proof for', () => {
    const unprovable = l - 2n * 8n ** 83n - (8n ** 83n - 1n) / 7n;
    expect(isProvableShare(unprovable)).toBe(false);
    expect(isProvableShare(0n) || isProvableShare(l)).toBe(false);
    expect(isProvableShare(unprovable - 1n) && isProvableShare(1n) && isProvableShare(l - 1n)).toBe(true);
    expect([0n, 1n, l - 1n, l - 2n, (2n ** 251n + unprovable) % l].map(ephemeralOf)).toEqual(
      new Array(5).fill(undefined),
    );
    expect(ephemeralOf(2n)).toBe((2n - (2n ** 251n % l) + l) % l);
    const constant = [unprovable, 0n, 0n];
    expect(
      dealPolynomials(session, dealer, { decryption: [1n, 2n, 3n], coin: constant }, 50n),
    ).toBeUndefined();
    expect(() => dealPolynomials(session, dealer, { decryption: [1n, 2n], coin: constant }, 50n)).toThrow(
      expect.objectContaining({ code: 'CRYPTO_INPUT' }),
    );
  });
});

describe('a wrong pad', () => {
  const wrong = changed(2, ({ ciphertexts }) => ({
    ciphertexts: { ...ciphertexts, decryption: (ciphertexts.decryption + 1n) % r },
  }));
  const proof = proveMismatch(session, dealer, wrong, index(2), secrets[2]!, random(7))!;

  test('opens to nothing for its recipient, and hurts nobody else', () => {
    expect(openAll(1, wrong).map((opened) => opened === undefined)).toEqual([false, false, true, false]);
  });
  test('is shown to strangers, who learn the shares of this dealing and no secret key', () => {
    expect(proof.length).toBe(128);
    expect(isMismatch(session, dealer, wrong, index(2), proof)).toBe(true);
  });
  test('cannot be claimed of a dealing that opens', () => {
    expect(proveMismatch(session, dealer, dealing, index(2), secrets[2]!, random(7))).toBeUndefined();
    // The D of the sound dealing is the same point: only the ciphertext differs, and the proof is bound to it.
    expect(isMismatch(session, dealer, dealing, index(2), proof)).toBe(false);
  });
  test('cannot be claimed with another’s key, another D, under another name, or by anything malformed', () => {
    // As by somebody with the secret 5, who is not the recipient.
    const other = { ...session, encryptionKeys: indices(4).map(() => multiplyBase(5n)) };
    const forged = proveMismatch(other, dealer, wrong, index(2), 5n, random(8))!;
    expect(isMismatch(session, dealer, wrong, index(2), forged)).toBe(false);
    for (const [where, by, to] of [
      [session, 1, 0],
      [session, 2, 2],
      [{ ...session, id: 1n }, 1, 2],
      [session, 1, 9],
    ] as const)
      expect(isMismatch(where, index(by), wrong, index(to), proof)).toBe(false);
    for (const at of [0, 40, 70, 127]) {
      const flipped = Uint8Array.from(proof, (byte, i) => (i === at ? byte ^ 1 : byte));
      expect(isMismatch(session, dealer, wrong, index(2), flipped)).toBe(false);
    }
    for (const bytes of [
      proof.subarray(1),
      concatBytes(proof, proof),
      new Uint8Array(128),
      new Uint8Array(0),
    ])
      expect(isMismatch(session, dealer, wrong, index(2), bytes)).toBe(false);
    const opposite = multiplySumPublic([[(-(2n ** 251n) % l) + l, BASE]]);
    expect(isMismatch(session, dealer, { ...wrong, ephemeral: opposite }, index(2), proof)).toBe(false);
  });
});

describe('a session', () => {
  test('has keys in the subgroup, not O, each once, and an id in F_r', () => {
    const keys = session.encryptionKeys;
    expect(dealingSession(5n, keys)?.degree).toBe(2);
    expect(dealingSession(5n, [])).toBeUndefined();
    expect(dealingSession(r, keys)).toBeUndefined();
    expect(dealingSession(5n, [...keys, keys[0]!])).toBeUndefined();
    expect(dealingSession(5n, [...keys, IDENTITY])).toBeUndefined();
    for (const T of smallOrderPoints()) {
      expect(dealingSession(5n, [...keys, T])).toBeUndefined();
      expect(dealingSession(5n, [...keys.slice(1), keys[0]!.add(T)])).toBeUndefined();
    }
  });
});

test('no two dealings of one source of randomness are alike', () => {
  const draw = random(3);
  const made = [0, 1].map((d) => makeDealing(session, index(d), { decryption: 1n, coin: 2n }, draw).dealing);
  expect(repeatedDealings(new Map(made.map((one, d) => [index(d), one])))).toEqual([]);
});
