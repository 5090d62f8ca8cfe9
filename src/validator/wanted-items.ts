import type { ItemId, ValidatorIndex } from '../params/ids.ts';
import { MAX_ORDERED_ITEMS } from '../params/sizes.ts';
import type { HeldItem } from './item-proofs.ts';
import type { Out } from './out.ts';
import { readItem } from './written.ts';

/** How a pull of one item from one peer stands: asked in this interval of ticks, before it, or answered. */
type Question = 'fresh' | 'due' | 'overdue' | 'answered';

/** Who has an item. */
export interface Whereabouts {
  /** Peers that announced it. */
  readonly holdersOf: (id: ItemId) => ReadonlySet<ValidatorIndex>;
  /** Whether it is here. */
  readonly isHeld: (id: ItemId) => boolean;
}

/** Items that a height orders, as plain data; items as their bytes. */
export type WantedItemsState = {
  readonly wanted: ReadonlyMap<ItemId, ReadonlyMap<ValidatorIndex, Question>>;
  readonly here: ReadonlyMap<ItemId, Uint8Array>;
};

/**
 * Items that the tally of the height in progress accepted and that are not held: each is asked of one peer at a time, of those that
 * announced it first; of the next one on a tick or a bad answer; of everybody when the re-send timer fires. A correct validator
 * endorsed each, so it holds it. They are taken against every rule of admission: who is outvoted must still hold what was ordered.
 * Bounds: MAX_ORDERED_ITEMS, one copy of each from each peer between two firings of the re-send timer.
 */
export class WantedItems {
  readonly #peers: readonly ValidatorIndex[];
  readonly #wanted = new Map<ItemId, Map<ValidatorIndex, Question>>();
  readonly #here = new Map<ItemId, HeldItem>();

  /** @param peers all but oneself, in the order in which they are asked */
  constructor(peers: readonly ValidatorIndex[]) {
    this.#peers = peers;
  }

  /** May share memory: encode it before the next input. */
  state(): WantedItemsState {
    return {
      wanted: this.#wanted,
      here: new Map([...this.#here].map(([id, { bytes }]) => [id, bytes])),
    };
  }

  /** What goes on from there. */
  static restore(peers: readonly ValidatorIndex[], { wanted, here }: WantedItemsState): WantedItems {
    const items = new WantedItems(peers);
    for (const [id, asked] of wanted) items.#wanted.set(id, new Map(asked));
    for (const [id, bytes] of here) items.#here.set(id, readItem(id, bytes));
    return items;
  }

  get(id: ItemId): HeldItem | undefined {
    return this.#here.get(id);
  }

  /** Whether it is to be taken whatever the rules of admission say. */
  isMissing(id: ItemId): boolean {
    return this.#wanted.has(id) && !this.#here.has(id);
  }

  put({ id, item, bytes }: HeldItem): void {
    this.#here.set(id, { id, item, bytes });
  }

  /** The tally accepted these, and they are not held. */
  want(ids: readonly ItemId[], where: Whereabouts, out: Out): void {
    for (const id of ids) if (!this.#wanted.has(id)) this.#wanted.set(id, new Map());
    this.#ask(where, out);
  }

  /** Asks one more peer for what is missing and nobody was asked for lately. */
  #ask({ holdersOf, isHeld }: Whereabouts, out: Out): void {
    const pulls = new Map<ValidatorIndex, ItemId[]>();
    for (const [id, asked] of this.#wanted) {
      const isWaiting = [...asked.values()].some((question) => question === 'fresh' || question === 'due');
      if (isWaiting || isHeld(id)) continue;
      const holders = holdersOf(id);
      const left = this.#peers.filter((peer) => !asked.has(peer));
      const peer = left.find((each) => holders.has(each)) ?? left[0];
      if (peer === undefined) continue;
      asked.set(peer, 'fresh');
      pulls.set(peer, [...(pulls.get(peer) ?? []), id]);
    }
    send(pulls, out);
  }

  /** A peer sent an item. @returns whether it was asked for it and had not answered */
  answered(from: ValidatorIndex, id: ItemId): boolean {
    const asked = this.#wanted.get(id);
    const question = asked?.get(from);
    if (question === undefined || question === 'answered') return false;
    asked!.set(from, 'answered');
    return true;
  }

  tick(where: Whereabouts, out: Out): void {
    for (const asked of this.#wanted.values()) {
      for (const [peer, question] of asked) {
        if (question === 'fresh') asked.set(peer, 'due');
        else if (question === 'due') asked.set(peer, 'overdue');
      }
    }
    this.#ask(where, out);
  }

  /** The re-send timer fired: everybody is asked who did not answer. */
  resend({ isHeld }: Whereabouts, out: Out): void {
    const pulls = new Map<ValidatorIndex, ItemId[]>();
    for (const [id, asked] of this.#wanted) {
      if (isHeld(id)) continue;
      for (const peer of this.#peers) {
        if (asked.get(peer) === 'answered') continue;
        asked.set(peer, 'fresh');
        pulls.set(peer, [...(pulls.get(peer) ?? []), id]);
      }
    }
    send(pulls, out);
  }

  /** The height was ordered. */
  clear(): void {
    this.#wanted.clear();
    this.#here.clear();
  }
}

function send(pulls: ReadonlyMap<ValidatorIndex, readonly ItemId[]>, out: Out): void {
  for (const [peer, ids] of pulls)
    for (let at = 0; at < ids.length; at += MAX_ORDERED_ITEMS)
      out.send(peer, { kind: 'pullItems', ids: ids.slice(at, at + MAX_ORDERED_ITEMS) });
}
