import type { Height, ItemId, ItemKey, ValidatorIndex } from '../params/ids.ts';
import { MAX_ANNOUNCED_ITEMS, MAX_ITEM_WINDOW } from '../params/sizes.ts';
import { type Bid, beats } from './bid.ts';
import type { Message } from './messages.ts';
import type { Out } from './out.ts';

export type Announce = Extract<Message, { kind: 'announce' }>;

/** What a validator said it holds of one key. */
export type Told = Omit<Bid, 'key'>;

/** Announcements as plain data; the fields are those of Announcements. */
export type AnnouncementsState = {
  readonly peers: ReadonlyMap<ValidatorIndex, ReadonlyMap<ItemKey, Told>>;
  readonly told: ReadonlyMap<ItemKey, Told>;
  readonly over: ReadonlyMap<Height, ReadonlySet<ItemId>>;
};

/**
 * Which items each validator says it holds, by its last word on each key: a new item of a key withdraws the one before. What a
 * height ordered everybody drops without saying so.
 * Bounds: MAX_ANNOUNCED_ITEMS keys of each peer; what the last MAX_ITEM_WINDOW heights ordered.
 */
export class Announcements {
  readonly #peers = new Map<ValidatorIndex, Map<ItemKey, Told>>();
  /** What one has announced oneself, and not withdrawn. */
  readonly #told = new Map<ItemKey, Told>();
  /** By height: what it ordered. An announcement of it was made before its author came so far. */
  readonly #over = new Map<Height, ReadonlySet<ItemId>>();
  readonly #holders = new Map<ItemId, Set<ValidatorIndex>>();

  /** May share memory: encode it before the next input. */
  state(): AnnouncementsState {
    return { peers: this.#peers, told: this.#told, over: this.#over };
  }

  /** What goes on from there. */
  static restore({ peers, told, over }: AnnouncementsState): Announcements {
    const announcements = new Announcements();
    for (const [peer, keys] of peers) {
      announcements.#peers.set(peer, new Map(keys));
      for (const { id } of keys.values()) announcements.#hold(id, peer);
    }
    for (const [key, each] of told) announcements.#told.set(key, each);
    for (const [at, ids] of over) announcements.#over.set(at, ids);
    return announcements;
  }

  /** A peer's announcement. @returns what it says it holds and did not hold before */
  heard(from: ValidatorIndex, { isWhole, held, withdrawn }: Announce, out: Out): readonly Bid[] {
    const keys = this.#peers.get(from) ?? new Map<ItemKey, Told>();
    this.#peers.set(from, keys);
    for (const key of isWhole ? [...keys.keys()] : withdrawn) this.#forget(from, key);
    const news: Bid[] = [];
    for (const bid of held) {
      // An item has one key: who announces it under a second one, too, is not believed that.
      if (this.#isOver(bid.id) || this.#holders.get(bid.id)?.has(from)) continue;
      this.#forget(from, bid.key);
      if (keys.size >= MAX_ANNOUNCED_ITEMS) {
        out.fault(from, 'ANNOUNCE_FLOOD', { items: keys.size + 1 });
        break;
      }
      keys.set(bid.key, { fee: bid.fee, id: bid.id });
      this.#hold(bid.id, from);
      news.push(bid);
    }
    return news;
  }

  #isOver(id: ItemId): boolean {
    for (const ids of this.#over.values()) if (ids.has(id)) return true;
    return false;
  }

  #hold(id: ItemId, peer: ValidatorIndex): void {
    const peers = this.#holders.get(id) ?? new Set();
    this.#holders.set(id, peers.add(peer));
  }

  /** A peer does not hold what it said, or says so no more. */
  #forget(peer: ValidatorIndex, key: ItemKey): void {
    const keys = this.#peers.get(peer);
    const told = keys?.get(key);
    if (told === undefined) return;
    keys!.delete(key);
    const holders = this.#holders.get(told.id)!;
    holders.delete(peer);
    if (holders.size === 0) this.#holders.delete(told.id);
  }

  /** A peer answered with something else than it announced. */
  refuted(peer: ValidatorIndex, key: ItemKey, id: ItemId): void {
    if (this.#peers.get(peer)?.get(key)?.id === id) this.#forget(peer, key);
  }

  /** Peers that announced this very item. */
  holdersOf(id: ItemId): ReadonlySet<ValidatorIndex> {
    return this.#holders.get(id) ?? NOBODY;
  }

  /** What each peer announced of a key, in the order in which peers announced anything first. */
  ofKey(key: ItemKey): (Told & { readonly peer: ValidatorIndex })[] {
    return [...this.#peers].flatMap(([peer, keys]) => {
      const told = keys.get(key);
      return told === undefined ? [] : [{ ...told, peer }];
    });
  }

  /** What a peer announced of a key. */
  by(peer: ValidatorIndex, key: ItemKey): Told | undefined {
    return this.#peers.get(peer)?.get(key);
  }

  /** By peer: keys of which it announced something better than is held here. */
  lacking(heldOf: (key: ItemKey) => Told | undefined): Map<ValidatorIndex, Set<ItemKey>> {
    const isBetter = ([key, told]: readonly [ItemKey, Told]): boolean => isWanted(told, heldOf(key));
    return new Map(
      [...this.#peers].map(([peer, keys]) => [peer, new Set([...keys].filter(isBetter).map(([key]) => key))]),
    );
  }

  /** The tick. @param held at most one a key. @returns what changed since the last one; undefined if nothing did */
  tell(held: ReadonlyMap<ItemKey, Told>): Announce | undefined {
    const withdrawn = [...this.#told.keys()].filter((key) => !held.has(key)).sort();
    const news = [...held].filter(([key, { id }]) => this.#told.get(key)?.id !== id);
    for (const key of withdrawn) this.#told.delete(key);
    for (const [key, told] of news) this.#told.set(key, told);
    if (withdrawn.length + news.length === 0) return undefined;
    return { kind: 'announce', isWhole: false, held: sorted(news), withdrawn };
  }

  /** All that one has announced, for a peer that may have missed some of it. */
  whole(): Announce {
    return { kind: 'announce', isWhole: true, held: sorted([...this.#told]), withdrawn: [] };
  }

  /** A height was ordered: nobody holds its items much longer. */
  ordered(at: Height, ids: readonly ItemId[]): void {
    const gone = new Set(ids);
    this.#over.set(at, gone);
    for (const each of this.#over.keys()) if (each + MAX_ITEM_WINDOW <= at) this.#over.delete(each);
    for (const [key, { id }] of [...this.#told]) if (gone.has(id)) this.#told.delete(key);
    for (const [peer, keys] of this.#peers)
      for (const [key, { id }] of [...keys]) if (gone.has(id)) this.#forget(peer, key);
  }
}

/** Whether something announced is to take the place of what is held of its key. */
export const isWanted = (told: Told, held: Told | undefined): boolean =>
  held === undefined || (held.id !== told.id && beats(told, held));

const NOBODY: ReadonlySet<ValidatorIndex> = new Set();

/** Ascending by id: the order in which items came would be a fingerprint. */
const sorted = (told: readonly (readonly [ItemKey, Told])[]): Bid[] =>
  told.map(([key, each]) => ({ key, ...each })).sort((a, b) => (a.id < b.id ? -1 : 1));
