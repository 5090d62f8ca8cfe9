import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodePbft,
  encodePbft,
  PBFT_KINDS,
  type PbftMessage,
} from '../../../../src/consensus/pbft/messages.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { open } from './committee.ts';

const bytes = (most: number) => fc.uint8Array({ maxLength: most });
const signed = fc.record({ by: fc.nat(255), signature: bytes(64) });
const certificate = fc.record({
  view: fc.nat(0xffffffff),
  digest: bytes(32),
  signatures: fc.array(signed, { maxLength: 5 }),
});
const message: fc.Arbitrary<PbftMessage> = fc.record({
  kind: fc.constantFrom(...PBFT_KINDS),
  view: fc.nat(40),
  proposer: fc.nat(255),
  payload: bytes(200),
  digest: bytes(32),
  signature: bytes(64),
  certificate,
  changes: fc.array(fc.record({ by: fc.nat(255), signature: bytes(64), prepared: certificate }), {
    maxLength: 5,
  }),
});

test('a message decodes to itself', () => {
  fc.assert(fc.property(message, (each) => void expect(decodePbft(encodePbft(each))).toEqual(each)));
});

test('any bytes, cut or changed, give a message or nothing, and a message gives a step', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.nat(255), (each, where, byte) => {
      const encoded = encodePbft(each);
      const changed = Uint8Array.from(encoded);
      changed[where % changed.length] = byte;
      for (const hostile of [changed, encoded.subarray(0, where % encoded.length), encoded]) {
        const decoded = decodePbft(hostile);
        if (decoded === undefined) continue;
        const machine = open(4, 3);
        machine.propose(Uint8Array.of(1));
        machine.handle(at(where % 4), decoded);
        machine.handle(at((where + 1) % 4), decoded);
      }
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(bytes(300), (hostile) => void decodePbft(hostile)),
    { numRuns: 2000 },
  );
});

test('an unknown kind is no message', () => {
  const encoded = encodePbft({ ...fc.sample(message, { numRuns: 1, seed: 1 })[0]! });
  encoded[0] = PBFT_KINDS.length;
  expect(decodePbft(encoded)).toBeUndefined();
});
