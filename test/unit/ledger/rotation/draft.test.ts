import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/base/bytes.ts';
import { decodeEpoch, encodeEpoch } from '../../../../src/ledger/epoch-config.ts';
import {
  decodeDraft,
  draftHash,
  type EpochDraft,
  encodeDraft,
  seatOf,
  sessionOf,
} from '../../../../src/ledger/rotation/draft.ts';
import { height } from '../../../../src/params/ids.ts';
import { sampleEpoch, sampleValidator } from '../market.ts';
import { CHAIN_HASH, registrationOf } from './fixtures.ts';

const draft: EpochDraft = { epoch: 2, seats: [3, 1, 5, 0].map((index) => seatOf(registrationOf(index, 2))) };
const [a, b, c, d] = draft.seats;

describe('a draft', () => {
  test('comes back from its encoding; other bytes are no draft', () => {
    const encoded = encodeDraft(draft);
    expect(decodeDraft(encoded)).toEqual(draft);
    fc.assert(
      fc.property(fc.nat({ max: encoded.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = encoded.map((byte, i) => (i === at ? byte ^ flip : byte));
        const read = decodeDraft(changed);
        expect(read === undefined || toHex(draftHash(read)) !== toHex(draftHash(draft))).toBe(true);
      }),
    );
  });

  test('has a session of its own for every chain, epoch, order of seats, key and epoch before', () => {
    const before = sampleEpoch();
    const later = sampleEpoch({ firstHeight: height(9), epoch: 2 });
    const sessions = [
      sessionOf(CHAIN_HASH, draft, before),
      sessionOf(CHAIN_HASH, draft, undefined),
      sessionOf(CHAIN_HASH, draft, later),
      sessionOf(new Uint8Array(32), draft, before),
      sessionOf(CHAIN_HASH, { ...draft, epoch: 3 }, before),
      sessionOf(CHAIN_HASH, { ...draft, seats: [b!, a!, c!, d!] }, before),
      sessionOf(CHAIN_HASH, { ...draft, seats: [a!, b!, c!] }, before),
      sessionOf(CHAIN_HASH, { ...draft, seats: [{ ...a!, address: 'x' }, b!, c!, d!] }, before),
    ];
    expect(new Set(sessions.map((session) => session?.id)).size).toBe(sessions.length);
    expect([sessions[0]?.n, sessions[0]?.degree, sessions[6]?.degree]).toEqual([4, 2, 0]);
  });

  test('of two seats with one encryption key, or with none, is no session', () => {
    const twice = { ...draft, seats: [a!, { ...b!, encryptionKey: a!.encryptionKey }] };
    const none = { ...draft, seats: [{ ...a!, encryptionKey: new Uint8Array(64) }] };
    for (const wrong of [twice, none]) expect(sessionOf(CHAIN_HASH, wrong, undefined)).toBeUndefined();
  });
});

test('an epoch comes back from its encoding; other bytes are no epoch', () => {
  const epoch = sampleEpoch({ validators: [{ ...sampleValidator(1), address: 'a.example:1' }] });
  const encoded = encodeEpoch(epoch);
  expect(decodeEpoch(encoded)).toEqual(epoch);
  for (const wrong of [new Uint8Array(), encoded.subarray(1), new Uint8Array([...encoded, 0])])
    expect(decodeEpoch(wrong)).toBeUndefined();
});
