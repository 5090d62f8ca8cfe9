import type { Order } from '../market/order.ts';
import type { MarketParams } from '../market/params.ts';

/** What an orders file and a market file say. Money in 10⁻⁶ USDC, prices in units per lot. */

/** Heights of a run, at most. */
export const MAX_RUN_HEIGHT = 1_000;

/** Rows of an orders file with one batch name: what one trader seals together. */
export interface FileBatch {
  /** Unique in the file and fit for a file name: [A-Za-z0-9._-]{1,32}. */
  readonly name: string;
  /** Height that is to order it, from 1. */
  readonly height: number;
  readonly trader: string;
  /** A lasting account of this trader; undefined: an account of this batch alone ("fresh"). */
  readonly account: string | undefined;
  /** 1 … 4, in file order. */
  readonly orders: readonly Order[];
}

/** What crosses the edge of an account at one height, besides batches. */
export interface FileTransfer {
  /** `deposit`: the bridge pays in; `shield`: cash becomes a note; `withdraw`: cash leaves. */
  readonly kind: 'deposit' | 'shield' | 'withdraw';
  /** Unique among batches and transfers. */
  readonly name: string;
  readonly height: number;
  readonly trader: string;
  /** A lasting account of this trader, or `fresh:<batch>`. */
  readonly account: string;
  /** Units. */
  readonly amount: bigint;
  /** 32 bytes: where a withdrawal goes. */
  readonly to: Uint8Array | undefined;
}

/** What validators' oracles and clocks say at one height. */
export interface OracleHeight {
  /** Block time, unix seconds. */
  readonly timeS: bigint;
  /** When the prices were observed, unix seconds; earlier than `timeS` where a feed stands still. */
  readonly observedS: bigint;
  /** One value per feed, in the order of market/params.ts oracleFeeds. */
  readonly values: readonly bigint[];
}

export interface MarketFile {
  readonly params: MarketParams;
  /** Genesis notes of each trader, in the order in which its batches spend them; units. */
  readonly notes: ReadonlyMap<string, readonly bigint[]>;
  /** Index 0 is genesis. */
  readonly oracle: readonly OracleHeight[];
  /** In file order; those of heights that are not run play no part. */
  readonly transfers: readonly FileTransfer[];
}
