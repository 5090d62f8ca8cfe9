import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { fromHex, utf8 } from '../base/bytes.ts';
import { byteList, bytes32, codec, uint8, uint32, uint64, uint256 } from '../base/codec.ts';
import type { Deleverage } from '../market/deleverage.ts';
import type { EntryCode } from '../market/entry.ts';
import type { AccountAmount, Cover } from '../market/insurance.ts';
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

/** Money that crossed the edge of the accounts by a deposit or an account action, or what a refused action paid. */
export interface Transfer {
  readonly id: ItemId;
  readonly kind: 'deposit' | 'shield' | 'withdraw' | 'refused';
  readonly account: AccountId;
  /** Units, 1 … 2^64 − 1; 0 of a refused action. */
  readonly amount: bigint;
  /** On top of the amount, from the account to the fee pool, units. */
  readonly fee: bigint;
  /** 32 bytes: where a withdrawal goes; the commitment of a shielded note, big-endian; zeros for a deposit and a refused action. */
  readonly to: Uint8Array;
}
const TRANSFERS: readonly Transfer['kind'][] = ['deposit', 'shield', 'withdraw', 'refused'];

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

/** Funding of one perpetual. */
export interface FundingPaid {
  readonly instrument: InstrumentIndex;
  /** Of eight hours, ppm, signed. */
  readonly ratePpm: bigint;
  /** What a long lot paid to a short one, units, signed. */
  readonly perLot: bigint;
}

/** An option's last day. */
export interface Expiry {
  readonly instrument: InstrumentIndex;
  /** Settlement index, units per 1 underlying. */
  readonly index: bigint;
  /** Units per lot. */
  readonly payout: bigint;
}

/** What the liquidation of a position offered in its auction. */
export interface LiquidationOffer {
  readonly account: AccountId;
  readonly instrument: InstrumentIndex;
  readonly side: Side;
  readonly lots: bigint;
  /** Limit, units per lot. */
  readonly price: bigint;
}

/** What the liquidation of a position sold or bought, at its auction's price. */
export interface LiquidationFill {
  readonly account: AccountId;
  readonly instrument: InstrumentIndex;
  readonly side: Side;
  readonly lots: bigint;
  readonly price: bigint;
  /** Trading fee, units. */
  readonly fee: bigint;
  /** From the account to the insurance fund, units. */
  readonly penalty: bigint;
  /** From the insurance fund to the account, units. */
  readonly insured: bigint;
}

/** What a height did to accounts without being asked. */
export interface MarketEvents {
  /** The oracle's prices were too old: nothing traded. */
  readonly isHalted: boolean;
  /** By instrument. */
  readonly funding: readonly FundingPaid[];
  /** By instrument. */
  readonly expiries: readonly Expiry[];
  /** By account, in the order of its plan: what was offered, whether or not it filled. */
  readonly offers: readonly LiquidationOffer[];
  /** By instrument, then account. */
  readonly liquidations: readonly LiquidationFill[];
  /** What the insurance fund paid to bankrupt accounts before they were deleveraged, in the order of its payments. */
  readonly insured: readonly AccountAmount[];
  /** In the order in which they were made. */
  readonly deleverages: readonly Deleverage[];
  readonly cover: Cover;
}

export const NO_COVER: Cover = { deficits: [], fromInsurance: 0n, haircuts: [], fromFees: 0n, leftOver: 0n };
export const NO_EVENTS: MarketEvents = {
  isHalted: false,
  funding: [],
  expiries: [],
  offers: [],
  liquidations: [],
  insured: [],
  deleverages: [],
  cover: NO_COVER,
};

/** The receipts of a height at which nothing happened; of genesis. */
export const noReceipts = (at: Height): Receipts => ({
  height: at,
  receipts: [],
  transfers: [],
  auctions: [],
  fills: [],
  events: NO_EVENTS,
});

/** What a settlement says about a height, apart from the state it leads to. */
export interface Receipts {
  readonly height: Height;
  /** By id, then leg; a code of the whole item first. */
  readonly receipts: readonly Receipt[];
  /** By id: all that happened; what was refused has a receipt instead. */
  readonly transfers: readonly Transfer[];
  /** One for each instrument, in their order. */
  readonly auctions: readonly AuctionOutcome[];
  /** By id, then leg. */
  readonly fills: readonly Fill[];
  readonly events: MarketEvents;
}

const MAX_LEGS = MAX_ORDERED_ITEMS * ORDERS_PER_BATCH;
/** Liquidations and deleverages of a height, at most: no limit that a height could reach. */
const MAX_EVENTS = 2 ** 32;
/** In place of a leg when the code is about the whole item. */
const WHOLE_ITEM = 255;

const AmountsType = new ListCompositeType(
  new ContainerType({ account: bytes32, amount: uint256 }),
  MAX_EVENTS,
);
const ReceiptsType = new ContainerType({
  height: uint32,
  receipts: new ListCompositeType(
    new ContainerType({ id: bytes32, leg: uint8, code: byteList(32) }),
    MAX_LEGS + MAX_ORDERED_ITEMS,
  ),
  transfers: new ListCompositeType(
    new ContainerType({
      id: bytes32,
      kind: uint8,
      account: bytes32,
      amount: uint64,
      fee: uint64,
      to: bytes32,
    }),
    MAX_ORDERED_ITEMS,
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
  events: new ContainerType({
    isHalted: uint8,
    funding: new ListCompositeType(
      new ContainerType({ instrument: uint8, ratePpm: uint256, perLot: uint256 }),
      MAX_INSTRUMENTS,
    ),
    expiries: new ListCompositeType(
      new ContainerType({ instrument: uint8, index: uint64, payout: uint64 }),
      MAX_INSTRUMENTS,
    ),
    offers: new ListCompositeType(
      new ContainerType({ account: bytes32, instrument: uint8, side: uint8, lots: uint256, price: uint64 }),
      MAX_EVENTS,
    ),
    insured: AmountsType,
    liquidations: new ListCompositeType(
      new ContainerType({
        account: bytes32,
        instrument: uint8,
        side: uint8,
        lots: uint256,
        price: uint64,
        fee: uint256,
        penalty: uint256,
        insured: uint256,
      }),
      MAX_EVENTS,
    ),
    deleverages: new ListCompositeType(
      new ContainerType({
        account: bytes32,
        counterparty: bytes32,
        instrument: uint8,
        side: uint8,
        lots: uint256,
        price: uint256,
      }),
      MAX_EVENTS,
    ),
    cover: new ContainerType({
      deficits: AmountsType,
      fromInsurance: uint256,
      haircuts: AmountsType,
      fromFees: uint256,
      leftOver: uint256,
    }),
  }),
});
const receiptsCodec = codec(ReceiptsType, Number.MAX_SAFE_INTEGER);

/** SSZ hash_tree_root of a height's receipts, transfers, auctions (price 0: no trade), fills (side 0 buy, 1 sell) and events, 32 bytes. */
export function receiptsRoot(outcome: Receipts): Uint8Array {
  const { height, receipts, transfers, auctions, fills, events } = outcome;
  const { cover } = events;
  return receiptsCodec.root({
    height,
    receipts: receipts.map(({ id, leg, code }) => ({
      id: fromHex(id)!,
      leg: leg ?? WHOLE_ITEM,
      code: utf8(code),
    })),
    transfers: transfers.map((transfer) => ({
      ...transfer,
      id: fromHex(transfer.id)!,
      kind: TRANSFERS.indexOf(transfer.kind),
      account: fromHex(transfer.account)!,
    })),
    auctions: auctions.map(({ instrument, price, volume }) => ({ instrument, price: price ?? 0n, volume })),
    fills: fills.map((fill) => ({
      ...fill,
      id: fromHex(fill.id)!,
      account: fromHex(fill.account)!,
      side: sideByte(fill.side),
    })),
    events: {
      isHalted: events.isHalted ? 1 : 0,
      funding: events.funding.map(({ instrument, ratePpm, perLot }) => ({
        instrument,
        ratePpm: BigInt.asUintN(256, ratePpm),
        perLot: BigInt.asUintN(256, perLot),
      })),
      expiries: [...events.expiries],
      offers: events.offers.map((offer) => ({
        ...offer,
        account: fromHex(offer.account)!,
        side: sideByte(offer.side),
      })),
      insured: amounts(events.insured),
      liquidations: events.liquidations.map((fill) => ({
        ...fill,
        account: fromHex(fill.account)!,
        side: sideByte(fill.side),
      })),
      deleverages: events.deleverages.map((match) => ({
        ...match,
        account: fromHex(match.account)!,
        counterparty: fromHex(match.counterparty)!,
        side: sideByte(match.side),
      })),
      cover: { ...cover, deficits: amounts(cover.deficits), haircuts: amounts(cover.haircuts) },
    },
  });
}

const sideByte = (side: Side): number => (side === 'buy' ? 0 : 1);
const amounts = (rows: readonly AccountAmount[]): { account: Uint8Array; amount: bigint }[] =>
  rows.map(({ account, amount }) => ({ account: fromHex(account)!, amount }));
