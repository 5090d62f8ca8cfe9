import { describe, expect, test } from 'vitest';
import { FAULTY } from '../../src/committee/faulty.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { perp } from '../../src/committee/traders.ts';
import { decodeEnd } from '../../src/host/epoch-start.ts';
import { replayRules } from '../../src/ledger/replay.ts';
import { height } from '../../src/params/ids.ts';
import { takeBorder } from '../../src/validator/border.ts';
import { borderOf, firstEpoch, LAST, nextEpoch, runEpochHeights } from './border-world.ts';

describe('an epoch ends at its last height, and the next one goes on from there', () => {
  test.each([
    ['4 validators, then 7', 4, 7, 'stem'],
    ['1, then 4', 1, 4, 'direct'],
  ] as const)('orders settle in both, and a replica comes to the same: %s', (_, n, m, dissemination) => {
    const world = firstEpoch({ n, seed: 1, dissemination });
    runEpochHeights(world, 1, LAST);
    const { epoch } = world.committee;
    expect([...world.committee.over]).toHaveLength(n);
    nextEpoch(world, { n: m, seed: 2, dissemination });
    runEpochHeights(world, LAST + 1, LAST + 2);
    expect(world.committee.epoch.decryptionKey.publicKey.equals(epoch.decryptionKey.publicKey)).toBe(true);
  });

  test('a batch sealed before the border is offered again, ordered after it, and opens', () => {
    const world = firstEpoch({ n: 4, seed: 3 });
    runEpochHeights(world, 1, LAST - 1);
    const [buy, sell] = [
      world.batch(0, [perp('buy', 2n)], world.terms(LAST)),
      world.batch(1, [perp('sell', 2n)], world.terms(LAST)),
    ];
    world.runHeight(LAST, moved(LAST));
    expect(world.committee.over.size).toBe(4);
    const { hosts } = world.committee.members;
    // Too late for this epoch: who is over takes no item.
    world.submitAll(buy);
    expect(hosts.map((host) => host!.legacy!.items.length)).toEqual([0, 0, 0, 0]);
    nextEpoch(world, { n: 4, seed: 4 });
    world.submitAll(buy, sell);
    expect(world.runHeight(LAST + 1, moved(LAST + 1)).fills).toHaveLength(2);
  });

  test('what waits at the border is left to the next epoch', () => {
    const world = firstEpoch({ n: 4, seed: 5 });
    runEpochHeights(world, 1, LAST - 1);
    const later = world.batch(0, [perp('buy', 2n)], world.terms(LAST));
    const { committee } = world;
    // The last height is ordered here already.
    committee.onDelivery = () => {
      if (committee.view(2, LAST).ordered === undefined || committee.over.has(2)) return;
      committee.onDelivery = () => {};
      world.submit(later.bytes, [2]);
    };
    world.runHeight(LAST, moved(LAST));
    const items = committee.members.hosts.map((host) => host!.legacy!.items);
    expect(items.flat()).toEqual([later.bytes]);
  });
});

describe('a border that somebody shows', () => {
  const world = firstEpoch({ n: 4, seed: 7 });
  runEpochHeights(world, 1, LAST);
  const { chain, epoch, members } = world.committee;
  const rules = replayRules(chain, epoch);
  const store = members.stores[1]!;
  const shown = { ...decodeEnd(store.end()!)!, block: store.block(height(LAST))! };

  test('is taken by who has the configuration of the epoch, and is that of its validators', () => {
    expect(takeBorder(rules, height(LAST), shown)).toEqual(borderOf(world.committee));
  });

  test('is refused if any part is of another height or changed', () => {
    const take = (changes: Partial<typeof shown>) =>
      takeBorder(rules, height(LAST), { ...shown, ...changes });
    expect(take({ block: store.block(height(LAST - 1))! })).toBe('BORDER_HEIGHT');
    for (const part of ['ordering', 'settlement', 'block'] as const) {
      for (let at = 0; at < shown[part].length; at += 1 + Math.floor(shown[part].length / 12)) {
        const bytes = shown[part].with(at, shown[part][at]! ^ (1 << (at % 8)));
        const taken = take({ [part]: bytes });
        // The signature and K of a block may be changed in ways that are seen, but never to another border.
        if (typeof taken !== 'string') expect(taken).toEqual(borderOf(world.committee));
      }
    }
  });

  test('is refused by who follows another committee', () => {
    const other = { ...rules, epoch: { ...epoch, validators: epoch.validators.slice(1) } };
    expect(takeBorder(other, height(LAST), shown)).toBe('REPLAY_CERTIFICATE');
  });
});

test('frames of the epoch before do no harm in the next one', () => {
  const world = firstEpoch({ n: 4, seed: 9 });
  runEpochHeights(world, 1, LAST);
  const { frames } = world.committee;
  const faulty = new Map([[3, { twist: FAULTY['frames with a flipped bit']!.faulty.twist! }]]);
  nextEpoch(world, { n: 4, seed: 10, faulty });
  for (const { from, to, bytes } of frames)
    if (from === 3 && to !== 3) world.committee.members.inject(from, to, bytes);
  world.committee.drain();
  runEpochHeights(world, LAST + 1, LAST + 2);
});
