import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { multiplyBase } from '../../../../src/crypto/babyjub.ts';
import type { ProvedDealing } from '../../../../src/crypto/dealing/encoding.ts';
import { chainHash } from '../../../../src/ledger/chain-genesis.ts';
import { claimOf } from '../../../../src/ledger/claims.ts';
import {
  encodeItem,
  keyOf,
  LARGEST_ITEM_BYTES,
  proofsOf,
  roomOf,
  screenItem,
} from '../../../../src/ledger/items.ts';
import { signDealingItem } from '../../../../src/ledger/rotation/dealing-item.ts';
import { seatOf, sessionOf } from '../../../../src/ledger/rotation/draft.ts';
import {
  checkEvidence,
  type EvidenceItem,
  evidenceItemId,
  evidenceOfOne,
  evidenceOfTwo,
  signedName,
} from '../../../../src/ledger/rotation/evidence-item.ts';
import { firstRotation } from '../../../../src/ledger/rotation/rotation.ts';
import { validatorIndex } from '../../../../src/params/ids.ts';
import { dealingItem, membersKeys, rotatingChain, sharesOf } from '../../../helpers/rotating.ts';

const dealt = rotatingChain(4);
const { epoch, secrets } = dealt;
const name = chainHash(dealt.chain);
const draft = { epoch: 2, seats: [0, 1, 2, 4].map((i) => seatOf(membersKeys(dealt, i, 2).statement)) };
const session = sessionOf(name, draft, epoch)!;
const DEALER = validatorIndex(1);
const { signSecret } = secrets[1]!;
const good = dealingItem(session, 1, sharesOf(dealt, 1), signSecret);
const other = dealingItem(session, 1, sharesOf(dealt, 1), signSecret, 1);
const signed = (dealing: ProvedDealing, by = signSecret) => signDealingItem(session, DEALER, dealing, by);
const [first, ...rest] = good.dealing.shares;
const more = { ...first!.commitments, coin: first!.commitments.coin.add(multiplyBase(1n)) };
const wrongDegree = { ...good.dealing, shares: [{ ...first!, commitments: more }, ...rest] };

const two = evidenceOfTwo(good, signedName(good), signedName(other))!;
const flawed = evidenceOfOne(signed(wrongDegree), 'flawed');
const refuted = evidenceOfOne(good, 'refuted');
const check = (item: EvidenceItem) => checkEvidence(session, epoch, item);

describe('evidence against a dealer', () => {
  test('is two signed dealings of one session, whatever they say, or one that does not hold', () => {
    expect(check(two)).toBeUndefined();
    expect(check(flawed)).toBeUndefined();
    // Whether a proof of it is false remains to be shown.
    expect(check(refuted)).toBeUndefined();
    expect(proofsOf(refuted)).toEqual(good.dealing.proofs);
    const rotation = { ...firstRotation(name, epoch), drafted: { draft, session: session.id } };
    const domain = { chainHash: name, market: '', Y8: multiplyBase(8n) };
    const claim = (item: EvidenceItem) => claimOf(domain, { tables: new Map(), rotation }, item);
    expect(claim(refuted)).toMatchObject({ proved: { circuit: 'dealing', isRefuted: true } });
    expect(claim(two)).toEqual({ id: evidenceItemId(two), proved: undefined });
    expect(claimOf(domain, { tables: new Map(), rotation: firstRotation(name, epoch) }, two)).toBeUndefined();
  });

  test('is none against a correct dealer: nobody else signs, one dealing is not two, and a sound one has no flaw', () => {
    const [by2, by3] = [
      signed(good.dealing, secrets[2]!.signSecret),
      signed(other.dealing, secrets[2]!.signSecret),
    ];
    expect(evidenceOfTwo(good, signedName(good), signedName(good))).toBeUndefined();
    // Other proofs of one statement are the same dealing.
    const reproved = signed({ ...good.dealing, proofs: [...good.dealing.proofs].reverse() });
    expect(evidenceOfTwo(good, signedName(good), signedName(reproved))).toBeUndefined();
    expect(check(evidenceOfTwo(good, signedName(by2), signedName(by3))!)).toBe('ITEM_SIGNATURE_INVALID');
    expect(check(evidenceOfTwo(good, signedName(good), signedName(by3))!)).toBe('ITEM_SIGNATURE_INVALID');
    expect(check(evidenceOfOne(signed(wrongDegree, secrets[2]!.signSecret), 'flawed'))).toBe(
      'ITEM_SIGNATURE_INVALID',
    );
    expect(check(evidenceOfOne(good, 'flawed'))).toBe('ITEM_EVIDENCE_FALSE');
    expect(check(evidenceOfOne(signed(wrongDegree), 'refuted'))).toBe('ITEM_EVIDENCE_FALSE');
    // What was signed for another session, or as another dealer, is nothing here.
    const foreign = { ...session, id: session.id + 1n };
    const away = signDealingItem(foreign, DEALER, other.dealing, signSecret);
    expect(check(evidenceOfTwo(good, signedName(good), signedName(away))!)).toBe('ITEM_SIGNATURE_INVALID');
    expect(check({ ...two, dealer: validatorIndex(2) })).toBe('ITEM_SIGNATURE_INVALID');
    expect(check({ ...two, dealer: validatorIndex(9) })).toBe('ITEM_DEALING_SESSION');
    expect(check({ ...flawed, session: foreign.id })).toBe('ITEM_DEALING_SESSION');
  });

  test('has one encoding; anything else is refused with a code, and nothing throws', () => {
    for (const item of [two, flawed, refuted]) {
      const bytes = encodeItem(item);
      const screened = screenItem(bytes);
      expect('item' in screened && encodeItem(screened.item)).toEqual(bytes);
      expect(bytes.length).toBeLessThan(LARGEST_ITEM_BYTES);
      expect([keyOf(item), roomOf(item)]).toEqual([`evidence ${session.id} 1`, 1]);
      fc.assert(
        fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
          const read = screenItem(bytes.with(at, byte));
          if ('item' in read) expect(encodeItem(read.item)).toEqual(bytes.with(at, byte));
        }),
      );
      for (const length of [1, 30, 60, bytes.length - 1])
        expect(screenItem(bytes.subarray(0, length))).toEqual({ code: 'ITEM_MALFORMED' });
    }
    // The other way round it would be a second item of the same evidence.
    const fault = two.fault as Extract<EvidenceItem['fault'], { form: 'two' }>;
    const turned = { ...two, fault: { ...fault, names: [fault.names[1], fault.names[0]] as const } };
    expect(screenItem(encodeItem(turned))).toEqual({ code: 'ITEM_MALFORMED' });
  });
});
