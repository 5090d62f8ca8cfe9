import { type Item, screenItem } from '../ledger/items.ts';
import type { RefusalCode } from '../ledger/refusals.ts';
import type { Height, ItemId, ValidatorIndex } from '../params/ids.ts';
import { MAX_MEMPOOL_ITEMS } from '../params/sizes.ts';
import { copyKey } from './ballot.ts';
import type { Out } from './out.ts';

/** What the mempool needs to know of the ledger, as it is at the height being agreed on. */
export interface ItemRules {
  /** The item's id and S2's public signals; undefined if its reserve table is unknown here. */
  statement(item: Item): { readonly id: ItemId; readonly signals: readonly bigint[] } | undefined;
  /** Admission by the ordering state. */
  check(item: Item, at: Height): RefusalCode | undefined;
}

export interface HeldItem {
  readonly id: ItemId;
  readonly item: Item;
  readonly bytes: Uint8Array;
}

interface Pending extends HeldItem {
  /** Peers that sent this copy as an answer to a pull; a trader's copy has none. */
  readonly from: ValidatorIndex[];
}

/**
 * Items on their way into a ballot. VALID is remembered by statement; INVALID and PENDING by statement and proof, so a copy
 * with a flipped proof byte neither passes nor keeps the good one out. Items that the tally accepted are taken in whatever
 * else waits here: who is outvoted must still hold what was ordered.
 */
export class Mempool {
  readonly #rules: ItemRules;
  readonly #held = new Map<ItemId, HeldItem>();
  readonly #nullifiers = new Map<bigint, ItemId>();
  readonly #pending = new Map<string, Pending>();
  readonly #invalid = new Set<string>();
  readonly #wanted = new Set<ItemId>();
  readonly #asked = new Map<ItemId, Set<ValidatorIndex>>();
  readonly #waiting = new Map<ItemId, Set<ValidatorIndex>>();

  constructor(rules: ItemRules) {
    this.#rules = rules;
  }

  /** Bytes from a trader, or from a peer as the answer to a pull. Refuses with a code or emits a `verify` effect. */
  offer(bytes: Uint8Array, at: Height, from: ValidatorIndex | undefined, out: Out): void {
    const screened = screenItem(bytes);
    if ('code' in screened) return this.#refuse(undefined, screened.code, from, out);
    const { item } = screened;
    const statement = this.#rules.statement(item);
    if (statement === undefined) return this.#refuse(undefined, 'ITEM_TABLE_STALE', from, out);
    const { id, signals } = statement;
    if (this.#held.has(id)) return;
    if (from !== undefined && !this.#wanted.has(id)) return;
    const code = this.#admissible({ id, item, bytes }, at);
    if (code !== undefined) return this.#refuse(id, code, undefined, out);
    const key = copyKey(id, item.proof);
    if (this.#invalid.has(key)) return this.#refuse(id, 'ITEM_PROOF_INVALID', from, out);
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      if (from !== undefined) pending.from.push(from);
      return;
    }
    this.#pending.set(key, { id, item, bytes, from: from === undefined ? [] : [from] });
    out.effects.push({ type: 'verify', ref: `item:${key}`, circuit: 'orders', signals, proof: item.proof });
  }

  #admissible({ id, item }: HeldItem, at: Height): RefusalCode | undefined {
    if (this.#wanted.has(id)) return undefined;
    const code = this.#rules.check(item, at);
    if (code !== undefined) return code;
    const rival = this.#nullifiers.get(item.nullifier);
    if (rival !== undefined && rival !== id) return 'ITEM_NULLIFIER_PENDING';
    return this.#held.size + this.#pending.size >= MAX_MEMPOOL_ITEMS ? 'MEMPOOL_FULL' : undefined;
  }

  #refuse(id: ItemId | undefined, code: RefusalCode, from: ValidatorIndex | undefined, out: Out): void {
    if (from === undefined) out.outputs.push({ type: 'refused', item: id, code });
    else out.fault(from, code, { item: id });
  }

  /** The answer to a `verify` effect. @returns the item if it is held from now on */
  verified(key: string, ok: boolean, at: Height, out: Out): HeldItem | undefined {
    const pending = this.#pending.get(key);
    if (pending === undefined) return undefined;
    this.#pending.delete(key);
    const { id, item, bytes, from } = pending;
    if (!ok) {
      this.#rememberInvalid(key);
      if (from.length === 0) this.#refuse(id, 'ITEM_PROOF_INVALID', undefined, out);
      for (const peer of from) this.#refuse(id, 'ITEM_PROOF_INVALID', peer, out);
      return undefined;
    }
    if (this.#held.has(id)) return undefined;
    const code = this.#admissible(pending, at);
    if (code !== undefined) {
      this.#refuse(id, code, undefined, out);
      return undefined;
    }
    const held = { id, item, bytes };
    this.#held.set(id, held);
    if (!this.#nullifiers.has(item.nullifier)) this.#nullifiers.set(item.nullifier, id);
    out.logs.push({ type: 'item', item: id, bytes });
    out.outputs.push({ type: 'admitted', item: id });
    for (const to of this.#waiting.get(id) ?? []) out.send(to, { kind: 'item', bytes });
    this.#waiting.delete(id);
    return held;
  }

  #rememberInvalid(key: string): void {
    if (this.#invalid.size >= MAX_MEMPOOL_ITEMS) this.#invalid.delete(this.#invalid.values().next().value!);
    this.#invalid.add(key);
  }

  get(id: ItemId): HeldItem | undefined {
    return this.#held.get(id);
  }

  /** Items a ballot of this height may list: the oldest first, at most `limit`. */
  listable(limit: number): ItemId[] {
    return [...this.#held.keys()].slice(0, limit);
  }

  /** The tally accepted these: take them in, and ask every peer for what is missing, each once. */
  want(ids: readonly ItemId[], at: Height, peers: readonly ValidatorIndex[], out: Out): void {
    for (const id of ids) this.#wanted.add(id);
    for (const peer of peers) {
      const missing = ids.filter((id) => !this.#held.has(id) && !this.#asked.get(id)?.has(peer));
      for (const id of missing) this.#asked.set(id, (this.#asked.get(id) ?? new Set()).add(peer));
      if (missing.length > 0) out.send(peer, { kind: 'pullItems', height: at, ids: missing });
    }
  }

  /** A peer wants these items: send what is there, remember the rest for as long as one may wait oneself. */
  pulled(
    from: ValidatorIndex,
    ids: readonly ItemId[],
    kept: ReadonlyMap<ItemId, Uint8Array>,
    out: Out,
  ): void {
    for (const id of ids) {
      const bytes = this.#held.get(id)?.bytes ?? kept.get(id);
      if (bytes !== undefined) out.send(from, { kind: 'item', bytes });
      else if (this.#waiting.size < MAX_MEMPOOL_ITEMS) {
        this.#waiting.set(id, (this.#waiting.get(id) ?? new Set()).add(from));
      }
    }
  }

  /** A height was ordered: its items leave, and so does what can no longer be ordered at the next one. */
  advance(ordered: readonly ItemId[], next: Height, out: Out): void {
    for (const id of ordered) this.#drop(id);
    for (const { id, item } of [...this.#held.values()]) {
      const code = this.#rules.check(item, next);
      if (code === undefined) continue;
      this.#drop(id);
      this.#refuse(id, code, undefined, out);
    }
    this.#wanted.clear();
    this.#asked.clear();
    this.#waiting.clear();
  }

  #drop(id: ItemId): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    if (this.#nullifiers.get(held.item.nullifier) === id) this.#nullifiers.delete(held.item.nullifier);
  }
}
