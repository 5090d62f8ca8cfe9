import { assert } from '../base/errors.ts';
import type { Claim } from '../ledger/claims.ts';
import type { DepositItem } from '../ledger/deposits.ts';
import { type Item, keyOf, screenItem } from '../ledger/items.ts';
import type { RefusalCode } from '../ledger/refusals.ts';
import type { Height, ItemId, ValidatorIndex } from '../params/ids.ts';
import { MAX_MEMPOOL_ITEMS } from '../params/sizes.ts';
import { copyKey } from './ballot.ts';
import type { Out } from './out.ts';
import { copySets, readItem } from './written.ts';

/** What the mempool needs to know of the ledger, as it is for the next height to be ordered. */
export interface ItemRules {
  /** The item's id and what its proof must be valid for; undefined if its reserve table is unknown here. */
  claim(item: Item): Claim | undefined;
  /** Admission by the ordering state. */
  check(item: Item): RefusalCode | undefined;
  /** Whether the bridge signed a deposit. */
  isSigned(item: DepositItem): boolean;
}

export interface HeldItem {
  readonly id: ItemId;
  readonly item: Item;
  readonly bytes: Uint8Array;
}

/** Why an item waits for another that uses the same key up. */
const KEY_PENDING = {
  batch: 'ITEM_NULLIFIER_PENDING',
  action: 'ITEM_SEQUENCE_PENDING',
  deposit: 'ITEM_DEPOSIT_PENDING',
} as const satisfies Record<Item['kind'], RefusalCode>;

/** Who sent a copy: a trader, or a peer that was asked for it. */
type Source = 'trader' | ValidatorIndex;

interface Pending extends HeldItem {
  readonly sources: Set<Source>;
}

/** A mempool as plain data; items as their bytes. */
export type MempoolState = {
  readonly held: ReadonlyMap<ItemId, Uint8Array>;
  /** Held items that were the first here to use up what they use up. */
  readonly first: ReadonlySet<ItemId>;
  /** By copy: id, bytes and who sent them. */
  readonly pending: ReadonlyMap<
    string,
    { readonly id: ItemId; readonly bytes: Uint8Array; readonly sources: ReadonlySet<Source> }
  >;
  readonly invalid: ReadonlySet<string>;
  readonly wanted: ReadonlyMap<ItemId, ReadonlySet<ValidatorIndex>>;
  readonly asked: ReadonlySet<string>;
};

/**
 * Items on their way into a ballot. VALID is remembered by statement; INVALID and PENDING by statement and proof, so a copy
 * with a flipped proof byte neither passes nor keeps the good one out. An item that the tally accepted is taken in whatever
 * else waits here: who is outvoted must still hold what was ordered.
 * Bounds: MAX_MEMPOOL_ITEMS held or being verified, besides what a height orders; as many INVALID copies remembered; one
 * copy of each wanted item from each peer.
 */
export class Mempool {
  readonly #rules: ItemRules;
  readonly #held = new Map<ItemId, HeldItem>();
  /** By what an item uses up: the first one here that does. */
  readonly #keys = new Map<string, ItemId>();
  readonly #pending = new Map<string, Pending>();
  readonly #invalid = new Set<string>();
  /** What the height in progress orders, and the peers that were asked for it and have not answered. */
  readonly #wanted = new Map<ItemId, Set<ValidatorIndex>>();
  readonly #asked = new Set<string>();

  constructor(rules: ItemRules) {
    this.#rules = rules;
  }

  /** May share memory with the mempool: encode it before the next input. */
  state(): MempoolState {
    return {
      held: new Map([...this.#held].map(([id, { bytes }]) => [id, bytes])),
      first: new Set(this.#keys.values()),
      pending: new Map(
        [...this.#pending].map(([key, { id, bytes, sources }]) => [key, { id, bytes, sources }]),
      ),
      invalid: this.#invalid,
      wanted: this.#wanted,
      asked: this.#asked,
    };
  }

  /** The mempool that goes on from there. */
  static restore(rules: ItemRules, state: MempoolState): Mempool {
    const pool = new Mempool(rules);
    for (const [id, bytes] of state.held) pool.#held.set(id, readItem(id, bytes));
    for (const id of state.first) pool.#keys.set(keyOf(pool.#held.get(id)!.item), id);
    for (const [key, { id, bytes, sources }] of state.pending)
      pool.#pending.set(key, { ...readItem(id, bytes), sources: new Set(sources) });
    for (const key of state.invalid) pool.#invalid.add(key);
    for (const [id, peers] of copySets(state.wanted)) pool.#wanted.set(id, peers);
    for (const key of state.asked) pool.#asked.add(key);
    return pool;
  }

  /** Bytes from a trader. Refuses with a code or emits a `verify` effect. */
  offer(bytes: Uint8Array, out: Out): void {
    const screened = screenItem(bytes);
    if ('code' in screened) return this.#refuse(undefined, screened.code, 'trader', out);
    const { item } = screened;
    const claim = this.#rules.claim(item);
    if (claim === undefined) return this.#refuse(undefined, 'ITEM_TABLE_STALE', 'trader', out);
    const { id } = claim;
    if (this.#held.has(id)) return;
    const isFull = this.#held.size + this.#pending.size >= MAX_MEMPOOL_ITEMS;
    const code = this.#inadmissible(id, item) ?? (isFull ? 'MEMPOOL_FULL' : undefined);
    if (code !== undefined) return this.#refuse(id, code, 'trader', out);
    this.#judge({ id, item, bytes }, claim, 'trader', out);
  }

  /** A peer's answer to a pull: one copy of each item that it was asked for. Anything else from a peer is ignored. */
  answered(from: ValidatorIndex, bytes: Uint8Array, out: Out): void {
    const screened = screenItem(bytes);
    if ('code' in screened) return this.#refuse(undefined, screened.code, from, out);
    const { item } = screened;
    const claim = this.#rules.claim(item);
    if (claim === undefined || this.#held.has(claim.id)) return;
    if (!this.#wanted.get(claim.id)?.delete(from)) return;
    this.#judge({ id: claim.id, item, bytes }, claim, from, out);
  }

  /** A signature is checked at once; a proof is an effect. */
  #judge(held: HeldItem, { proved }: Claim, source: Source, out: Out): void {
    const { item } = held;
    if (item.kind === 'deposit') {
      if (this.#rules.isSigned(item)) this.#take(held, [source], out);
      else this.#refuse(held.id, 'ITEM_SIGNATURE_INVALID', source, out);
      return;
    }
    assert(proved !== undefined, 'what the bridge does not sign is proved');
    const { proof } = item;
    const key = copyKey(held.id, proof);
    if (this.#invalid.has(key)) return this.#refuse(held.id, 'ITEM_PROOF_INVALID', source, out);
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      pending.sources.add(source);
      return;
    }
    this.#pending.set(key, { ...held, sources: new Set([source]) });
    out.effects.push({ type: 'verify', ref: { type: 'item', copy: key }, ...proved, proof });
  }

  #inadmissible(id: ItemId, item: Item): RefusalCode | undefined {
    if (this.#wanted.has(id)) return undefined;
    const code = this.#rules.check(item);
    if (code !== undefined) return code;
    return this.#keys.has(keyOf(item)) ? KEY_PENDING[item.kind] : undefined;
  }

  #refuse(id: ItemId | undefined, code: RefusalCode, source: Source, out: Out): void {
    if (source === 'trader') out.outputs.push({ type: 'refused', item: id, code });
    else out.fault(source, code, { item: id });
  }

  /** The answer to a `verify` effect. */
  verified(key: string, ok: boolean, out: Out): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#pending.delete(key);
    if (ok) return this.#take(pending, [...pending.sources], out);
    this.#rememberInvalid(key);
    for (const source of pending.sources) this.#refuse(pending.id, 'ITEM_PROOF_INVALID', source, out);
  }

  /** An item that is valid in itself; the ledger may have moved on since it came. */
  #take({ id, item, bytes }: HeldItem, sources: readonly Source[], out: Out): void {
    if (this.#held.has(id)) return;
    const code = this.#inadmissible(id, item);
    if (code !== undefined) {
      if (sources.includes('trader')) this.#refuse(id, code, 'trader', out);
      return;
    }
    this.#held.set(id, { id, item, bytes });
    const key = keyOf(item);
    if (!this.#keys.has(key)) this.#keys.set(key, id);
    out.outputs.push({ type: 'admitted', item: id });
  }

  #rememberInvalid(key: string): void {
    if (this.#invalid.size >= MAX_MEMPOOL_ITEMS) this.#invalid.delete(this.#invalid.values().next().value!);
    this.#invalid.add(key);
  }

  get(id: ItemId): HeldItem | undefined {
    return this.#held.get(id);
  }

  /** Items a ballot of the next height may list: the oldest first, at most `limit`. */
  listable(limit: number): ItemId[] {
    const ids: ItemId[] = [];
    for (const id of this.#held.keys()) if (ids.length < limit) ids.push(id);
    return ids;
  }

  /** The tally accepted these: take them in, and ask every peer for what is missing, each once; `resend` repeats it. */
  want(ids: readonly ItemId[], at: Height, peers: readonly ValidatorIndex[], out: Out): void {
    const missing = ids.filter((id) => !this.#held.has(id));
    for (const id of missing) if (!this.#wanted.has(id)) this.#wanted.set(id, new Set());
    for (const peer of peers) {
      const unasked = missing.filter((id) => !this.#asked.has(`${peer}/${id}`));
      for (const id of unasked) {
        this.#asked.add(`${peer}/${id}`);
        this.#wanted.get(id)!.add(peer);
      }
      if (unasked.length > 0) out.send(peer, { kind: 'pullItems', height: at, ids: unasked });
    }
  }

  /** The re-send timer fired: ask again those that have not answered. */
  resend(at: Height, out: Out): void {
    const open = new Map<ValidatorIndex, ItemId[]>();
    for (const [id, peers] of this.#wanted) {
      if (this.#held.has(id)) continue;
      for (const peer of peers) open.set(peer, [...(open.get(peer) ?? []), id]);
    }
    for (const [peer, ids] of open) out.send(peer, { kind: 'pullItems', height: at, ids });
  }

  /** A height was ordered: its items leave, and so does what can no longer be ordered at the next one. */
  advance(ordered: readonly ItemId[], out: Out): void {
    for (const id of ordered) this.#drop(id);
    for (const { id, item } of [...this.#held.values()]) {
      const code = this.#rules.check(item);
      if (code === undefined) continue;
      this.#drop(id);
      this.#refuse(id, code, 'trader', out);
    }
    this.#wanted.clear();
    this.#asked.clear();
  }

  #drop(id: ItemId): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    const key = keyOf(held.item);
    if (this.#keys.get(key) === id) this.#keys.delete(key);
  }
}
