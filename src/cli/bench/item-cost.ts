import { type Frame, MempoolCommittee, modelBatch, modelIdOf } from '../../experiments/mempool-committee.ts';
import { encodeItem } from '../../ledger/items.ts';
import { MAX_BALLOT_ITEMS } from '../../params/sizes.ts';

/** What bringing an item to all costs, mean over items and validators; its id in each ballot comes on top. */
export interface ItemCost {
  readonly n: number;
  /** Validators to which its trader sent it. */
  readonly sentTo: number;
  /** Sent and received for it: announcements, pulls and answers. */
  readonly bytes: number;
  /** What a model with announcements of an id alone had given, for an item that one validator gets. */
  readonly expected: number | undefined;
  /** From its arrival until it is listable everywhere. */
  readonly delays: number;
  /** Bytes of pulls and answers by those of one copy for each validator that lacks it; undefined if all have it. */
  readonly pulledByNeeded: number | undefined;
}

const EXPECTED: ReadonlyMap<number, number> = new Map([
  [4, 1_120],
  [10, 1_673],
  [31, 3_094],
]);
export const ITEM_SIZES: readonly number[] = [...EXPECTED.keys()];
/** A committee's mempools whose frames all take one delay; ticks come once a delay. */
class Delays {
  readonly committee: MempoolCommittee;
  /** Sent and received by validators, oneself left out. */
  bytes = 0;
  pulled = 0;
  #onLink: Frame[] = [];

  constructor(n: number) {
    this.committee = new MempoolCommittee(n, n, 'held by 2f + 1', (frame) => {
      this.#onLink.push(frame);
    });
  }

  tick(): void {
    this.committee.pools.forEach((_, i) => {
      this.committee.at(i, (pool, out) => pool.tick(out));
    });
  }

  /** A delay: all frames arrive, then everybody's tick. */
  pass(): void {
    const arriving = this.#onLink;
    this.#onLink = [];
    for (const frame of arriving) {
      this.bytes += 2 * frame.bytes;
      if (frame.message.kind !== 'announce') this.pulled += frame.bytes;
      this.committee.deliver(frame);
    }
    this.tick();
  }
}

/** Measures a ballot's worth of items, each sent to `sentTo` validators, whose turn goes round. */
export function itemCost(n: number, sentTo: number): ItemCost {
  const delayed = new Delays(n);
  const { committee } = delayed;
  const items = Array.from({ length: MAX_BALLOT_ITEMS }, (_, i) => encodeItem(modelBatch(i)));
  items.forEach((bytes, i) => {
    for (let k = 0; k < sentTo; k++)
      committee.at((i + k) % n, (pool, out) => {
        pool.offer(bytes, out);
      });
  });
  delayed.tick();
  const ids = items.map((_, i) => modelIdOf(modelBatch(i)));
  let delays = 0;
  while (!committee.pools.every((pool) => ids.every((id) => pool.isListable(id)))) {
    delayed.pass();
    delays += 1;
  }
  const needed = (n - sentTo) * items.reduce((sum, bytes) => sum + bytes.length, 0);
  return {
    n,
    sentTo,
    bytes: delayed.bytes / items.length / n,
    expected: sentTo === 1 ? EXPECTED.get(n) : undefined,
    delays,
    pulledByNeeded: needed === 0 ? undefined : delayed.pulled / needed,
  };
}
