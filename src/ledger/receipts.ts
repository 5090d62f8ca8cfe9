import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { fromHex, utf8 } from '../base/bytes.ts';
import { byteList, bytes32, codec, uint8, uint32, uint64, uint256 } from '../base/codec.ts';
import type { EntryCode } from '../market/entry.ts';
import type { Side } from '../market/order.ts';
import type { AccountId, Height, InstrumentIndex, ItemId } from '../params/ids.ts';
import { MAX_INSTRUMENTS, MAX_ORDERED_ITEMS, ORDERS_PER_BATCH } from '../params/sizes.ts';
import type { RefusalCode, SettlementRefusalCode } from './refusals.ts';

/** Why an ordered item, or one leg of it, had no effect. */
export interface Receipt {
  readonly id: ItemId;
  /** 0 … 3; undefined when the code is about the whole item. */
  readonly leg: number | undefined;
  readonly code: RefusalCode | SettlementRefusalCode | EntryCode;
}

/** One auction of a height. */
export interface AuctionOutcome {
  readonly instrument: InstrumentIndex;
  /** Units per lot; null when nothing traded. */
  readonly price: bigint | null;
  /** Lots bought, equal to lots sold. */
  readonly volume: bigint;
}

/** What one leg bought or sold, at its auction's price. */
export interface Fill {
  readonly id: ItemId;
  readonly leg: number;
  readonly account: AccountId;
  readonly instrument: InstrumentIndex;
  readonly side: Side;
  /** 1 … 2^32. */
  readonly lots: bigint;
  /** Units per lot. */
  readonly price: bigint;
  /** Trading fee, units. */
  readonly fee: bigint;
}

/** What a settlement says about a height, apart from the state it leads to. */
export interface Receipts {
  readonly height: Height;
  /** By id, then leg; a code of the whole item first. */
  readonly receipts: readonly Receipt[];
  /** One for each instrument, in their order. */
  readonly auctions: readonly AuctionOutcome[];
  /** By id, then leg. */
  readonly fills: readonly Fill[];
}

const MAX_LEGS = MAX_ORDERED_ITEMS * ORDERS_PER_BATCH;
/** In place of a leg when the code is about the whole item. */
const WHOLE_ITEM = 255;

const ReceiptsType = new ContainerType({
  height: uint32,
  receipts: new ListCompositeType(
    new ContainerType({ id: bytes32, leg: uint8, code: byteList(32) }),
    MAX_LEGS + MAX_ORDERED_ITEMS,
  ),
  auctions: new ListCompositeType(
    new ContainerType({ instrument: uint8, price: uint64, volume: uint64 }),
    MAX_INSTRUMENTS,
  ),
  fills: new ListCompositeType(
    new ContainerType({
      id: bytes32,
      leg: uint8,
      account: bytes32,
      instrument: uint8,
      side: uint8,
      lots: uint64,
      price: uint64,
      fee: uint256,
    }),
    MAX_LEGS,
  ),
});
const receiptsCodec = codec(ReceiptsType, ReceiptsType.maxSize);

/** SSZ hash_tree_root of a height's receipts, auctions (price 0: no trade) and fills (side 0 buy, 1 sell), 32 bytes. */
export function receiptsRoot({ height, receipts, auctions, fills }: Receipts): Uint8Array {
  return receiptsCodec.root({
    height,
    receipts: receipts.map(({ id, leg, code }) => ({
      id: fromHex(id)!,
      leg: leg ?? WHOLE_ITEM,
      code: utf8(code),
    })),
    auctions: auctions.map(({ instrument, price, volume }) => ({ instrument, price: price ?? 0n, volume })),
    fills: fills.map((fill) => ({
      ...fill,
      id: fromHex(fill.id)!,
      account: fromHex(fill.account)!,
      side: fill.side === 'buy' ? 0 : 1,
    })),
  });
}
