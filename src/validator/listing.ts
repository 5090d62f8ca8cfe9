import { compareBytes, fromHex } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';
import { type Item, noteOf, roomOf } from '../ledger/items.ts';
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

/**
 * What shares the room of a ballot and of a mempool: `office`, registrations, dealings and evidence against dealers, of which there are few;
 * `transfer`, account actions and deposits, whose senders cannot bid for room; `batch`, whose senders can.
 */
export type ItemClass = 'office' | 'transfer' | 'batch';

export function classOf({ kind }: Pick<Item, 'kind'>): ItemClass {
  if (kind === 'batch') return 'batch';
  return kind === 'action' || kind === 'deposit' ? 'transfer' : 'office';
}

/** Where those of equal bids stand, which nobody could know before the beacon: batches by their id, all others by their key. */
export const placeOf = ({ key, id, item }: Bid & { readonly item: Item }, beacon: Uint8Array): Uint8Array =>
  classOf(item) === 'batch'
    ? hashBytes('listItem', beacon, fromHex(id)!)
    : hashBytes('listKey', beacon, fromHex(key)!);

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
 * What a ballot lists: first registrations, dealings and evidence, so that no flood keeps an epoch from ending; then account actions and deposits, at most MAX_BALLOT_TRANSFERS, then batches, then what actions and deposits
 * are left in the room that batches leave; and no two that bring one new note. Validators that hold the same list the same, so what is listed by all is accepted.
 * @param beacon of the height before: places among equals cannot be chosen before it is public
 * @returns at most MAX_BALLOT_ITEMS ids, of items that take no more places together
 */
export function listItems(candidates: readonly ListCandidate[], beacon: Uint8Array): ItemId[] {
  const notes = new Set<bigint>();
  const ids = new Set<ItemId>();
  let places = 0;
  const take = (from: readonly ListCandidate[], limit: number): void => {
    for (const { id, item } of from) {
      const note = noteOf(item);
      if (ids.has(id) || (note !== undefined && notes.has(note))) continue;
      if (places + roomOf(item) > limit) return;
      if (note !== undefined) notes.add(note);
      ids.add(id);
      places += roomOf(item);
    }
  };
  const of = (one: ItemClass): ListCandidate[] =>
    ranked(
      candidates.filter(({ item }) => classOf(item) === one),
      beacon,
    );
  const [office, transfers, batches] = [of('office'), of('transfer'), of('batch')];
  take(office, MAX_BALLOT_ITEMS);
  take(transfers, Math.min(MAX_BALLOT_ITEMS, places + MAX_BALLOT_TRANSFERS));
  take(batches, MAX_BALLOT_ITEMS);
  take(transfers, MAX_BALLOT_ITEMS);
  return [...ids];
}
