import { describe, expect, test } from 'vitest';
import { usedHeapMiB } from '../../src/cli/heap.ts';
import { perp, TradingWorld } from '../../src/committee/traders.ts';
import type { Faulty } from '../../src/committee/world.ts';
import { encodeItem } from '../../src/ledger/items.ts';
import { height, type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { QUEUE_ENTRY_BYTES } from '../../src/params/sizes.ts';
import { EARLY_BYTES, EarlyBox } from '../../src/validator/early-box.ts';
import { decodeMessage, encodeMessage, type Message } from '../../src/validator/messages.ts';
import { Out } from '../../src/validator/out.ts';
import { kernels } from '../helpers/kernels.ts';

const DELAY_MS = 100;
const ITEMS = 12;
const of = (kind: Message['kind'], bytes: Uint8Array): boolean => decodeMessage(bytes)?.kind === kind;

/** What a liar does to the others' pulls. */
const LIARS: Readonly<Record<string, Faulty>> = {
  'nobody lies': {},
  'one announces what it does not send': { twist: (bytes) => (of('item', bytes) ? [] : [bytes]) },
  'one is silent': { misdeeds: ['silence'] },
  'one sends items with bad proofs': {
    twist: (bytes) => (of('item', bytes) ? [bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1)] : [bytes]),
  },
};

/** A committee over links of half a delay to one and a half, whose ticks come once a delay; each item comes to one correct validator. */
function spread(n: number, seed: number, liar: Faulty) {
  let pulled = 0;
  const isCorrect = (i: number): boolean => i < n - 1;
  const world: TradingWorld = new TradingWorld({
    kernels,
    n,
    seed,
    notesEach: ITEMS / 3,
    faulty: new Map([[n - 1, liar]]),
    more: {
      schedule: { kind: 'links', delay: { kind: 'uniform', fromMs: DELAY_MS / 2, toMs: 1.5 * DELAY_MS } },
      onArrival: (_: ValidatorIndex, to: ValidatorIndex, bytes: Uint8Array) => {
        if (!isCorrect(to) || !of('item', bytes)) return;
        pulled += bytes.length;
      },
    },
  });
  const { committee } = world;
  const items = Array.from({ length: ITEMS }, (_, i) =>
    world.batch(i % 3, [perp('buy', 1n)], world.terms(1)),
  );
  items.forEach(({ bytes }, i) => {
    world.submit(bytes, [i % (n - 1)]);
  });
  const { members, prng } = committee;
  const isEverywhere = (): boolean =>
    committee.correct.every((i) => new Set(committee.admitted[i]).size === ITEMS);
  let ticks = 0;
  for (; !isEverywhere() && ticks < 40; ticks++) {
    for (let i = 0; i < n; i++)
      members.answer(validatorIndex(i), { type: 'announceDue' }, prng.below(DELAY_MS));
    const until = members.nowMs + DELAY_MS;
    while (members.isBusy && members.nowMs < until) members.step();
  }
  const needed = items.reduce((sum, { item }) => sum + (n - 2) * (1 + encodeItem(item).length), 0);
  return { ratio: pulled / needed, ticks, faults: committee.faultsOf(committee.correct) };
}

describe.each([4, 7])('items that one of %i validators got', (n) => {
  test.each(Object.entries(LIARS))(
    'come to all correct ones in at most 1.3 times the bytes needed, though %s',
    (_, liar) => {
      for (const seed of [1, 2]) {
        const { ratio, ticks, faults } = spread(n, seed, liar);
        expect(ticks, `SEED=${seed}`).toBeLessThan(20);
        expect(ratio, `SEED=${seed}`).toBeGreaterThanOrEqual(1);
        expect(ratio, `SEED=${seed}`).toBeLessThanOrEqual(1.3);
        expect(faults).toEqual([]);
      }
    },
  );
});

test('a flood of early frames takes at most twice the memory that is stated, however short they are', () => {
  const empty = encodeMessage({ kind: 'pullBallots', height: height(2), ids: [] });
  const longest = encodeMessage({ kind: 'acs', height: height(2), bytes: new Uint8Array(60_000) });
  for (const frame of [empty, longest]) {
    const box = new EarlyBox();
    const before = usedHeapMiB();
    let kept = 0;
    for (let peer = 0; peer < 3; peer++)
      for (let out = new Out(); out.faults.length === 0; kept++)
        box.keep({ from: validatorIndex(peer), at: height(2), frame: frame.slice() }, height(1), out);
    const stated = (3 * EARLY_BYTES) / 2 ** 20;
    expect(usedHeapMiB() - before).toBeLessThan(2 * stated);
    expect(kept).toBeGreaterThan((0.9 * 3 * EARLY_BYTES) / (frame.length + QUEUE_ENTRY_BYTES));
    expect(box.state().length).toBeGreaterThan(0);
  }
});
