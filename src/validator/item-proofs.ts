import { assert } from '../base/errors.ts';
import type { Claim } from '../ledger/claims.ts';
import type { Item } from '../ledger/items.ts';
import type { ItemId, ValidatorIndex } from '../params/ids.ts';
import { MAX_MEMPOOL_ITEMS } from '../params/sizes.ts';
import { copyKey } from './ballot.ts';
import type { Out } from './out.ts';
import { readItem } from './written.ts';

export interface HeldItem {
  readonly id: ItemId;
  readonly item: Item;
  readonly bytes: Uint8Array;
}

/** Who sent a copy: a trader, or a peer that was asked for it. */
export type Source = 'trader' | ValidatorIndex;

/** A copy whose proof is being verified, and who sent it. */
export interface JudgedItem extends HeldItem {
  readonly sources: Set<Source>;
}

/** What is being verified, as plain data; items as their bytes. */
export type ItemProofsState = {
  /** By copy: id, bytes and who sent them. */
  readonly pending: ReadonlyMap<
    string,
    { readonly id: ItemId; readonly bytes: Uint8Array; readonly sources: ReadonlySet<Source> }
  >;
  readonly invalid: ReadonlySet<string>;
};

/**
 * Items whose proofs are being verified. INVALID and PENDING are remembered by statement and proof, so a copy with a flipped
 * proof byte neither passes nor keeps the good one out.
 * Bounds: MAX_MEMPOOL_ITEMS of traders (the owner sees to it) and what peers were asked for; MAX_MEMPOOL_ITEMS bad copies.
 */
export class ItemProofs {
  readonly #pending = new Map<string, JudgedItem>();
  readonly #invalid = new Set<string>();

  /** May share memory: encode it before the next input. */
  state(): ItemProofsState {
    const pending = [...this.#pending].map(
      ([key, { id, bytes, sources }]) => [key, { id, bytes, sources }] as const,
    );
    return { pending: new Map(pending), invalid: this.#invalid };
  }

  /** What goes on from there. */
  static restore({ pending, invalid }: ItemProofsState): ItemProofs {
    const proofs = new ItemProofs();
    for (const [key, { id, bytes, sources }] of pending)
      proofs.#pending.set(key, { ...readItem(id, bytes), sources: new Set(sources) });
    for (const key of invalid) proofs.#invalid.add(key);
    return proofs;
  }

  /** Copies that a trader sent. */
  get ofTraders(): number {
    return [...this.#pending.values()].filter(({ sources }) => sources.has('trader')).length;
  }

  /** Has a proof verified. @returns false if this copy was found bad before */
  judge(held: HeldItem, { proved }: Claim, source: Source, out: Out): boolean {
    const { item } = held;
    assert(item.kind !== 'deposit' && proved !== undefined, 'what the bridge does not sign is proved');
    const { proof } = item;
    const key = copyKey(held.id, proof);
    if (this.#invalid.has(key)) return false;
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      pending.sources.add(source);
      return true;
    }
    this.#pending.set(key, { ...held, sources: new Set([source]) });
    out.effects.push({ type: 'verify', ref: { type: 'item', copy: key }, ...proved, proof });
    return true;
  }

  /** The answer to a `verify` effect. @returns what it is about; undefined if it is not open */
  verified(key: string, ok: boolean): JudgedItem | undefined {
    const judged = this.#pending.get(key);
    this.#pending.delete(key);
    if (judged !== undefined && !ok) this.#rememberInvalid(key);
    return judged;
  }

  #rememberInvalid(key: string): void {
    if (this.#invalid.size >= MAX_MEMPOOL_ITEMS) this.#invalid.delete(this.#invalid.values().next().value!);
    this.#invalid.add(key);
  }
}
