import { concatBytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import type { Claim } from '../ledger/claims.ts';
import { type Item, proofsOf } from '../ledger/items.ts';
import type { ItemId, ItemKey, ValidatorIndex } from '../params/ids.ts';
import { MAX_MEMPOOL_ITEMS } from '../params/sizes.ts';
import { copyKey } from './ballot.ts';
import { keyHashOf } from './bid.ts';
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

  /** Whether a copy of an item of this key is being verified for a trader: of what is large no second one is looked at meanwhile. */
  isPending(key: ItemKey): boolean {
    return [...this.#pending.values()].some(
      ({ item, sources }) => sources.has('trader') && keyHashOf(item) === key,
    );
  }

  /** Has a proof verified. @returns false if this copy was found bad before */
  judge(held: HeldItem, { proved }: Claim, source: Source, out: Out): boolean {
    const proofs = proofsOf(held.item);
    assert(proved?.statements.length === proofs.length, 'each statement of an item has its proof');
    const key = copyKey(held.id, concatBytes(...proofs));
    if (this.#invalid.has(key)) return false;
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      pending.sources.add(source);
      return true;
    }
    this.#pending.set(key, { ...held, sources: new Set([source]) });
    out.verify({
      ref: { type: 'item', copy: key },
      circuit: proved.circuit,
      proofs: proved.statements.map((signals, i) => ({ signals, proof: proofs[i]! })),
    });
    return true;
  }

  /** The verdict on a copy. @returns what it is about; undefined if it is not being verified */
  verified(key: string, ok: boolean): JudgedItem | undefined {
    const judged = this.#pending.get(key);
    this.#pending.delete(key);
    if (judged !== undefined && ok === (judged.item.kind === 'evidence')) this.#rememberInvalid(key);
    return judged;
  }

  #rememberInvalid(key: string): void {
    if (this.#invalid.size >= MAX_MEMPOOL_ITEMS) this.#invalid.delete(this.#invalid.values().next().value!);
    this.#invalid.add(key);
  }
}
