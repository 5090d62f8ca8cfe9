import { beforeEach, describe, expect, test } from 'vitest';
import { multiplyBase } from '../../../src/crypto/babyjub.ts';
import { chainHash } from '../../../src/ledger/chain-genesis.ts';
import { checkSigned } from '../../../src/ledger/check-signed.ts';
import { claimOf } from '../../../src/ledger/claims.ts';
import { encodeItem, type Item } from '../../../src/ledger/items.ts';
import { checkRotation } from '../../../src/ledger/rotation/check-rotation.ts';
import { isSignedByDealer, signDealingItem } from '../../../src/ledger/rotation/dealing-item.ts';
import { seatOf, sessionOf } from '../../../src/ledger/rotation/draft.ts';
import {
  type EvidenceItem,
  evidenceItemId,
  evidenceOfOne,
  evidenceOfTwo,
  signedName,
} from '../../../src/ledger/rotation/evidence-item.ts';
import { firstRotation } from '../../../src/ledger/rotation/rotation.ts';
import { height } from '../../../src/params/ids.ts';
import { bidOf } from '../../../src/validator/bid.ts';
import { Mempool } from '../../../src/validator/mempool.ts';
import { Out } from '../../../src/validator/out.ts';
import { dealingItem, membersKeys, rotatingChain, sharesOf } from '../../helpers/rotating.ts';
import { copyOf, v } from './fixtures.ts';

const dealt = rotatingChain(4);
const { chain, epoch, secrets } = dealt;
const name = chainHash(chain);
const draft = { epoch: 2, seats: [0, 1, 2, 4].map((i) => seatOf(membersKeys(dealt, i, 2).statement)) };
const session = sessionOf(name, draft, epoch)!;
const rotation = { ...firstRotation(name, epoch), drafted: { draft, session: session.id } };
const DEALER = v(1);
const { signSecret } = secrets[1]!;
const good = dealingItem(session, 1, sharesOf(dealt, 1), signSecret);
const other = dealingItem(session, 1, sharesOf(dealt, 1), signSecret, 1);
/** The second one as somebody else says that the dealer signed it. */
const slandered = {
  ...other,
  signature: signDealingItem(session, DEALER, other.dealing, secrets[2]!.signSecret).signature,
};
/** It shares what is not the dealer's. */
const unbound = dealingItem(session, 1, sharesOf(dealt, 2), signSecret);

let out: Out;
let mempool: Mempool;
beforeEach(() => {
  out = new Out();
  const domain = { chainHash: name, market: '', Y8: multiplyBase(8n) };
  mempool = new Mempool(
    { self: v(0), n: 4, f: 1, distrusted: new Set() },
    {
      claim: (item) => claimOf(domain, { tables: new Map(), rotation }, item),
      check: (item) =>
        item.kind === 'dealing' || item.kind === 'evidence'
          ? checkRotation(rotation, item, height(3))
          : undefined,
      checkSigned: (item) => checkSigned({ chain, chainHash: name, rotation }, item),
      isDealers: (item) => isSignedByDealer(epoch, item),
      beacon: () => new Uint8Array(64),
    },
  );
});

const offer = (item: Item): void => mempool.offer(encodeItem(item), out);
/** Answers what is to be verified. @returns how many copies that are */
function verdict(ok: boolean): number {
  const effects = out.effects.splice(0);
  for (const effect of effects) mempool.verified(copyOf(effect), ok, out);
  return effects.length;
}
const codes = (): string[] =>
  out.outputs.flatMap((output) => (output.type === 'refused' ? [output.code] : []));
const faults = (): [number, string][] => out.faults.map(({ by, fault }) => [by, fault]);
const isHeld = (item: EvidenceItem): boolean => mempool.get(evidenceItemId(item)) !== undefined;
function fromPeer(peer: number, item: EvidenceItem): void {
  const held = [bidOf(evidenceItemId(item), item)];
  mempool.heard(v(peer), { kind: 'announce', isWhole: false, held, withdrawn: [] }, out);
  mempool.answered(v(peer), encodeItem(item), out);
}

describe('evidence against a dealer is made of', () => {
  test('two dealings that it signed, once, whether they are held or not', () => {
    offer(good);
    expect(verdict(true)).toBe(1);
    expect(faults()).toEqual([]);
    offer(other);
    offer(dealingItem(session, 1, sharesOf(dealt, 1), signSecret, 2));
    expect(faults()).toEqual([[1, 'DEALER_CONVICTED']]);
    expect(isHeld(evidenceOfTwo(good, signedName(good), signedName(other))!)).toBe(true);
  });

  test('one with a proof that does not hold', () => {
    offer(good);
    expect([faults(), verdict(false)]).toEqual([[], 1]);
    expect(faults()).toEqual([[1, 'DEALER_CONVICTED']]);
    expect(isHeld(evidenceOfOne(good, 'refuted'))).toBe(true);
  });

  test('one that fails a check without a proof', () => {
    offer(unbound);
    expect([faults(), codes()]).toEqual([[[1, 'DEALER_CONVICTED']], ['ITEM_DEALING_BINDING']]);
    expect(isHeld(evidenceOfOne(unbound, 'flawed'))).toBe(true);
  });

  test('nothing that another signed in its name', () => {
    for (const item of [slandered, { ...unbound, signature: slandered.signature }, good]) offer(item);
    expect([verdict(true), faults(), codes()]).toEqual([
      1,
      [],
      ['ITEM_SIGNATURE_INVALID', 'ITEM_SIGNATURE_INVALID'],
    ]);
  });
});

describe('evidence that others bring', () => {
  test('of a false proof is held when the proof was found false', () => {
    const item = evidenceOfOne(good, 'refuted');
    fromPeer(2, item);
    expect([isHeld(item), verdict(false)]).toEqual([false, 1]);
    expect([isHeld(item), faults()]).toEqual([true, []]);
  });

  test('of sound proofs slanders nobody: who brings it is the liar, and it is verified once', () => {
    const item = evidenceOfOne(good, 'refuted');
    offer(item);
    expect(verdict(true)).toBe(1);
    offer(item);
    expect(verdict(true)).toBe(0);
    expect(codes()).toEqual(['ITEM_EVIDENCE_FALSE', 'ITEM_EVIDENCE_FALSE']);
    fromPeer(2, item);
    expect([isHeld(item), faults()]).toEqual([false, [[2, 'ITEM_EVIDENCE_FALSE']]]);
  });

  test('of a sound dealing as flawed, or of a signature that is another’s, is refused at once', () => {
    fromPeer(2, evidenceOfOne(good, 'flawed'));
    fromPeer(3, evidenceOfTwo(good, signedName(good), signedName(slandered))!);
    expect([faults(), verdict(true)]).toEqual([
      [
        [2, 'ITEM_EVIDENCE_FALSE'],
        [3, 'ITEM_SIGNATURE_INVALID'],
      ],
      0,
    ]);
  });
});
