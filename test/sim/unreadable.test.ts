import { describe, expect, test } from 'vitest';
import { perp, TradingWorld } from '../../src/committee/traders.ts';
import { BASE, decodePoint, encodePoint } from '../../src/crypto/babyjub.ts';
import type { Block } from '../../src/ledger/block.ts';
import { encodeItem } from '../../src/ledger/items.ts';
import { NO_KEY } from '../../src/ledger/opening.ts';
import { Replica } from '../../src/ledger/replica.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { kernels } from '../helpers/kernels.ts';
import { MEDIANS } from '../unit/ledger/market.ts';

/** A committee that orders a good batch and one whose tag is wrong, which only a broken verifier lets pass. */
function committed(n: number, cutOff: readonly number[] = []) {
  const world = new TradingWorld({ kernels, n, seed: 7 });
  const { committee } = world;
  const good = world.batch(0, [perp('buy', 2n)], world.terms(1));
  const made = world.batch(1, [perp('sell', 2n)], world.terms(1));
  const item = { ...made.item, tag: made.item.tag + 1n };
  const signals = made.sealed.signals.map((signal) => (signal === made.item.tag ? item.tag : signal));
  committee.accept(signals, item.proof);
  const who = committee.correct.filter((i) => !cutOff.includes(i));
  for (const i of cutOff) committee.cutOff(i);
  for (const bytes of [good.bytes, encodeItem(item)]) world.submit(bytes, who);
  committee.drain();
  const settlement = world.runHeight(1, MEDIANS, who);
  return { world, committee, settlement, block: committee.view(who[0]!, 1).certified!.block };
}

describe('a batch that the right key does not open', () => {
  test.each([4, 7])(
    'is settled as unreadable at n = %i, alike by validators and replicas, and nobody is blamed',
    (n) => {
      const { committee, settlement, block } = committed(n);
      expect(settlement.receipts.map(({ code }) => code)).toEqual(['SETTLE_UNREADABLE']);
      expect(block.keys.filter((key) => key === NO_KEY)).toHaveLength(1);
      expect(block.shares).toHaveLength(committee.quorum.sharesRequired);
      committee.check(1);
      expect(committee.faults.flat()).toEqual([]);
    },
  );

  test('is taken with its block by a validator that was away, and the next height goes on', () => {
    const { world, committee } = committed(4, [3]);
    committee.heal();
    committee.drain();
    world.submitAll(world.batch(2, [perp('buy', 1n)], world.terms(2)));
    world.runHeight(2, MEDIANS);
    for (const at of [1, 2]) committee.check(at);
    expect(committee.view(3, 1).certified).toBeDefined();
    expect(committee.faults.flat()).toEqual([]);
  });
});

describe('a replica refuses a block', () => {
  const { committee, block } = committed(4);
  const { settlementCertificate } = committee.view(0, 1).certified!;
  const apply = (changed: Block) =>
    new Replica(committee.chain, committee.epoch).apply(changed, settlementCertificate);
  const at = block.keys.indexOf(NO_KEY);
  const first = block.shares[0]!;
  const with0 = (changes: Partial<typeof first>): Block => ({
    ...block,
    shares: [{ ...first, ...changes }, ...block.shares.slice(1)],
  });
  const shifted = (share: Uint8Array) => encodePoint(decodePoint(share)!.add(BASE));

  test('that is right it takes', () => expect(apply(block)).toMatchObject({ height: 1 }));

  test.each<[string, Block]>([
    ['without shares', { ...block, shares: [] }],
    ['with a share too few', { ...block, shares: block.shares.slice(1) }],
    ['with a share twice', { ...block, shares: [...block.shares.slice(1), block.shares.at(-1)!] }],
    ['with its shares in another order', { ...block, shares: [...block.shares].reverse() }],
    ['with a wrong share', with0({ shares: first.shares.map(shifted) })],
    ['with a share that is no point', with0({ shares: first.shares.map(() => new Uint8Array(64).fill(9)) })],
    ['with shares of another validator', with0({ validator: validatorIndex(99) })],
    ['with a proof that does not hold', with0({ dleq: new Uint8Array(64).fill(1) })],
    ['with a share for one batch only', with0({ shares: first.shares.slice(1) })],
    ['that calls a batch unreadable that is not', { ...block, keys: block.keys.map(() => NO_KEY) }],
    ['with any key for the unreadable one', { ...block, keys: block.keys.with(at, encodePoint(BASE)) }],
  ])('%s', (_, changed) => expect(apply(changed)).toBe('REPLAY_ITEMS'));
});
