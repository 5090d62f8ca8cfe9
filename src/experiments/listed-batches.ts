import { encodeItem } from '../ledger/items.ts';
import { height as heightOf, type ItemId } from '../params/ids.ts';
import { EventQueue } from '../sim/event-queue.ts';
import { Links } from '../sim/links.ts';
import type { Prng } from '../sim/prng.ts';
import { BatchWaits } from './batch-waits.ts';
import type { HeldView, Onlooker } from './leader-hold.ts';
import { type Frame, type ListRule, MempoolCommittee, modelIdOf } from './mempool-committee.ts';
import { mostHarmful } from './most-harmful.ts';
import { batchOf } from './split-variants.ts';

/** When each victim's batch comes to the first correct validators, and to which. */
export interface HandedIn {
  readonly n: number;
  /** The last validators. */
  readonly censors: number;
  readonly holders: readonly number[];
  readonly timesMs: readonly number[];
  readonly meanMs: number;
}

/** What a frame of the gossip takes on a link without bandwidth limit does not depend on its size. */
const FRAME_BYTES = 400;
const FEE = 1_000n;

/**
 * The correct validators' mempools beside a run of the common subset: batches are announced and pulled over links of the same kind and under the same
 * hold, each validator's ballot of a height lists what its mempool lets it list when it begins the height, and of the ballots there are those are counted that
 * harm most. Censors say nothing of the batches.
 */
export class ListedBatches implements Onlooker {
  readonly waits: BatchWaits;
  readonly #setting: HandedIn;
  readonly #committee: MempoolCommittee;
  readonly #queue = new EventQueue();
  readonly #work: (() => void)[] = [];
  #nowMs = 0;
  /** By height: lists of the correct validators that have begun it. */
  readonly #lists = new Map<number, Map<number, readonly ItemId[]>>();
  readonly #included = new Map<number, readonly ItemId[]>();
  readonly #reached = new Map<number, number>();

  constructor(setting: HandedIn, rule: ListRule, { until }: HeldView, prng: Prng) {
    const { n, censors, holders, timesMs, meanMs } = setting;
    this.#setting = setting;
    const delay = { kind: 'exp', meanMs } as const;
    const links = new Links(n, { delay, holdsUntil: (from, _to, atMs) => until(from, atMs) }, prng);
    this.#committee = new MempoolCommittee(n, n - censors, rule, (frame: Frame) => {
      const atMs = links.arrival(frame.from, frame.to, FRAME_BYTES, this.#nowMs);
      this.#at(atMs, () => this.#committee.deliver(frame));
    });
    const items = timesMs.map((_, i) => batchOf(i, FEE, 0));
    this.waits = new BatchWaits(items.map((item, i) => ({ id: modelIdOf(item), fromMs: timesMs[i]! })));
    items.forEach((item, i) => {
      this.#at(timesMs[i]!, () => {
        for (const holder of holders)
          this.#committee.at(holder, (pool, out) => pool.offer(encodeItem(item), out));
      });
    });
    for (let i = 0; i < n - censors; i++) this.#tick(i, (prng.below(1 << 20) / (1 << 20)) * meanMs);
  }

  #at(atMs: number, work: () => void): void {
    this.#queue.push(atMs, this.#work.push(work) - 1);
  }

  /** Announcements go out once a mean delay. */
  #tick(i: number, atMs: number): void {
    this.#at(atMs, () => {
      this.#committee.at(i, (pool, out) => pool.tick(out));
      this.#tick(i, atMs + this.#setting.meanMs);
    });
  }

  #advance(toMs: number): void {
    while (this.#queue.size > 0 && this.#queue.nextKey <= toMs) {
      this.#nowMs = this.#queue.nextKey;
      this.#work[this.#queue.pop()]!();
    }
    this.#nowMs = toMs;
  }

  began(self: number, height: number, nowMs: number): void {
    this.#advance(nowMs);
    if (self >= this.#committee.pools.length) return;
    for (let h = this.#reached.get(self) ?? 1; h < height; h++) this.#passed(self, h);
    this.#reached.set(self, height);
    const lists = this.#lists.get(height) ?? new Map<number, readonly ItemId[]>();
    this.#lists.set(height, lists.set(self, this.#committee.pools[self]!.list()));
  }

  #passed(self: number, height: number): void {
    const included = this.#includedIn(height);
    this.#committee.at(self, (pool, out) => {
      pool.tallied(this.#lists.get(height)?.get(self) ?? [], included);
      pool.advance(heightOf(height), included, out);
      pool.begin(out);
    });
  }

  /** Decided when the first validator asks: of the ballots that are there by then. */
  #includedIn(height: number): readonly ItemId[] {
    const known = this.#included.get(height);
    if (known !== undefined) return known;
    const lists = [...this.#lists.get(height)!.values()];
    const { items } = mostHarmful(this.#setting, lists, () => true);
    this.#included.set(height, items);
    return items;
  }

  ordered(height: number, nowMs: number): boolean {
    return this.waits.ordered(this.#includedIn(height), nowMs);
  }
}
