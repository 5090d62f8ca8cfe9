import type { ItemId, ItemKey, ValidatorIndex } from '../params/ids.ts';
import {
  MAX_ANNOUNCED_ITEMS,
  MAX_REPLACEMENTS,
  MAX_STATE_REFUSALS,
  MAX_UNANSWERED_PULLS,
  PULL_PATIENCE_TICKS,
} from '../params/sizes.ts';
import { type Announcements, isWanted, type Told } from './announcements.ts';
import { type Bid, beats } from './bid.ts';
import type { Out } from './out.ts';

/** The one question about a key that is open: nobody else is asked for anything of the key meanwhile. */
interface Flight {
  readonly peer: ValidatorIndex;
  readonly id: ItemId;
  /** Ticks since it was asked. */
  ticks: number;
  /** Whether it was answered and the proof is being verified. */
  isJudged: boolean;
}

/** Pulls as plain data; the fields are those of ItemPulls. */
export type ItemPullsState = {
  readonly lacking: ReadonlyMap<ValidatorIndex, ReadonlySet<ItemKey>>;
  readonly flights: ReadonlyMap<ItemKey, Readonly<Flight>>;
  readonly unanswered: ReadonlyMap<ValidatorIndex, ReadonlyMap<ItemId, Bid>>;
  readonly slow: ReadonlySet<ValidatorIndex>;
  readonly refusals: ReadonlyMap<ValidatorIndex, number>;
  readonly parked: ReadonlySet<string>;
  readonly replaced: ReadonlyMap<ItemKey, number>;
};

/**
 * Asks for announced items that are better than what is held here: of one key one holder at a time, the one with the fewest
 * unanswered questions; another one after PULL_PATIENCE_TICKS or when an answer is bad. What one's own state refuses is no fault of
 * who sent it: the item is parked and asked for again at the next height.
 * Whoever leaves questions open is asked last, so an item that somebody announces and does not have delays the others of its key
 * once, and no longer than PULL_PATIENCE_TICKS.
 * Bounds: MAX_UNANSWERED_PULLS questions that are open or whose answers are being verified, one where the peer is distrusted, and MAX_STATE_REFUSALS parked items a peer; MAX_REPLACEMENTS pulls a key and height
 * that take another item's place.
 */
export class ItemPulls {
  readonly #self: ValidatorIndex;
  /** Peers whose word turned out false, kept by the owner: asked when nobody else is left, one question at a time. */
  readonly #distrusted: Set<ValidatorIndex>;
  /** By peer: keys of which it announced something that is not here. */
  #lacking = new Map<ValidatorIndex, Set<ItemKey>>();
  readonly #flights = new Map<ItemKey, Flight>();
  /** Of those, how many of each peer are being verified: they count as unanswered until then. */
  readonly #judged = new Map<ValidatorIndex, number>();
  /** By peer: what it was asked for and has not sent, as it had announced it. */
  readonly #unanswered = new Map<ValidatorIndex, Map<ItemId, Bid>>();
  /** Peers that left a question open for too long, or withdrew what they were asked for, until they answer one. */
  readonly #slow = new Set<ValidatorIndex>();
  /** Answers that one's own state refused in this height. */
  readonly #refusals = new Map<ValidatorIndex, number>();
  /** Items that one's own state refused in this height; as `peer/id`, those for which a peer sent what cannot be judged here yet. */
  readonly #parked = new Set<string>();
  /** Pulled items of this height that took another's place. */
  readonly #replaced = new Map<ItemKey, number>();

  constructor(self: ValidatorIndex, distrusted: Set<ValidatorIndex>) {
    this.#self = self;
    this.#distrusted = distrusted;
  }

  /** May share memory: encode it before the next input. */
  state(): ItemPullsState {
    return {
      lacking: this.#lacking,
      flights: this.#flights,
      unanswered: this.#unanswered,
      slow: this.#slow,
      refusals: this.#refusals,
      parked: this.#parked,
      replaced: this.#replaced,
    };
  }

  /** What goes on from there. */
  static restore(self: ValidatorIndex, distrusted: Set<ValidatorIndex>, state: ItemPullsState): ItemPulls {
    const pulls = new ItemPulls(self, distrusted);
    for (const [peer, keys] of state.lacking) pulls.#lacking.set(peer, new Set(keys));
    for (const [key, flight] of state.flights) {
      pulls.#flights.set(key, { ...flight });
      if (flight.isJudged) pulls.#count(flight.peer, 1);
    }
    for (const [peer, bids] of state.unanswered) pulls.#unanswered.set(peer, new Map(bids));
    for (const peer of state.slow) pulls.#slow.add(peer);
    for (const [peer, count] of state.refusals) pulls.#refusals.set(peer, count);
    for (const id of state.parked) pulls.#parked.add(id);
    for (const [key, count] of state.replaced) pulls.#replaced.set(key, count);
    return pulls;
  }

  /** A peer announced these. What it withdrew need not be answered any more; but who withdraws what it is asked for is asked last. */
  heard(from: ValidatorIndex, news: readonly Bid[], announcements: Announcements): void {
    for (const [id, { key }] of [...(this.#unanswered.get(from) ?? [])]) {
      if (announcements.by(from, key)?.id === id) continue;
      this.#close(from, id, key);
      this.#slow.add(from);
    }
    const keys = this.#lacking.get(from) ?? new Set();
    this.#lacking.set(from, keys);
    for (const { key } of news) keys.add(key);
    if (keys.size <= MAX_ANNOUNCED_ITEMS) return;
    for (const key of keys) if (announcements.by(from, key) === undefined) keys.delete(key);
  }

  /** Asks for everything that may be asked for. @param heldOf what is held of a key */
  pull(heldOf: (key: ItemKey) => Told | undefined, announcements: Announcements, out: Out): void {
    const asked = new Map<ValidatorIndex, ItemId[]>();
    for (const [peer, keys] of this.#lacking) {
      for (const key of [...keys]) {
        if (!this.#isAsked(peer)) break;
        const told = announcements.by(peer, key);
        const held = heldOf(key);
        const isFull = held !== undefined && (this.#replaced.get(key) ?? 0) >= MAX_REPLACEMENTS;
        if (told === undefined || !isWanted(told, held) || this.#isParked(peer, told.id) || isFull) {
          keys.delete(key);
          continue;
        }
        const choice = this.#flights.has(key) ? undefined : this.#choose(key, held, announcements);
        if (choice === undefined) continue;
        const { peer: to, ...bid } = choice;
        this.#flights.set(key, { peer: to, id: bid.id, ticks: 0, isJudged: false });
        this.#unanswered.set(to, (this.#unanswered.get(to) ?? new Map()).set(bid.id, { key, ...bid }));
        asked.set(to, [...(asked.get(to) ?? []), bid.id]);
      }
    }
    for (const [to, ids] of asked) out.send(to, { kind: 'pullItems', ids: ids.sort() });
  }

  #open(peer: ValidatorIndex): number {
    return (this.#unanswered.get(peer)?.size ?? 0) + (this.#judged.get(peer) ?? 0);
  }

  #count(peer: ValidatorIndex, more: number): void {
    this.#judged.set(peer, (this.#judged.get(peer) ?? 0) + more);
  }

  #isAsked(peer: ValidatorIndex): boolean {
    const most = this.#distrusted.has(peer) ? 1 : MAX_UNANSWERED_PULLS;
    return this.#open(peer) < most && (this.#refusals.get(peer) ?? 0) < MAX_STATE_REFUSALS;
  }

  #isParked(peer: ValidatorIndex, id: ItemId): boolean {
    return this.#parked.has(id) || this.#parked.has(`${peer}/${id}`);
  }

  #choose(key: ItemKey, held: Told | undefined, announcements: Announcements) {
    const candidates = announcements
      .ofKey(key)
      .filter(
        ({ peer, ...told }) =>
          isWanted(told, held) &&
          !this.#isParked(peer, told.id) &&
          !this.#unanswered.get(peer)?.has(told.id) &&
          this.#isAsked(peer),
      );
    const doubt = (peer: ValidatorIndex): number =>
      this.#distrusted.has(peer) ? 2 : this.#slow.has(peer) ? 1 : 0;
    // Ties go round from oneself on, so that not everybody asks the same one.
    const turn = (peer: ValidatorIndex): number => (peer < this.#self ? peer + 2 ** 16 : peer);
    candidates.sort(
      (a, b) =>
        doubt(a.peer) - doubt(b.peer) ||
        (a.id === b.id ? 0 : beats(a, b) ? -1 : 1) ||
        this.#open(a.peer) - this.#open(b.peer) ||
        turn(a.peer) - turn(b.peer),
    );
    return candidates[0];
  }

  /**
   * A peer sent an item. Another one than it was asked for may be what it held of the key before: that is no answer.
   * @param id undefined if it cannot be known here yet: then it is taken for the one of its key
   * @returns what it was asked for, as it had announced it; undefined if it was not asked
   */
  answered(from: ValidatorIndex, id: ItemId | undefined, key: ItemKey): Bid | undefined {
    const asked = this.#unanswered.get(from);
    const bid =
      id === undefined ? [...(asked?.values() ?? [])].find((each) => each.key === key) : asked?.get(id);
    if (bid === undefined) return undefined;
    asked!.delete(bid.id);
    this.#slow.delete(from);
    return bid;
  }

  /** The proof of what a peer sent is being verified. */
  judging({ key, id }: Bid): void {
    const flight = this.#flights.get(key);
    if (flight?.id !== id || flight.isJudged) return;
    flight.isJudged = true;
    this.#count(flight.peer, 1);
  }

  /** Nothing is to be waited for any more: the item is here, or is not what it should be. */
  done({ key, id }: Bid): void {
    const flight = this.#flights.get(key);
    if (flight?.id !== id) return;
    this.#flights.delete(key);
    if (flight.isJudged) this.#count(flight.peer, -1);
  }

  /** One's own state refused what a peer sent. */
  refused(from: ValidatorIndex, bid: Bid): void {
    this.#park(from, bid.id, bid);
  }

  /** What a peer sent cannot be judged here yet, nor whether it is what it was asked for: others are asked as well. */
  unread(from: ValidatorIndex, bid: Bid): void {
    this.#park(from, `${from}/${bid.id}`, bid);
  }

  #park(from: ValidatorIndex, what: string, bid: Bid): void {
    this.#parked.add(what);
    this.#refusals.set(from, (this.#refusals.get(from) ?? 0) + 1);
    this.done(bid);
  }

  /** A peer sent what no correct one does: others are asked for what it has not sent. */
  distrust(peer: ValidatorIndex): void {
    this.#distrusted.add(peer);
    for (const [key, flight] of [...this.#flights])
      if (flight.peer === peer && !flight.isJudged) this.#flights.delete(key);
  }

  /** A pulled item took another's place. */
  replaced(key: ItemKey): void {
    this.#replaced.set(key, (this.#replaced.get(key) ?? 0) + 1);
  }

  tick(): void {
    for (const [key, flight] of [...this.#flights]) {
      if (flight.isJudged) continue;
      flight.ticks += 1;
      if (flight.ticks < PULL_PATIENCE_TICKS) continue;
      this.#slow.add(flight.peer);
      this.#flights.delete(key);
    }
  }

  /** The re-send timer fired: frames may be lost, so everything may be asked again. */
  resend(): void {
    this.#unanswered.clear();
    for (const [key, { isJudged }] of [...this.#flights]) if (!isJudged) this.#flights.delete(key);
  }

  /** A height was ordered: nobody will answer for its items. */
  ordered(ids: readonly ItemId[]): void {
    const gone = new Set(ids);
    for (const [peer, bids] of this.#unanswered)
      for (const [id, { key }] of [...bids]) if (gone.has(id)) this.#close(peer, id, key);
  }

  #close(peer: ValidatorIndex, id: ItemId, key: ItemKey): void {
    this.#unanswered.get(peer)!.delete(id);
    const flight = this.#flights.get(key);
    if (flight?.peer === peer && flight.id === id && !flight.isJudged) this.#flights.delete(key);
  }

  /** A height begins: what the state refused may be right for the new one. */
  begin(lacking: Map<ValidatorIndex, Set<ItemKey>>): void {
    this.#lacking = lacking;
    this.#parked.clear();
    this.#refusals.clear();
    this.#replaced.clear();
  }
}
