import { compareBytes } from '../base/bytes.ts';
import type { ItemId, ItemKey } from '../params/ids.ts';
import {
  MAX_LISTED_IN_VAIN,
  MAX_MEMPOOL_ITEMS,
  MAX_MEMPOOL_OFFICE,
  MAX_MEMPOOL_TRANSFERS,
} from '../params/sizes.ts';
import { type Bid, bidOf } from './bid.ts';
import type { HeldItem } from './item-proofs.ts';
import { classOf, type ItemClass, type ListCandidate, placeOf } from './listing.ts';
import { readItem } from './written.ts';

/** A valid item that waits to be ordered. */
export interface Kept extends HeldItem, Bid {
  /** Whether a ballot of one's own listed it: then it is not dropped for want of room. */
  isListed: boolean;
}

/** Items of a class, at most. */
const MOST: Readonly<Record<ItemClass, number>> = {
  office: MAX_MEMPOOL_OFFICE,
  transfer: MAX_MEMPOOL_TRANSFERS,
  batch: MAX_MEMPOOL_ITEMS - MAX_MEMPOOL_TRANSFERS,
};

/** Items that wait, as plain data; items as their bytes. */
export type KeptItemsState = {
  readonly held: ReadonlyMap<ItemId, { readonly bytes: Uint8Array; readonly isListed: boolean }>;
  readonly pinned: ReadonlyMap<ItemId, Uint8Array>;
  readonly vain: ReadonlyMap<ItemKey, number>;
};

/**
 * Items that were found valid, in the order in which they came, one of each key; and what one's own ballot of the height in
 * progress lists, which is kept until the height is ordered though another of its key may have taken its place.
 * Bounds: MAX_MEMPOOL_ITEMS, MAX_MEMPOOL_TRANSFERS of them transfers and the rest batches; MAX_MEMPOOL_OFFICE registrations and dealings; MAX_BALLOT_ITEMS listed ones besides.
 */
export class KeptItems {
  readonly #held = new Map<ItemId, Kept>();
  readonly #keys = new Map<ItemKey, ItemId>();
  /** What the own ballot of the height in progress lists. */
  readonly #pinned = new Map<ItemId, HeldItem>();
  /** By key: heights in which one's own ballot was counted and listed it, and it was not accepted. */
  readonly #vain = new Map<ItemKey, number>();

  /** May share memory: encode it before the next input. */
  state(): KeptItemsState {
    return {
      held: new Map([...this.#held].map(([id, { bytes, isListed }]) => [id, { bytes, isListed }])),
      pinned: new Map([...this.#pinned].map(([id, { bytes }]) => [id, bytes])),
      vain: this.#vain,
    };
  }

  /** What goes on from there. */
  static restore({ held, pinned, vain }: KeptItemsState): KeptItems {
    const items = new KeptItems();
    for (const [id, { bytes, isListed }] of held) items.put(readItem(id, bytes), isListed);
    for (const [id, bytes] of pinned) items.#pinned.set(id, readItem(id, bytes));
    for (const [key, count] of vain) items.#vain.set(key, count);
    return items;
  }

  get(id: ItemId): Kept | undefined {
    return this.#held.get(id);
  }

  /** A held item, or one that the own ballot of the height in progress lists. */
  find(id: ItemId): HeldItem | undefined {
    const kept = this.#held.get(id);
    return kept === undefined ? this.#pinned.get(id) : plain(kept);
  }

  ofKey(key: ItemKey): Kept | undefined {
    const id = this.#keys.get(key);
    return id === undefined ? undefined : this.#held.get(id);
  }

  /** In the order in which they came. */
  all(): Kept[] {
    return [...this.#held.values()];
  }

  byKey(): ReadonlyMap<ItemKey, Kept> {
    return new Map(this.all().map((kept) => [kept.key, kept]));
  }

  /** The key is free, and there is room. */
  put({ id, item, bytes }: HeldItem, isListed = false): void {
    const bid = bidOf(id, item);
    this.#held.set(id, { ...bid, item, bytes, isListed });
    this.#keys.set(bid.key, id);
  }

  /** @param isGone whether nothing of its key waits any more */
  drop({ id, key }: Kept, isGone = true): void {
    this.#held.delete(id);
    this.#keys.delete(key);
    if (isGone) this.#vain.delete(key);
  }

  /**
   * Room for one more: a full class gives up the lowest that no ballot of one's own listed, if it is lower than the newcomer.
   * @param beacon of the height before
   * @returns what to drop for it, `none` if nothing need be dropped; undefined if there is no room
   */
  roomFor(newcomer: Bid & Pick<HeldItem, 'item'>, beacon: Uint8Array): Kept | 'none' | undefined {
    const own = classOf(newcomer.item);
    const rivals = this.all().filter(({ item }) => classOf(item) === own);
    const most = MOST[own];
    if (rivals.length < most || this.#keys.has(newcomer.key)) return 'none';
    let lowest: Bid & Pick<HeldItem, 'item'> = newcomer;
    let place = placeOf(newcomer, beacon);
    for (const each of rivals) {
      if (each.isListed || each.fee > lowest.fee) continue;
      const other = placeOf(each, beacon);
      if (each.fee === lowest.fee && compareBytes(other, place) < 0) continue;
      lowest = each;
      place = other;
    }
    return this.#held.get(lowest.id);
  }

  /** One's own ballot of the height in progress lists these. */
  listed(ids: readonly ItemId[]): void {
    for (const id of ids) {
      const kept = this.#held.get(id)!;
      kept.isListed = true;
      this.#pinned.set(id, plain(kept));
    }
  }

  /** One's own ballot was counted, and these of its items were not accepted. */
  inVain(ids: readonly ItemId[]): void {
    for (const id of ids) {
      const pinned = this.#pinned.get(id);
      if (pinned === undefined) continue;
      const { key } = bidOf(id, pinned.item);
      if (this.#keys.has(key)) this.#vain.set(key, (this.#vain.get(key) ?? 0) + 1);
    }
  }

  /** The height was ordered: what its own ballot listed is kept no longer for that. */
  unpin(): void {
    this.#pinned.clear();
  }

  candidate({ key, fee, id, item }: Kept): ListCandidate {
    return { key, fee, id, item, isStuck: (this.#vain.get(key) ?? 0) >= MAX_LISTED_IN_VAIN };
  }
}

const plain = ({ id, item, bytes }: HeldItem): HeldItem => ({ id, item, bytes });
