import { toHex, utf8 } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';
import { keyOf, type Statement } from '../ledger/items.ts';
import { type ItemId, type ItemKey, itemKey } from '../params/ids.ts';
import { ITEM_KEY_BYTES } from '../params/sizes.ts';

/** What decides between items of one key, of which a validator keeps one: the highest fee, then the lowest id. */
export interface Bid {
  readonly key: ItemKey;
  /** Units; 0 for what cannot bid. */
  readonly fee: bigint;
  readonly id: ItemId;
}

/** First bytes of the hash of what an item uses up: too long for anybody to find another item of the same one. */
export const keyHashOf = (item: Statement): ItemKey =>
  itemKey(toHex(hashBytes('itemKey', utf8(keyOf(item))).subarray(0, ITEM_KEY_BYTES)));

/** Account actions and deposits pay what the market says, or nothing. */
export const bidOf = (id: ItemId, item: Statement): Bid => ({
  key: keyHashOf(item),
  fee: item.kind === 'batch' ? item.fee : 0n,
  id,
});

/** Whether the first of two different items of one key is the one to keep. */
export const beats = (a: Omit<Bid, 'key'>, b: Omit<Bid, 'key'>): boolean =>
  a.fee === b.fee ? a.id < b.id : a.fee > b.fee;
