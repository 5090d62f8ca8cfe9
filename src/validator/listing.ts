import { compareBytes, fromHex } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';
import { type Item, noteOf } from '../ledger/items.ts';
import type { ItemId } from '../params/ids.ts';
import { MAX_BALLOT_ITEMS, MAX_BALLOT_TRANSFERS } from '../params/sizes.ts';
import type { Bid } from './bid.ts';

/** An item that may be listed; no two of them have one key. */
export interface ListCandidate extends Bid {
  readonly item: Item;
  /** Whether one's own ballots listed its key again and again in vain. */
  readonly isStuck: boolean;
}

interface Ranked {
  readonly candidate: ListCandidate;
  readonly place: Uint8Array;
}

/** An account action or a deposit: its sender cannot bid for room. */
export const isTransfer = ({ kind }: Item): boolean => kind !== 'batch';

/** Where those of equal bids stand, which nobody could know before the beacon: transfers by their key, batches by their id. */
export const placeOf = ({ key, id, item }: Bid & { readonly item: Item }, beacon: Uint8Array): Uint8Array =>
  isTransfer(item)
    ? hashBytes('listKey', beacon, fromHex(key)!)
    : hashBytes('listItem', beacon, fromHex(id)!);

/** Ascending: what goes first is listed first, and what goes last is dropped first. */
function compare(a: Ranked, b: Ranked): number {
  if (a.candidate.isStuck !== b.candidate.isStuck) return a.candidate.isStuck ? 1 : -1;
  if (a.candidate.fee !== b.candidate.fee) return a.candidate.fee > b.candidate.fee ? -1 : 1;
  return compareBytes(a.place, b.place);
}

/** @param candidates of one class. @param beacon of the height before. @returns in the order in which they are listed */
export function ranked(candidates: readonly ListCandidate[], beacon: Uint8Array): ListCandidate[] {
  return candidates
    .map((candidate) => ({ candidate, place: placeOf(candidate, beacon) }))
    .sort(compare)
    .map(({ candidate }) => candidate);
}

/**
 * What a ballot lists: first account actions and deposits, at most MAX_BALLOT_TRANSFERS, then batches, then what actions and deposits
 * are left in the room that batches leave; and no two that bring one new note. Validators that hold the same list the same, so what is listed by all is accepted.
 * @param beacon of the height before: places among equals cannot be chosen before it is public
 * @returns at most MAX_BALLOT_ITEMS ids
 */
export function listItems(candidates: readonly ListCandidate[], beacon: Uint8Array): ItemId[] {
  const notes = new Set<bigint>();
  const ids = new Set<ItemId>();
  const take = (from: readonly ListCandidate[], limit: number): void => {
    for (const { id, item } of from) {
      const note = noteOf(item);
      if (ids.size === limit) return;
      if (ids.has(id) || (note !== undefined && notes.has(note))) continue;
      if (note !== undefined) notes.add(note);
      ids.add(id);
    }
  };
  const [transfers, batches] = [true, false].map((isOne) =>
    ranked(
      candidates.filter(({ item }) => isTransfer(item) === isOne),
      beacon,
    ),
  ) as [ListCandidate[], ListCandidate[]];
  take(transfers, MAX_BALLOT_TRANSFERS);
  take(batches, MAX_BALLOT_ITEMS);
  take(transfers, MAX_BALLOT_ITEMS);
  return [...ids];
}
