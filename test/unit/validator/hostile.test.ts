import { describe, expect, test } from 'vitest';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { sealWords } from '../../../src/crypto/seal.ts';
import { Prng } from '../../../src/sim/prng.ts';
import { CoinBox } from '../../../src/validator/coin-box.ts';
import { FinishBox, type FinishMessage, type FinishTask } from '../../../src/validator/finish-box.ts';
import type { Message } from '../../../src/validator/messages.ts';
import { Out } from '../../../src/validator/out.ts';
import { idNamed, sampleItem } from '../ledger/batches.ts';
import { contextAt, H1, said, v } from './fixtures.ts';

/** Right messages, wrong ones and ones of wrong lengths, from one validator and from all, in any order: nothing throws. */
const contexts = [0, 1, 2, 3].map((i) => contextAt(4, i));
const SEEDS = 6;

const pick = <T>(prng: Prng, list: readonly T[]): T => list[prng.below(list.length)]!;
/** The bytes, a bit of them changed, others, none, or too many. */
const bent = (prng: Prng, bytes: Uint8Array): Uint8Array => {
  const flipped = bytes.slice();
  if (flipped.length > 0) flipped[prng.below(flipped.length)]! ^= 1 << prng.below(8);
  const others = [
    prng.bytes(bytes.length),
    new Uint8Array(bytes.length),
    new Uint8Array(bytes.length).fill(255),
  ];
  return pick(prng, [bytes, bytes, flipped, ...others, new Uint8Array(0), prng.bytes(bytes.length + 1)]);
};

describe.each([
  ['one validator', [3]],
  ['all', [0, 1, 2, 3]],
])('arbitrary messages of %s', (_who, senders) => {
  test('do not make the coins throw', () => {
    const honest = contexts.map((context) => {
      const out = new Out();
      new CoinBox(context, H1).release(v(1), 2, out);
      return (said(out)[0]!.message as Extract<Message, { kind: 'coin' }>).share;
    });
    for (let seed = 1; seed <= SEEDS; seed++) {
      const prng = new Prng(seed);
      const box = new CoinBox(contexts[0]!, H1);
      const values = new Set<number>();
      for (let k = 0; k < 60; k++) {
        const out = new Out();
        const from = pick(prng, senders);
        const round = pick(prng, [
          2,
          2,
          2,
          2,
          3,
          0,
          -1,
          0.5,
          65,
          66,
          65_536,
          2 ** 32 - 1,
          Number.MAX_SAFE_INTEGER,
        ]);
        const instance = pick(prng, [1, 1, 1, 1, 0, 3, 4, 255]);
        const share = bent(prng, honest[from]!);
        const value = box.add(v(from), { instance, round, share }, pick(prng, [0, 2, 2, undefined]), out);
        if (value !== undefined) values.add(value);
        if (k === 20) box.release(v(1), 2, out);
        for (const { by } of out.faults) expect(senders).toContain(by);
      }
      expect(values.size).toBeLessThanOrEqual(1);
    }
  });

  test('do not make the finish round throw', () => {
    const sealed = sealWords([1n, 2n, 3n], { r: 1000n, Y8: contexts[0]!.items.Y8, context: 9n });
    const batch = {
      item: { id: idNamed(0), item: sampleItem({ ct: sealed.ct, tag: sealed.tag }) },
      context: 9n,
      U: sealed.U,
    };
    const task: FinishTask = { headerHash: hashBytes('header', Uint8Array.of(1)), batches: [batch] };
    const honest = contexts.map((context): FinishMessage => {
      const out = new Out();
      new FinishBox(context, H1).begin(task, out);
      return said(out)[0]!.message as FinishMessage;
    });
    for (let seed = 1; seed <= SEEDS; seed++) {
      const prng = new Prng(seed);
      const box = new FinishBox(contexts[0]!, H1);
      const began = prng.below(4);
      for (let k = 0; k < 8; k++) {
        const out = new Out();
        if (k === began) box.begin(task, new Out());
        const from = pick(prng, senders);
        const { signature, beacon, shares, dleq, word } = honest[from]!;
        const all = shares.map((share) => bent(prng, share));
        box.add(v(from), {
          kind: 'finish',
          height: H1,
          signature: bent(prng, signature),
          beacon: bent(prng, beacon),
          shares: pick(prng, [all, all, all, [], [...all, ...all]]),
          dleq: bent(prng, dleq),
          word: bent(prng, word),
        });
        box.progress(out);
        for (const { by } of out.faults) expect(senders).toContain(by);
      }
    }
  });
});
