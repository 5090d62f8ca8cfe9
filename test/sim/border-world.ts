import { expect } from 'vitest';
import type { Dealt } from '../../src/committee/dealer.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import { CommitteeWorld, type WorldOptions } from '../../src/committee/world.ts';
import { beginEpoch } from '../../src/host/epoch-start.ts';
import { MemoryStore } from '../../src/host/memory-store.ts';
import { height, validatorIndex } from '../../src/params/ids.ts';
import type { Border } from '../../src/validator/border.ts';
import { reshare } from '../helpers/resharing.ts';
import { trade } from './committee-heights.ts';

/** The last height of epoch 1 here. */
export const LAST = 2;

export type BorderOptions = Omit<
  WorldOptions,
  'notes' | 'notesTotal' | 'dealt' | 'before' | 'lastHeight' | 'registry'
>;

/** A committee whose epoch ends with height LAST. */
export const firstEpoch = (options: BorderOptions): TradingWorld =>
  new TradingWorld({ ...options, registry: 10, notesEach: 4, lastHeight: height(LAST) });

export const dealtOf = ({ chain, epoch, secrets, bridgeSecret }: CommitteeWorld): Dealt => ({
  chain,
  epoch,
  secrets,
  bridgeSecret,
  rootSecrets: [],
});

/** What every correct validator of an epoch that is over leaves, which is the same at all. */
export function borderOf({ members, correct }: CommitteeWorld): Border {
  const [first, ...others] = correct.map((i) => members.hosts[i]!.legacy!.border);
  for (const other of others) expect(other).toEqual(first);
  return first!;
}

/** The next epoch: keys by resharing, each member on a store of its own that begins with the border. */
export function nextEpoch(
  world: TradingWorld,
  options: BorderOptions,
  border = borderOf(world.committee),
): void {
  const { dealt } = reshare(dealtOf(world.committee), options.n, LAST + 1);
  const stores = dealt.secrets.map((secrets, i) => {
    const store = new MemoryStore();
    const { chain, epoch } = dealt;
    const { dissemination = 'direct' } = options;
    beginEpoch(store, { chain, epoch, self: validatorIndex(i), secrets, dissemination }, border);
    return store;
  });
  const before = world.committee;
  const more = { ...options.more, stores };
  world.enter(new CommitteeWorld({ ...options, dealt, before, more }));
}

/** Heights of one epoch, with trades in each; every validator comes to what the replica comes to. */
export function runEpochHeights(world: TradingWorld, from: number, to: number): void {
  for (let at = from; at <= to; at++) {
    trade(world, at);
    expect(world.runHeight(at, moved(at)).fills.length).toBeGreaterThan(0);
    world.committee.check(at);
  }
}
