import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HotStuff } from '../../../../src/consensus/hotstuff/hotstuff.ts';
import {
  decodeHotStuff,
  encodeHotStuff,
  HOTSTUFF_KINDS,
  type HotStuffMessage,
} from '../../../../src/consensus/hotstuff/messages.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { oracleSignatures } from '../../../../src/sim/oracle-signatures.ts';

const bytes = (most: number) => fc.uint8Array({ maxLength: most });
const signed = fc.record({ by: fc.nat(255), signature: bytes(64) });
const message: fc.Arbitrary<HotStuffMessage> = fc.record({
  kind: fc.constantFrom(...HOTSTUFF_KINDS),
  view: fc.nat(200),
  payload: fc.option(bytes(200), { nil: undefined }),
  digest: bytes(32),
  signature: bytes(64),
  certificate: fc.record({
    view: fc.nat(0xffffffff),
    digest: bytes(32),
    signatures: fc.array(signed, { maxLength: 5 }),
  }),
});

test('a message decodes to itself', () => {
  fc.assert(fc.property(message, (each) => void expect(decodeHotStuff(encodeHotStuff(each))).toEqual(each)));
});

test('any bytes, cut or changed, give a message or nothing, and a message gives a step', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.nat(255), (each, where, byte) => {
      const encoded = encodeHotStuff(each);
      const changed = Uint8Array.from(encoded);
      changed[where % changed.length] = byte;
      for (const hostile of [changed, encoded.subarray(0, where % encoded.length), encoded]) {
        const decoded = decodeHotStuff(hostile);
        if (decoded === undefined) continue;
        const machine = new HotStuff({
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
    { numRuns: 500 },
  );
});

test('an unknown kind is no message', () => {
  const encoded = encodeHotStuff(fc.sample(message, { numRuns: 1, seed: 1 })[0]!);
  encoded[0] = HOTSTUFF_KINDS.length;
  expect(decodeHotStuff(encoded)).toBeUndefined();
});
