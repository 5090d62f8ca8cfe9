import { compareBytes, fromHex } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { hashBytes } from '../crypto/hash.ts';
import { type MerklePath, MerkleTree } from '../crypto/merkle.ts';
import { type Height, height, type ItemId } from '../params/ids.ts';
import {
  ARITY,
  MAX_ITEM_WINDOW,
  NOTE_TREE_DEPTH,
  ROOT_WINDOW,
  TABLE_DELAY,
  TABLE_WINDOW,
} from '../params/sizes.ts';
import type { BatchStatement } from './items.ts';
import type { RefusalCode } from './refusals.ts';

/** An item under its name, as the tally hands it on. */
export interface NamedItem<T extends BatchStatement = BatchStatement> {
  readonly id: ItemId;
  readonly item: T;
}

/** An item that was ordered and lost at the re-check. */
export interface RefusedItem {
  readonly id: ItemId;
  readonly code: RefusalCode;
}

export interface Recheck<T extends BatchStatement> {
  /** In re-check order, which is the order of their leaves. */
  readonly accepted: readonly NamedItem<T>[];
  readonly refused: readonly RefusedItem[];
}

/** Ascending H(itemOrder; previous beacon ‖ id): who grinds ids does not know the beacon they are sorted by. */
export function recheckOrder(ids: readonly ItemId[], previousBeacon: Uint8Array): ItemId[] {
  const keyed = ids.map((id) => ({ id, key: hashBytes('itemOrder', previousBeacon, fromHex(id)!) }));
  return keyed.sort((a, b) => compareBytes(a.key, b.key)).map(({ id }) => id);
}

/** First and last height whose reserve table a batch ordered at h may use: h − 9 … h − 2, never before genesis. */
export function tableHeightsAt(at: Height): { readonly first: Height; readonly last: Height } {
  const last = Math.max(0, at - TABLE_DELAY);
  return { first: height(Math.max(0, last - TABLE_WINDOW + 1)), last: height(last) };
}

/**
 * What ordering needs and decryption does not: nullifiers, the note tree and its recent roots. It advances as soon
 * as a height is ordered, so the next height can be checked while this one is still being opened.
 */
export class OrderingState {
  readonly #minFee: bigint;
  readonly #nullifiers = new Set<bigint>();
  readonly #tree = new MerkleTree(NOTE_TREE_DEPTH);
  /** Leaf → index. */
  readonly #leaves = new Map<bigint, number>();
  /** Roots after the last ROOT_WINDOW heights, oldest first; the last one is of #height. */
  readonly #roots: bigint[] = [];
  #height: Height = height(0);

  /**
   * @param notes  commitments of the genesis notes, distinct and not 0
   * @param minFee units a batch pays at least
   */
  constructor(notes: readonly bigint[], minFee: bigint) {
    this.#minFee = minFee;
    for (const note of notes) this.#append(note);
    this.#roots.push(this.#tree.root);
  }

  /** The last height closed. */
  get height(): Height {
    return this.#height;
  }

  /** Root after the last height closed, F_r. */
  get noteRoot(): bigint {
    return this.#roots.at(-1)!;
  }

  /** @returns the way from a note to `noteRoot`; undefined if the note was not a leaf when the last height closed. */
  notePath(commitment: bigint): MerklePath | undefined {
    const index = this.#leaves.get(commitment);
    assert(this.#tree.root === this.noteRoot, 'paths are asked for between heights');
    return index === undefined ? undefined : this.#tree.path(index);
  }

  /**
   * Whether a batch, taken alone, could be ordered at a height, by the rules of admission and re-check in their order.
   * @returns the code of the first rule broken, undefined if none is
   */
  check(item: BatchStatement, at: Height): RefusalCode | undefined {
    const { fromHeight, toHeight, tableHeight } = item;
    if (at < fromHeight || at > toHeight || toHeight - fromHeight >= MAX_ITEM_WINDOW) return 'ITEM_WINDOW';
    if (!this.#roots.includes(item.noteRoot)) return 'ITEM_ROOT_UNKNOWN';
    const { first, last } = tableHeightsAt(at);
    if (tableHeight < first || tableHeight > last) return 'ITEM_TABLE_STALE';
    if (item.fee < this.#minFee) return 'ITEM_FEE_LOW';
    if (this.#nullifiers.has(item.nullifier)) return 'ITEM_NULLIFIER_SPENT';
    if (item.changeCommitment === 0n || this.#leaves.has(item.changeCommitment))
      return 'ITEM_COMMITMENT_EXISTS';
    if (this.#tree.size >= ARITY ** NOTE_TREE_DEPTH) return 'ITEM_TREE_FULL';
    return undefined;
  }

  /**
   * Splits what the tally accepted: each item is checked against the state and against the items before it, in
   * ascending H(previous beacon ‖ id). Changes nothing.
   * @param items          distinct ids, any order
   * @param previousBeacon beacon of the height before
   */
  recheck<T extends BatchStatement>(
    items: readonly NamedItem<T>[],
    previousBeacon: Uint8Array,
    at: Height,
  ): Recheck<T> {
    const byId = new Map(items.map((named) => [named.id, named]));
    assert(byId.size === items.length, 'the items of a height have distinct ids');
    const nullifiers = new Set<bigint>();
    const leaves = new Set<bigint>();
    const accepted: NamedItem<T>[] = [];
    const refused: RefusedItem[] = [];
    for (const id of recheckOrder([...byId.keys()], previousBeacon)) {
      const named = byId.get(id)!;
      const { nullifier, changeCommitment } = named.item;
      let code = this.check(named.item, at);
      if (nullifiers.has(nullifier)) code ??= 'ITEM_NULLIFIER_SPENT';
      if (leaves.has(changeCommitment)) code ??= 'ITEM_COMMITMENT_EXISTS';
      if (this.#tree.size + accepted.length >= ARITY ** NOTE_TREE_DEPTH) code ??= 'ITEM_TREE_FULL';
      if (code !== undefined) {
        refused.push({ id, code });
        continue;
      }
      accepted.push(named);
      nullifiers.add(nullifier);
      leaves.add(changeCommitment);
    }
    return { accepted, refused };
  }

  /** Spends an accepted batch's note and appends its change note. Its `recheck` was at this state. */
  apply(item: BatchStatement): void {
    assert(!this.#nullifiers.has(item.nullifier), 'a note is spent once');
    this.#append(item.changeCommitment);
    this.#nullifiers.add(item.nullifier);
  }

  /** Ends a height: the tree as it is now gives the one root of that height. */
  closeHeight(at: Height): void {
    assert(at === this.#height + 1, 'heights close one after the other');
    this.#height = at;
    this.#roots.push(this.#tree.root);
    if (this.#roots.length > ROOT_WINDOW) this.#roots.shift();
  }

  #append(leaf: bigint): void {
    assert(!this.#leaves.has(leaf), 'leaves are unique');
    this.#leaves.set(leaf, this.#tree.append(leaf));
  }
}
