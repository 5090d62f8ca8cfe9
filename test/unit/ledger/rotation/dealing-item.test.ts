import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { multiplyBase, pointFromAffine } from '../../../../src/crypto/babyjub.ts';
import { NOBLE } from '../../../../src/crypto/batch-kernels.ts';
import { type Dealing, makeDealing } from '../../../../src/crypto/dealing/deal.ts';
import { seededRandom } from '../../../../src/crypto/random.ts';
import { chainHash } from '../../../../src/ledger/chain-genesis.ts';
import { claimOf } from '../../../../src/ledger/claims.ts';
import { encodeItem, LARGEST_ITEM_BYTES, roomOf, screenItem } from '../../../../src/ledger/items.ts';
import {
  checkDealingItem,
  type DealingItem,
  dealingItemId,
  signDealingItem,
} from '../../../../src/ledger/rotation/dealing-item.ts';
import { seatOf, sessionOf } from '../../../../src/ledger/rotation/draft.ts';
import { firstRotation } from '../../../../src/ledger/rotation/rotation.ts';
import { r } from '../../../../src/params/fields.ts';
import { validatorIndex } from '../../../../src/params/ids.ts';
import { anyProof, dealingItem, membersKeys, rotatingChain, sharesOf } from '../../../helpers/rotating.ts';

const dealt = rotatingChain(4);
const { epoch, secrets } = dealt;
const name = chainHash(dealt.chain);
const draft = { epoch: 2, seats: [0, 1, 2, 4].map((i) => seatOf(membersKeys(dealt, i, 2).statement)) };
const session = sessionOf(name, draft, epoch)!;
const good = dealingItem(session, 1, sharesOf(dealt, 1), secrets[1]!.signSecret);
const check = (item: DealingItem) => checkDealingItem(session, epoch, item);

/** What another dealing says, signed by dealer 1. */
const signed = (dealing: Dealing, dealer = 1): DealingItem =>
  signDealingItem(
    session,
    validatorIndex(dealer),
    { ...dealing, proofs: good.dealing.proofs },
    secrets[1]!.signSecret,
  );

describe('the encoding of a dealing', () => {
  test('is read back; another length, session, dealer or point is refused with a code, and nothing throws', () => {
    const bytes = encodeItem(good);
    expect(screenItem(bytes)).toEqual({ item: good });
    expect(bytes.length).toBeLessThan(LARGEST_ITEM_BYTES);
    const at = (from: number, put: Uint8Array): Uint8Array => {
      const changed = Uint8Array.from(bytes);
      changed.set(put, from);
      return changed;
    };
    expect(screenItem(at(1, new Uint8Array(32).fill(255)))).toEqual({ code: 'ITEM_SIGNAL_RANGE' });
    expect(screenItem(at(33, Uint8Array.of(0, 0, 0, 100)))).toEqual({ code: 'ITEM_MALFORMED' });
    expect(screenItem(at(101, new Uint8Array(32).fill(255)))).toEqual({ code: 'ITEM_MALFORMED' });
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), (length) => {
        // Of a whole number of recipients it is a dealing to fewer: its session refuses it.
        fc.pre((bytes.length - length) % 448 !== 0);
        expect(screenItem(bytes.subarray(0, length))).toMatchObject({ code: 'ITEM_MALFORMED' });
      }),
    );
  });

  test('takes one place in a ballot for four recipients, and eleven for a hundred', () => {
    expect(roomOf(good)).toBe(1);
    const [one] = good.dealing.shares;
    const shares = Array.from({ length: 100 }, () => one!);
    expect(roomOf({ ...good, dealing: { ...good.dealing, shares } })).toBe(11);
  });
});

describe('what is checked of a dealing', () => {
  test('passes one that its dealer made of its own shares', () => expect(check(good)).toBeUndefined());

  test('is the signature over dealing, session and proofs', () => {
    const { dealing } = good;
    const proofs = [anyProof(99), ...dealing.proofs.slice(1)];
    const other = { ...session, id: session.id + 1n };
    for (const forged of [
      { ...good, signature: new Uint8Array(64) },
      { ...good, dealing: { ...dealing, proofs } },
      { ...good, dealer: validatorIndex(2) },
      { ...good, dealing: dealingItem(session, 1, sharesOf(dealt, 1), secrets[1]!.signSecret, 1).dealing },
      { ...signDealingItem(other, validatorIndex(1), dealing, secrets[1]!.signSecret), session: session.id },
    ])
      expect(check(forged)).toBe('ITEM_SIGNATURE_INVALID');
    expect(check({ ...good, session: other.id })).toBe('ITEM_DEALING_SESSION');
    expect(check({ ...good, dealer: validatorIndex(9) })).toBe('ITEM_DEALING_SESSION');
  });

  test('is what it shares: others’ shares, fresh secrets, or both keys in each other’s place are refused', () => {
    const { decryption, coin } = sharesOf(dealt, 1);
    for (const secret of [
      sharesOf(dealt, 2),
      { decryption: 5n, coin },
      { decryption, coin: 5n },
      { decryption: coin, coin: decryption },
    ]) {
      const { dealing } = makeDealing(session, validatorIndex(1), secret, seededRandom(new Uint8Array(32)));
      expect(check(signed(dealing))).toBe('ITEM_DEALING_BINDING');
    }
  });

  test('is its degree, its subgroup, its randomness and its number of recipients', () => {
    const { dealing } = good;
    const with_ = (change: Partial<Dealing>) => check(signed({ ...dealing, ...change }));
    const changed = (i: number, change: (one: Dealing['shares'][number]) => Dealing['shares'][number]) =>
      dealing.shares.map((one, at) => (at === i ? change(one) : one));
    const more = changed(3, (one) => ({
      ...one,
      commitments: { ...one.commitments, coin: one.commitments.coin.add(multiplyBase(1n)) },
    }));
    expect(with_({ shares: more })).toBe('ITEM_DEALING_DEGREE');
    const order2 = pointFromAffine(0n, r - 1n)!;
    const torsion = changed(0, (one) => ({
      ...one,
      commitments: { ...one.commitments, decryption: one.commitments.decryption.add(order2) },
    }));
    expect(with_({ shares: torsion })).toBe('ITEM_POINT_ORDER');
    expect(with_({ ephemeral: dealing.ephemeral.add(order2) })).toBe('ITEM_POINT_ORDER');
    // R' = [−2^251]B: then k = 0, and everybody could read the shares.
    expect(with_({ ephemeral: NOBLE.sumPublic([[-(2n ** 250n), multiplyBase(2n)]]) })).toBe(
      'ITEM_POINT_IDENTITY',
    );
    expect(with_({ shares: dealing.shares.slice(1) })).toBe('ITEM_DEALING_RECIPIENTS');
  });
});

test('a dealing claims the statement of each recipient of the session in progress, and nothing in another one', () => {
  const rotation = { ...firstRotation(name, epoch), drafted: { draft, session: session.id } };
  const domain = { chainHash: name, market: '', Y8: multiplyBase(8n) };
  const claim = claimOf(domain, { tables: new Map(), rotation }, good)!;
  expect(claim.id).toBe(dealingItemId(good));
  expect(claim.proved?.circuit).toBe('dealing');
  expect(claim.proved?.statements.map(({ length }) => length)).toEqual([11, 11, 11, 11]);
  const none = { tables: new Map(), rotation: firstRotation(name, epoch) };
  expect(claimOf(domain, none, good)).toBeUndefined();
});
