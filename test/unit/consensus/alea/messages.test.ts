import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VOTE_KINDS } from '../../../../src/consensus/aba/votes.ts';
import { AleaBft } from '../../../../src/consensus/alea/alea.ts';
import {
  ALEA_KINDS,
  type AleaMessage,
  aleaMessage,
  aleaMessageBytes,
  decodeAlea,
  encodeAlea,
} from '../../../../src/consensus/alea/messages.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { MAX_PAYLOAD_BYTES } from '../../../../src/params/sizes.ts';
import { oracleSignatures } from '../../../../src/sim/oracle-signatures.ts';

const bytes = (most: number) => fc.uint8Array({ maxLength: most });
const signed = fc.record({ by: fc.nat(255), signature: bytes(64) });
const group = fc.record({
  kind: fc.constantFrom(...VOTE_KINDS),
  round: fc.nat(0xffff),
  values: fc.constantFrom(1 as const, 2 as const),
  instances: fc.uint8Array({ minLength: 1, maxLength: 1, min: 1 }),
});
const message: fc.Arbitrary<AleaMessage> = fc
  .record({
    kind: fc.constantFrom(...ALEA_KINDS),
    proposer: fc.nat(6),
    bytes: bytes(80),
    certificate: fc.record({
      view: fc.nat(6),
      digest: bytes(32),
      signatures: fc.array(signed, { maxLength: 5 }),
    }),
    votes: fc.array(group, { minLength: 1, maxLength: 4 }),
  })
  .map(({ kind, proposer, bytes, certificate, votes }) => {
    if (kind === 'votes') return aleaMessage({ kind, frame: { rbc: [], votes } });
    if (kind === 'list') return aleaMessage({ kind, bytes });
    if (kind === 'final') return aleaMessage({ kind, proposer, certificate });
    if (kind === 'seek' || kind === 'fill-gap') return aleaMessage({ kind, proposer });
    return aleaMessage({ kind, proposer, bytes });
  });

test('a message decodes to itself, and its length is known without the encoding', () => {
  fc.assert(
    fc.property(message, (each) => {
      const encoded = encodeAlea(each);
      expect(aleaMessageBytes(each)).toBe(encoded.length);
      expect(decodeAlea(encoded)).toEqual(each);
    }),
  );
});

test('any bytes, cut or changed, give a message or nothing, and a message gives a step', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.nat(255), (each, where, byte) => {
      const encoded = encodeAlea(each);
      const changed = Uint8Array.from(encoded);
      changed[where % changed.length] = byte;
      for (const hostile of [changed, encoded.subarray(0, where % encoded.length), encoded]) {
        const decoded = decodeAlea(hostile);
        if (decoded === undefined) continue;
        expect(encodeAlea(decoded)).toEqual(hostile);
        const machine = new AleaBft({
          n: 4,
          self: at(3),
          height: 0,
          authenticator: oracleSignatures(1, at(3)),
        });
        machine.propose(Uint8Array.of(1));
        machine.handle(at(where % 4), decoded);
        machine.handle(at((where + 1) % 4), decoded);
      }
    }),
  );
});

test('bytes where a kind has none, a proposal too long, broadcast parts and a queue of votes are none', () => {
  const kindOf = (kind: AleaMessage['kind']): number => ALEA_KINDS.indexOf(kind);
  expect(decodeAlea(Uint8Array.of(kindOf('seek'), 1, 0))).toBeUndefined();
  expect(decodeAlea(Uint8Array.of(kindOf('fill-gap'), 1, 0))).toBeUndefined();
  const long = new Uint8Array(MAX_PAYLOAD_BYTES + 3);
  long[0] = kindOf('send');
  expect(decodeAlea(long)).toBeUndefined();
  expect(decodeAlea(long.subarray(1, 3))).toBeDefined();
  const votes = encodeAlea(
    aleaMessage({
      kind: 'votes',
      frame: { rbc: [{ kind: 'pull', proposer: at(1), bytes: new Uint8Array(0) }], votes: [] },
    }),
  );
  expect(decodeAlea(votes)).toBeUndefined();
  expect(decodeAlea(Uint8Array.of(kindOf('list'), 1, 7))).toBeUndefined();
  expect(decodeAlea(Uint8Array.of(ALEA_KINDS.length, 0))).toBeUndefined();
  expect(decodeAlea(new Uint8Array(0))).toBeUndefined();
});
