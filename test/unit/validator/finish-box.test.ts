import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../../src/base/bytes.ts';
import { shifted } from '../../../src/committee/faulty.ts';
import { decodePoint } from '../../../src/crypto/babyjub.ts';
import { verifyCertificate } from '../../../src/crypto/certificate.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { sealWords } from '../../../src/crypto/seal.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import { FinishBox, type FinishMessage, type FinishTask } from '../../../src/validator/finish-box.ts';
import { Out } from '../../../src/validator/out.ts';
import { idNamed, sampleItem } from '../ledger/batches.ts';
import { contextAt, dealt, H1, said, v } from './fixtures.ts';

/** Two sealed batches, an honest finish message of each of four validators, and the words that were sealed. */
const WORDS = [
  [1n, 2n, 3n],
  [4n, 5n, 6n],
] as const;
const contexts = [0, 1, 2, 3].map((i) => contextAt(4, i));
const sealed = WORDS.map((words, i) =>
  sealWords(words, { r: 1000n + BigInt(i), Y8: contexts[0]!.items.Y8, context: 9n }),
);
const task: FinishTask = {
  headerHash: hashBytes('header', Uint8Array.of(1)),
  batches: sealed.map(({ U, ct, tag }, i) => ({
    item: { id: idNamed(i), item: sampleItem({ ct, tag }) },
    context: 9n,
    U,
  })),
};
const honest = contexts.map((context): FinishMessage => {
  const out = new Out();
  new FinishBox(context, H1).begin(task, out);
  return said(out)[0]!.message as FinishMessage;
});

/** Runs validator 0's box on messages in this order. */
function run(messages: readonly (readonly [number, FinishMessage])[], beginAt = 0) {
  const box = new FinishBox(contexts[0]!, H1);
  const out = new Out();
  messages.forEach(([from, message], i) => {
    if (i === beginAt) box.begin(task, new Out());
    box.add(v(from), message);
    box.progress(out);
  });
  return { box, faults: out.faults.map(({ by, fault }) => [by, fault]) };
}

const shiftFirst = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from([...shifted(bytes.subarray(0, 64)), ...bytes.subarray(64)]);
const flip = (bytes: Uint8Array): Uint8Array => bytes.with(40, bytes[40]! ^ 1);
const reference = run([0, 1, 2, 3].map((i) => [i, honest[i]!] as const)).box;

/** What a liar may do to its message, and the fault it is blamed with where the lie is met. */
const LIES: Readonly<Record<string, readonly [string, (m: FinishMessage) => FinishMessage]>> = {
  'a shifted beacon share': ['BEACON_SHARE_INVALID', (m) => ({ ...m, beacon: shiftFirst(m.beacon) })],
  'a beacon share of zeros': ['BEACON_SHARE_INVALID', (m) => ({ ...m, beacon: new Uint8Array(128) })],
  'its first decryption share shifted': [
    'DECRYPTION_SHARE_INVALID',
    (m) => ({ ...m, shares: [shifted(m.shares[0]!), m.shares[1]!] }),
  ],
  'its last decryption share shifted': [
    'DECRYPTION_SHARE_INVALID',
    (m) => ({ ...m, shares: [m.shares[0]!, shifted(m.shares[1]!)] }),
  ],
  'its shares exchanged': ['DECRYPTION_SHARE_INVALID', (m) => ({ ...m, shares: [...m.shares].reverse() })],
  'a share off the curve': [
    'FINISH_MALFORMED',
    (m) => ({ ...m, shares: [new Uint8Array(64).fill(7), m.shares[1]!] }),
  ],
  'a share too few': ['FINISH_MALFORMED', (m) => ({ ...m, shares: m.shares.slice(1) })],
  'a share too many': ['FINISH_MALFORMED', (m) => ({ ...m, shares: [...m.shares, m.shares[0]!] })],
  'a flipped header signature': ['HEADER_SIGNATURE_INVALID', (m) => ({ ...m, signature: flip(m.signature) })],
  'a header signature of zeros': [
    'HEADER_SIGNATURE_INVALID',
    (m) => ({ ...m, signature: new Uint8Array(96) }),
  ],
};

describe('the finish round', () => {
  test('opens the batches, gives a beacon and a certificate that verifies', () => {
    expect(reference.opened!.map(({ words }) => words)).toEqual(WORDS);
    expect(reference.opened!.every(({ K }, i) => K.equals(sealed[i]!.K))).toBe(true);
    const keys = dealt(4).epoch.validators.map(({ blsKey }) => blsKey);
    expect(verifyCertificate(keys, task.headerHash, reference.certificate!, 3)).toBe(true);
  });

  test('gives the same from any three of four, in any order, also when they come before the height is ordered', () => {
    for (const without of [0, 1, 2, 3]) {
      const who = [3, 2, 1, 0].filter((i) => i !== without);
      const { box, faults } = run(
        who.map((i) => [i, honest[i]!] as const),
        2,
      );
      expect(box.opened!.map(({ words }) => words)).toEqual(WORDS);
      expect(equalBytes(box.beacon!, reference.beacon!)).toBe(true);
      expect(box.certificate?.signers).toEqual([0, 1, 2, 3].map((i) => i !== without));
      expect(faults).toEqual([]);
    }
  });

  test.each(Object.entries(LIES))('a liar with %s harms nobody, wherever it comes in', (_, [fault, lie]) => {
    for (const place of [0, 1, 2, 3]) {
      const liar = (place + 1) % 4;
      const order = [0, 1, 2, 3].filter((i) => i !== liar);
      order.splice(place, 0, liar);
      const { box, faults } = run(order.map((i) => [i, i === liar ? lie(honest[i]!) : honest[i]!] as const));
      expect(box.opened?.map(({ words }) => words)).toEqual(WORDS);
      expect(equalBytes(box.beacon!, reference.beacon!)).toBe(true);
      const keys = dealt(4).epoch.validators.map(({ blsKey }) => blsKey);
      expect(verifyCertificate(keys, task.headerHash, box.certificate!, 3)).toBe(true);
      // Last in the row, a lie about what three others sufficed for is not looked at.
      if (place < 3) expect(faults).toEqual([[liar, fault]]);
      else expect(faults.every(([by, code]) => by === liar && code === fault)).toBe(true);
    }
  });

  test('waits, and makes nothing, while one of the three it has is a liar', () => {
    for (const [, lie] of Object.values(LIES)) {
      const { box } = run([
        [1, honest[1]!],
        [2, lie(honest[2]!)],
        [3, honest[3]!],
      ]);
      expect([box.opened, box.beacon, box.certificate]).toContain(undefined);
    }
  });

  test('the first message of a validator counts, another one changes nothing', () => {
    const { box, faults } = run([
      [1, honest[1]!],
      [1, honest[1]!],
      [1, { ...honest[1]!, signature: flip(honest[1]!.signature) }],
      [2, honest[2]!],
      [3, honest[3]!],
    ]);
    expect(faults).toEqual([]);
    expect(box.certificate).toBeDefined();
  });

  test('shares of another header do not pass: their DLEQ is bound to it', () => {
    const other = { ...task, headerHash: hashBytes('header', Uint8Array.of(2)) };
    const out = new Out();
    new FinishBox(contexts[2]!, H1).begin(other, out);
    const foreign = said(out)[0]!.message as FinishMessage;
    expect(foreign.shares).toEqual(honest[2]!.shares);
    // Shares are judged only where a combination fails: validator 1 sees to that.
    const shiftedShares = [shifted(honest[1]!.shares[0]!), honest[1]!.shares[1]!];
    const { faults } = run([
      [2, { ...honest[2]!, dleq: foreign.dleq }],
      [1, { ...honest[1]!, shares: shiftedShares }],
      [3, honest[3]!],
      [0, honest[0]!],
    ]);
    expect(faults).toEqual([
      [2, 'DECRYPTION_SHARE_INVALID'],
      [1, 'DECRYPTION_SHARE_INVALID'],
    ]);
  });

  test('a seal whose tag is a lie opens to nothing at everybody, and nobody is blamed', () => {
    const lying = {
      ...task,
      batches: task.batches.map((b, i) =>
        i === 0 ? b : { ...b, item: { ...b.item, item: sampleItem({ tag: 1n }) } },
      ),
    };
    const messages = contexts.map((context) => {
      const out = new Out();
      new FinishBox(context, H1).begin(lying, out);
      return said(out)[0]!.message as FinishMessage;
    });
    const box = new FinishBox(contexts[0]!, H1);
    const out = new Out();
    box.begin(lying, new Out());
    for (const [i, message] of messages.entries()) box.add(validatorIndex(i), message);
    box.progress(out);
    expect(box.opened!.map(({ words }) => words)).toEqual([WORDS[0], undefined]);
    expect(out.faults).toEqual([]);
  });

  test('a height without items needs no shares and has its beacon', () => {
    const empty = { headerHash: task.headerHash, batches: [] };
    const box = new FinishBox(contexts[0]!, H1);
    const out = new Out();
    box.begin(empty, new Out());
    contexts.forEach((context, i) => {
      const sent = new Out();
      new FinishBox(context, H1).begin(empty, sent);
      box.add(validatorIndex(i), said(sent)[0]!.message as FinishMessage);
    });
    box.progress(out);
    expect(box.opened).toEqual([]);
    expect(equalBytes(box.beacon!, reference.beacon!)).toBe(true);
  });

  test('random points and bytes never make it throw', () => {
    const random = seededRandom(new Uint8Array(32).fill(3));
    for (let i = 0; i < 20; i++) {
      const garbage: FinishMessage = {
        ...honest[2]!,
        signature: random(96),
        beacon: random(128),
        shares: [honest[2]!.shares[0]!, i % 2 === 0 ? random(64) : honest[2]!.shares[1]!],
        dleq: random(64),
      };
      const { box } = run([
        [2, garbage],
        [1, honest[1]!],
        [3, honest[3]!],
        [0, honest[0]!],
      ]);
      expect(box.opened?.map(({ words }) => words)).toEqual(WORDS);
      expect(decodePoint(garbage.shares[0]!)).toBeDefined();
    }
  });
});
