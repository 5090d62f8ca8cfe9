import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BitSet, VOTE_KINDS } from '../../../../src/consensus/aba/votes.ts';
import { acsMessageBytes, decodeAcsMessage, encodeAcsMessage } from '../../../../src/consensus/acs/codec.ts';
import type { AcsMessage } from '../../../../src/consensus/acs/frame.ts';
import { ACS_NAMES, acsProtocol, RBC_NAMES } from '../../../../src/consensus/protocol.ts';
import { RBC_KINDS, type RbcKind } from '../../../../src/consensus/rbc/messages.ts';
import { openErasureCode } from '../../../../src/node/erasure-code.ts';
import { validatorIndex } from '../../../../src/params/ids.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
import { MAX_FRAME_BYTES, MAX_PAYLOAD_BYTES } from '../../../../src/params/sizes.ts';

const bytesOf = (kind: RbcKind) => {
  if (kind === 'pull') return fc.constant(new Uint8Array(0));
  const length = kind === 'echo' || kind === 'ready' ? { minLength: 32, maxLength: 32 } : { maxLength: 300 };
  return fc.uint8Array(length);
};
const part = fc
  .constantFrom(...RBC_KINDS)
  .chain((kind) =>
    fc.record({ kind: fc.constant(kind), proposer: fc.nat(99).map(validatorIndex), bytes: bytesOf(kind) }),
  );
const group = (width: number) =>
  fc.record({
    kind: fc.constantFrom(...VOTE_KINDS),
    round: fc.nat(0xffff),
    values: fc.constantFrom<BitSet>(1, 2, 3),
    instances: fc
      .uint8Array({ minLength: width, maxLength: width })
      .filter((bitmap) => bitmap.some((byte) => byte !== 0)),
  });
const frame: fc.Arbitrary<AcsMessage> = fc
  .integer({ min: 1, max: 13 })
  .chain((width) => fc.record({ rbc: fc.array(part), votes: fc.array(group(width)) }))
  .filter(({ rbc, votes }) => rbc.length + votes.length > 0);

const erasure = await openErasureCode();
const protocols = ACS_NAMES.flatMap((acs) => RBC_NAMES.map((rbc) => acsProtocol(acs, rbc, erasure)));

const vote: AcsMessage = {
  rbc: [],
  votes: [{ kind: 'aux', round: 258, values: 2, instances: new Uint8Array([0b1001]) }],
};

describe('the frame codec', () => {
  test('decodes what it encodes, in the stated number of bytes', () => {
    fc.assert(
      fc.property(frame, (message) => {
        const bytes = encodeAcsMessage(message);
        expect(bytes.length).toBe(acsMessageBytes(message));
        expect(decodeAcsMessage(bytes)).toEqual(message);
      }),
    );
  });

  test('a vote of any number of agreements at n ≤ 8 takes nine bytes', () => {
    expect([...encodeAcsMessage(vote)]).toEqual([0, 0, 0, 1, 1, 6, 1, 2, 9]);
  });

  test('only one encoding decodes to a frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const message = decodeAcsMessage(bytes);
        if (message !== undefined) expect(encodeAcsMessage(message)).toEqual(bytes);
      }),
    );
  });

  test('panics on no peer’s bytes: any cut or changed byte gives a frame or undefined', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.nat(255), (message, where, byte) => {
        const bytes = encodeAcsMessage(message);
        const at = where % bytes.length;
        expect(decodeAcsMessage(bytes.subarray(0, at))).toBeUndefined();
        const changed = bytes.slice();
        changed[at] = byte;
        const decoded = decodeAcsMessage(changed);
        if (decoded !== undefined) expect(encodeAcsMessage(decoded)).toEqual(changed);
      }),
    );
  });

  test('refuses an empty frame, a group of no agreement, trailing bytes, and unknown kinds or validators', () => {
    const good = [...encodeAcsMessage(vote)];
    const with_ = (at: number, byte: number): Uint8Array => Uint8Array.from(good.with(at, byte));
    expect(decodeAcsMessage(Uint8Array.from(good))).toEqual(vote);
    expect(decodeAcsMessage(new Uint8Array([0, 0, 0, 0, 0]))).toBeUndefined();
    expect(decodeAcsMessage(new Uint8Array([0, 0, 0, 0, 1]))).toBeUndefined();
    expect(decodeAcsMessage(Uint8Array.from([...good, 0]))).toBeUndefined();
    expect(decodeAcsMessage(with_(8, 0))).toBeUndefined();
    expect(decodeAcsMessage(with_(5, 0))).toBeUndefined();
    expect(decodeAcsMessage(with_(5, 4 * VOTE_KINDS.length + 1))).toBeUndefined();
    expect(decodeAcsMessage(new Uint8Array([0, 1, 0, 0, 0, 3, 99]))).toBeDefined();
    expect(decodeAcsMessage(new Uint8Array([0, 1, 0, 0, 0, 3, 100]))).toBeUndefined();
    expect(decodeAcsMessage(new Uint8Array([0, 1, 0, 0, 0, RBC_KINDS.length, 0]))).toBeUndefined();
  });

  test('refuses payloads, frames and counts beyond their limits before it copies them', () => {
    const propose = (length: number): AcsMessage => ({
      rbc: [{ kind: 'propose', proposer: validatorIndex(0), bytes: new Uint8Array(length) }],
      votes: [],
    });
    expect(decodeAcsMessage(encodeAcsMessage(propose(MAX_PAYLOAD_BYTES)))).toBeDefined();
    expect(decodeAcsMessage(encodeAcsMessage(propose(MAX_PAYLOAD_BYTES + 1)))).toBeUndefined();
    expect(() => encodeAcsMessage(propose(MAX_FRAME_BYTES))).toThrow('limits');
    expect(decodeAcsMessage(new Uint8Array(MAX_FRAME_BYTES + 1))).toBeUndefined();
    expect(decodeAcsMessage(new Uint8Array([0xff, 0xff, 0, 0, 0]))).toBeUndefined();
    expect(decodeAcsMessage(new Uint8Array([0, 0, 0xff, 0xff, 1]))).toBeUndefined();
  });

  test('what it returns shares no memory with the input', () => {
    const bytes = encodeAcsMessage(vote);
    const message = decodeAcsMessage(bytes)!;
    bytes.fill(0);
    expect(message).toEqual(vote);
  });

  test('frames of f peers, whatever is in them, give steps of either subset over either broadcast', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.constantFrom(4, 7, 10), (messages, n) => {
        for (const protocol of protocols) {
          const machine = protocol.create({ n, self: validatorIndex(0), height: 1 });
          for (const [i, message] of messages.entries()) {
            for (const { payload, ...effect } of machine
              .handle(validatorIndex(n - 1 - (i % quorumOf(n).f)), message)
              .effects.flatMap((each) => (each.type === 'validate' ? [each] : []))) {
              machine.validated(effect.proposer, payload.length % 2 === 0);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
