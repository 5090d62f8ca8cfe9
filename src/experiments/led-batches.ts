import { type ItemId, itemId } from '../params/ids.ts';
import type { Prng } from '../sim/prng.ts';
import { BatchWaits } from './batch-waits.ts';
import type { HeldView, Onlooker } from './leader-hold.ts';
import type { HandedIn } from './listed-batches.ts';

export interface Leading {
  /** A validator gives a leader so long for a batch that it holds; undefined without timers of requests. */
  readonly requestMs: number | undefined;
  readonly timeoutMs: number;
  /** A censor that leads leaves batches out for good, or until it would be voted out for them. */
  readonly censor: 'leaves out' | 'is slow';
}

/** A censor that is only slow proposes a batch when its time is up but for so many mean delays. */
const MARGIN_DELAYS = 8;

/**
 * Victims' batches beside a run of PBFT: whoever gets one from its trader passes it on to all, a correct leader proposes all that it holds when it begins
 * to lead, be it a height or a later view of one. With timers of requests a validator waits for the leader of a height for as long as its oldest batch has left: a time-out from when
 * it came, or from when this leader began to lead if that is later.
 */
export class LedBatches implements Onlooker {
  readonly waits: BatchWaits;
  /** Heights whose proposer is another one than that of the height before. */
  changes = 0;
  readonly #setting: HandedIn;
  readonly #leading: Leading;
  readonly #view: HeldView;
  readonly #prng: Prng;
  /** By batch: when it comes to each correct validator. */
  readonly #arrivals = new Map<ItemId, readonly number[]>();
  /** By height and validator: what it proposes. */
  readonly #proposals = new Map<string, readonly ItemId[]>();
  readonly #included = new Set<ItemId>();
  readonly #tenures = new Map<number, { readonly leader: number; readonly fromMs: number }>();

  constructor(setting: HandedIn, leading: Leading, view: HeldView, prng: Prng) {
    this.#setting = setting;
    this.#leading = leading;
    this.#view = view;
    this.#prng = prng;
    this.waits = new BatchWaits(
      setting.timesMs.map((fromMs, i) => ({ id: itemId(i.toString(16).padStart(64, '0')), fromMs })),
    );
  }

  get #correct(): number {
    return this.#setting.n - this.#setting.censors;
  }

  /** Batches handed in by now come to their holders at once and from these to all others, as far as the adversary lets them. */
  #handIn(nowMs: number): void {
    const { holders, meanMs } = this.#setting;
    for (const { id, fromMs } of this.waits.victims) {
      if (fromMs > nowMs || this.#arrivals.has(id)) continue;
      const arrivals = Array.from({ length: this.#correct }, (_, to) => {
        if (holders.includes(to)) return fromMs;
        const delays = holders.map(() => -meanMs * Math.log(1 - this.#prng.uint32() / 2 ** 32));
        return Math.min(...holders.map((from, i) => this.#view.until(from, fromMs) + delays[i]!));
      });
      this.#arrivals.set(id, arrivals);
    }
  }

  /** Batches that wait at a validator, oldest first. */
  #waiting(self: number, nowMs: number): { readonly id: ItemId; readonly fromMs: number }[] {
    return [...this.#arrivals]
      .map(([id, arrivals]) => ({ id, fromMs: arrivals[self]! }))
      .filter(({ id, fromMs }) => fromMs <= nowMs && !this.#included.has(id))
      .sort((a, b) => a.fromMs - b.fromMs);
  }

  began(self: number, height: number, nowMs: number): void {
    this.#handIn(nowMs);
    for (const id of this.#proposed(height - 1)) this.#included.add(id);
    const leader = this.#view.leaderOf(height);
    if (this.#tenures.get(self)?.leader !== leader) this.#tenures.set(self, { leader, fromMs: nowMs });
    this.#propose(self, height, nowMs);
  }

  entered(self: number, height: number, view: number, nowMs: number): void {
    if ((this.#view.leaderOf(height) + view) % this.#setting.n !== self) return;
    this.#handIn(nowMs);
    this.#propose(self, height, nowMs);
  }

  #propose(self: number, height: number, nowMs: number): void {
    const isCensor = self >= this.#correct;
    const batches = isCensor ? this.#conceded(nowMs) : this.#waiting(self, nowMs).map(({ id }) => id);
    this.#proposals.set(`${height}/${self}`, batches);
  }

  /** What a censor must propose now so that no correct validator's time for it is up before. */
  #conceded(nowMs: number): ItemId[] {
    const { censor } = this.#leading;
    if (censor === 'leaves out') return [];
    const ids = Array.from({ length: this.#correct }, (_, i) => i).flatMap((i) =>
      this.#waiting(i, nowMs)
        .filter(({ fromMs }) => this.#dueMs(i, fromMs) - nowMs <= MARGIN_DELAYS * this.#setting.meanMs)
        .map(({ id }) => id),
    );
    return [...new Set(ids)];
  }

  #dueMs(self: number, fromMs: number): number {
    return (
      Math.max(fromMs, this.#tenures.get(self)?.fromMs ?? 0) +
      (this.#leading.requestMs ?? Number.POSITIVE_INFINITY)
    );
  }

  #proposed(height: number): readonly ItemId[] {
    return this.#view
      .proposersOf(height)
      .flatMap((proposer) => this.#proposals.get(`${height}/${proposer}`) ?? []);
  }

  ordered(height: number, nowMs: number): boolean {
    const [before, now] = [this.#view.proposersOf(height - 1)[0], this.#view.proposersOf(height)[0]];
    if (before !== undefined && before !== now) this.changes += 1;
    return this.waits.ordered(this.#proposed(height), nowMs);
  }

  patienceMs(self: number, _height: number, nowMs: number): number {
    const { timeoutMs } = this.#leading;
    this.#handIn(nowMs);
    const oldest = self < this.#correct ? this.#waiting(self, nowMs)[0] : undefined;
    if (oldest === undefined) return timeoutMs;
    return Math.min(timeoutMs, Math.max(0, this.#dueMs(self, oldest.fromMs) - nowMs));
  }
}
