import type { Claim } from '../ledger/claims.ts';
import { type Item, screenItem } from '../ledger/items.ts';
import type { RefusalCode } from '../ledger/refusals.ts';
import { isDealersFlaw } from '../ledger/rotation/evidence-item.ts';
import {
  type Height,
  type ItemId,
  type ItemKey,
  type ValidatorIndex,
  validatorIndex,
} from '../params/ids.ts';
import { MAX_MEMPOOL_ITEMS } from '../params/sizes.ts';
import { type Announce, Announcements, type AnnouncementsState } from './announcements.ts';
import { type Bid, beats, bidOf, keyHashOf } from './bid.ts';
import { DealerWatch, type DealerWatchState } from './dealer-watch.ts';
import { type HeldItem, ItemProofs, type ItemProofsState, type Source } from './item-proofs.ts';
import { ItemPulls, type ItemPullsState } from './item-pulls.ts';
import { type ItemRules, KEY_PENDING, notShown, UNJUDGED } from './item-rules.ts';
import { type Kept, KeptItems, type KeptItemsState } from './kept-items.ts';
import { classOf, listItems } from './listing.ts';
import type { Out } from './out.ts';
import { WantedItems, type WantedItemsState, type Whereabouts } from './wanted-items.ts';

/** Whose mempool it is. */
export interface MempoolOwner {
  readonly self: ValidatorIndex;
  readonly n: number;
  /** Byzantine validators tolerated. */
  readonly f: number;
  /** Peers that were caught sending what no correct one sends; shared with other parts of the validator. */
  readonly distrusted: Set<ValidatorIndex>;
}

/** A mempool as plain data. */
export type MempoolState = {
  readonly kept: KeptItemsState;
  readonly proofs: ItemProofsState;
  readonly announcements: AnnouncementsState;
  readonly pulls: ItemPullsState;
  readonly wanted: WantedItemsState;
  readonly served: ReadonlySet<string>;
  readonly watch: DealerWatchState;
};

/**
 * Items on their way into a ballot: admitted, announced, pulled from peers that announced them, and listed once 2f + 1 validators
 * hold the very same copy. Of those f + 1 are correct and keep it, so their ballots list it as well: an author who shows each
 * validator another item of one key has none of them listed.
 * VALID is remembered by statement, INVALID and PENDING by statement and proof. Each part states its bounds.
 */
export class Mempool {
  readonly #owner: MempoolOwner;
  readonly #rules: ItemRules;
  #kept = new KeptItems();
  #proofs = new ItemProofs();
  #announcements = new Announcements();
  #pulls: ItemPulls;
  #wanted: WantedItems;
  /** `peer/id` of items sent since the last tick. */
  readonly #served = new Set<string>();
  #watch = new DealerWatch();

  constructor(owner: MempoolOwner, rules: ItemRules) {
    this.#owner = owner;
    this.#rules = rules;
    this.#pulls = new ItemPulls(owner.self, owner.distrusted);
    this.#wanted = new WantedItems(peersFrom(owner));
  }

  /** May share memory with the mempool: encode it before the next input. */
  state(): MempoolState {
    return {
      kept: this.#kept.state(),
      proofs: this.#proofs.state(),
      announcements: this.#announcements.state(),
      pulls: this.#pulls.state(),
      wanted: this.#wanted.state(),
      served: this.#served,
      watch: this.#watch.state(),
    };
  }

  /** The mempool that goes on from there. */
  static restore(owner: MempoolOwner, rules: ItemRules, state: MempoolState): Mempool {
    const pool = new Mempool(owner, rules);
    pool.#kept = KeptItems.restore(state.kept);
    pool.#proofs = ItemProofs.restore(state.proofs);
    pool.#announcements = Announcements.restore(state.announcements);
    pool.#pulls = ItemPulls.restore(owner.self, owner.distrusted, state.pulls);
    pool.#wanted = WantedItems.restore(peersFrom(owner), state.wanted);
    for (const key of state.served) pool.#served.add(key);
    pool.#watch = DealerWatch.restore(state.watch);
    return pool;
  }

  /** Bytes from a trader. Refuses with a code or has its proof verified. */
  offer(bytes: Uint8Array, out: Out): void {
    const screened = screenItem(bytes);
    if ('code' in screened) return this.#refuse(undefined, screened.code, ['trader'], out);
    const { item } = screened;
    const claim = this.#rules.claim(item);
    if (claim === undefined) return this.#refuse(undefined, UNJUDGED[item.kind], ['trader'], out);
    const { id } = claim;
    if (this.get(id) !== undefined) return;
    this.#see(item, out);
    const code = this.#isBusy(item) ?? this.#inadmissible(id, item);
    if (code !== undefined) return this.#refuse(id, code, ['trader'], out);
    this.#judge({ id, item, bytes }, claim, 'trader', out);
  }

  /** What is large is not looked at while another copy of its key, or too much else, is being verified for traders. */
  #isBusy(item: Item): RefusalCode | undefined {
    if (this.#proofs.ofTraders >= MAX_MEMPOOL_ITEMS) return 'MEMPOOL_FULL';
    if (classOf(item) !== 'office') return undefined;
    return this.#proofs.isPending(keyHashOf(item)) ? KEY_PENDING[item.kind] : undefined;
  }

  /** A peer's answer to a pull. What it was not asked for is ignored. */
  answered(from: ValidatorIndex, bytes: Uint8Array, out: Out): void {
    const screened = screenItem(bytes);
    if ('code' in screened) {
      this.#refuse(undefined, screened.code, [from], out);
      this.#pulls.distrust(from);
      return this.#pull(out);
    }
    const { item } = screened;
    const claim = this.#rules.claim(item);
    const isOrdered = claim !== undefined && this.#wanted.answered(from, claim.id);
    const asked = this.#pulls.answered(from, claim?.id, keyHashOf(item));
    if (claim !== undefined && (isOrdered || asked !== undefined)) this.#see(item, out);
    if (isOrdered && this.#wanted.isMissing(claim.id))
      return this.#judge({ id: claim.id, item, bytes }, claim, from, out);
    if (asked === undefined) return;
    this.#take(asked, { item, bytes }, claim, from, out);
    this.#pull(out);
  }

  /** What a peer announced and sent. */
  #take(
    asked: Bid,
    { item, bytes }: Pick<HeldItem, 'item' | 'bytes'>,
    claim: Claim | undefined,
    from: ValidatorIndex,
    out: Out,
  ): void {
    if (claim === undefined) return this.#pulls.unread(from, asked);
    const { id } = claim;
    const bid = bidOf(id, item);
    if (bid.fee !== asked.fee || bid.key !== asked.key) {
      out.fault(from, 'ANNOUNCEMENT_FALSE', { item: asked.id });
      this.#announcements.refuted(from, asked.key, asked.id);
      this.#pulls.done(asked);
      return this.#pulls.distrust(from);
    }
    if (this.get(id) !== undefined) return this.#pulls.done(asked);
    const code = this.#inadmissible(id, item);
    if (code !== undefined) return this.#pulls.refused(from, asked);
    this.#pulls.judging(bid);
    this.#judge({ id, item, bytes }, claim, from, out);
  }

  /** What an item shows by itself is checked at once; a proof is an effect. */
  #judge(held: HeldItem, claim: Claim, source: Source, out: Out): void {
    const { item } = held;
    const code = this.#rules.checkSigned(item);
    if (code !== undefined && item.kind === 'dealing' && isDealersFlaw(code))
      this.#convict(this.#watch.failed(item, 'flawed', out), out);
    if (code !== undefined) this.#bad(held, code, [source], out);
    else if (claim.proved === undefined) this.#admit(held, [source], out);
    else if (!this.#proofs.judge(held, claim, source, out)) this.#bad(held, notShown(item), [source], out);
  }

  /** The verdict on a copy. */
  verified(key: string, ok: boolean, out: Out): void {
    const judged = this.#proofs.verified(key, ok);
    if (judged === undefined) return;
    const { item, sources } = judged;
    if (!ok && item.kind === 'dealing') this.#convict(this.#watch.failed(item, 'refuted', out), out);
    if (ok !== (item.kind === 'evidence')) this.#admit(judged, [...sources], out);
    else this.#bad(judged, notShown(item), [...sources], out);
    this.#pull(out);
  }

  /** A dealing of which the session is known came by; evidence that follows is held, and announced like any item. */
  #see(item: Item, out: Out): void {
    if (item.kind === 'dealing') this.#convict(this.#watch.seen(item, this.#rules, out), out);
  }

  #convict(evidence: HeldItem | undefined, out: Out): void {
    if (evidence !== undefined) this.#admit(evidence, [], out);
  }

  #bad({ id, item }: HeldItem, code: RefusalCode, sources: readonly Source[], out: Out): void {
    const bid = bidOf(id, item);
    this.#refuse(id, code, sources, out);
    this.#pulls.done(bid);
    for (const source of sources) {
      if (source === 'trader') continue;
      this.#announcements.refuted(source, bid.key, id);
      this.#pulls.distrust(source);
    }
  }

  /** Whether an item may not be kept, before anything is verified. */
  #inadmissible(id: ItemId, item: Item): RefusalCode | undefined {
    if (this.#wanted.isMissing(id)) return undefined;
    const code = this.#rules.check(item);
    if (code !== undefined) return code;
    const bid = bidOf(id, item);
    const held = this.#kept.ofKey(bid.key);
    if (held !== undefined && !beats(bid, held)) return KEY_PENDING[item.kind];
    return this.#kept.roomFor({ ...bid, item }, this.#rules.beacon()) === undefined
      ? 'MEMPOOL_FULL'
      : undefined;
  }

  /** To a trader a refusal is said; a peer's is its fault if it lies in form or proof. */
  #refuse(id: ItemId | undefined, code: RefusalCode, sources: readonly Source[], out: Out): void {
    for (const source of sources) {
      if (source === 'trader') out.outputs.push({ type: 'refused', item: id, code });
      else out.fault(source, code, { item: id });
    }
  }

  /** An item that is valid in itself; the ledger, or what is held, may have moved on since it came. */
  #admit(valid: HeldItem, sources: readonly Source[], out: Out): void {
    const { id, item } = valid;
    const bid = bidOf(id, item);
    this.#pulls.done(bid);
    if (this.get(id) !== undefined) return;
    if (this.#wanted.isMissing(id)) {
      this.#wanted.put(valid);
      out.outputs.push({ type: 'admitted', item: id });
      return;
    }
    const code = this.#inadmissible(id, item);
    if (code !== undefined) {
      if (sources.includes('trader')) this.#refuse(id, code, ['trader'], out);
      return;
    }
    const former = this.#kept.ofKey(bid.key);
    if (former !== undefined) {
      this.#kept.drop(former, false);
      this.#refuse(former.id, KEY_PENDING[item.kind], ['trader'], out);
      if (!sources.includes('trader')) this.#pulls.replaced(bid.key);
    }
    const lowest = this.#kept.roomFor({ ...bid, item }, this.#rules.beacon());
    if (lowest !== 'none' && lowest !== undefined) {
      this.#kept.drop(lowest);
      this.#refuse(lowest.id, 'MEMPOOL_FULL', ['trader'], out);
    }
    this.#kept.put(valid);
    out.outputs.push({ type: 'admitted', item: id });
  }

  /** Held, listed by the own ballot in progress, or ordered by its height. */
  get(id: ItemId): HeldItem | undefined {
    return this.#kept.find(id) ?? this.#wanted.get(id);
  }

  /** Whether it is held here and 2f + 1 validators, oneself included, say that they hold this very item. */
  isListable(id: ItemId): boolean {
    return this.#kept.get(id) !== undefined && this.#isSpread(id);
  }

  #isSpread(id: ItemId): boolean {
    return 1 + this.#announcements.holdersOf(id).size >= 2 * this.#owner.f + 1;
  }

  /** How many items a ballot might list. */
  get listable(): number {
    return this.#kept.all().filter(({ id }) => this.#isSpread(id)).length;
  }

  /** What the own ballot of the height in progress lists; kept from now on until the height is ordered. */
  list(): ItemId[] {
    const listable = this.#kept.all().filter(({ id }) => this.#isSpread(id));
    const ids = listItems(
      listable.map((kept) => this.#kept.candidate(kept)),
      this.#rules.beacon(),
    );
    this.#kept.listed(ids);
    return ids;
  }

  /** A peer's announcement; one's own comes back as well. */
  heard(from: ValidatorIndex, announce: Announce, out: Out): void {
    if (from === this.#owner.self) return;
    const news = this.#announcements.heard(from, announce, out);
    this.#pulls.heard(from, news, this.#announcements);
    this.#pull(out);
  }

  #pull(out: Out): void {
    this.#pulls.pull((key) => this.#heldOf(key), this.#announcements, out);
  }

  #heldOf(key: ItemKey): Bid | undefined {
    return this.#kept.ofKey(key);
  }

  /** A peer wants these: each once between two ticks. @param ordered of a live height */
  serve(
    from: ValidatorIndex,
    ids: readonly ItemId[],
    ordered: (id: ItemId) => HeldItem | undefined,
    out: Out,
  ): void {
    for (const id of ids) {
      const held = this.get(id) ?? ordered(id);
      if (held === undefined || this.#served.has(`${from}/${id}`)) continue;
      this.#served.add(`${from}/${id}`);
      out.send(from, { kind: 'item', bytes: held.bytes });
    }
  }

  /** The tick of announcements: what changed is said to all, and who has not answered is passed over. */
  tick(out: Out): void {
    this.#served.clear();
    const announce = this.#announcements.tell(
      new Map([...this.#kept.byKey()].map(([key, { fee, id }]) => [key, { fee, id }])),
    );
    if (announce !== undefined) out.send('all', announce);
    this.#wanted.tick(this.#whereabouts, out);
    this.#pulls.tick();
    this.#pull(out);
  }

  /** A peer may have missed what was announced. */
  tellWhole(peer: ValidatorIndex, out: Out): void {
    out.send(peer, this.#announcements.whole());
  }

  /** The tally accepted these: what is missing is pulled. */
  want(ids: readonly ItemId[], out: Out): void {
    this.#wanted.want(
      ids.filter((id) => this.get(id) === undefined),
      this.#whereabouts,
      out,
    );
  }

  get #whereabouts(): Whereabouts {
    return {
      holdersOf: (id) => this.#announcements.holdersOf(id),
      isHeld: (id) => this.get(id) !== undefined,
    };
  }

  /** The re-send timer fired. */
  resend(out: Out): void {
    this.#served.clear();
    this.#wanted.resend(this.#whereabouts, out);
    this.#pulls.resend();
    this.#pull(out);
  }

  /** One's own ballot was counted. @param listed by it. @param accepted by the tally */
  tallied(listed: readonly ItemId[], accepted: readonly ItemId[]): void {
    this.#kept.inVain(listed.filter((id) => !accepted.includes(id)));
  }

  /** A height was ordered: its items leave, and so does what can no longer be ordered at the next one. */
  advance(at: Height, ordered: readonly ItemId[], out: Out): void {
    for (const id of ordered) {
      const kept = this.#kept.get(id);
      if (kept !== undefined) this.#kept.drop(kept);
    }
    this.#sweep(this.#kept.all(), out);
    this.#announcements.ordered(at, ordered);
    this.#pulls.ordered(ordered);
    this.#kept.unpin();
    this.#wanted.clear();
  }

  #sweep(kept: readonly Kept[], out: Out): void {
    for (const each of kept) {
      const code = this.#rules.check(each.item);
      if (code === undefined) continue;
      this.#kept.drop(each);
      this.#refuse(each.id, code, ['trader'], out);
    }
  }

  /** A height begins: what the state refused may be right for it, and its settlement may have seated a committee. */
  begin(out: Out): void {
    this.#sweep(
      this.#kept.all().filter(({ item }) => classOf(item) === 'office'),
      out,
    );
    this.#pulls.begin(this.#announcements.lacking((key) => this.#heldOf(key)));
    this.#pull(out);
  }
}

/** All others, from the next one on. */
const peersFrom = ({ self, n }: MempoolOwner): ValidatorIndex[] =>
  Array.from({ length: n - 1 }, (_, i) => validatorIndex((self + 1 + i) % n));
