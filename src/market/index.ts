/**
 * The rules of a market of perpetual futures and options: auctions, margin, liquidation, funding, prices of options. Every rule is a pure
 * function of integers: money in units of 10⁻⁶ USDC, rates in parts per million, prices in units per lot.
 *
 * @example An auction at one uniform price
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clearAuction } from 'velum/market';
 *
 * const book = [
 *   { side: 'buy', price: 61_000_000n, lots: 10n, tieKey: Uint8Array.of(1) },
 *   { side: 'sell', price: 59_500_000n, lots: 4n, tieKey: Uint8Array.of(2) },
 *   { side: 'sell', price: 60_500_000n, lots: 3n, tieKey: Uint8Array.of(3) },
 * ] as const;
 * const { price, volume, fills } = clearAuction({
 *   book,
 *   mark: 60_000_000n,
 *   bandPpm: 50_000n,
 *   reference: 60_000_000n,
 * });
 * assert.deepEqual([price, volume, fills], [61_000_000n, 7n, [7n, 4n, 3n]]);
 * ```
 * @packageDocumentation
 */
export { type AccountId, accountId, type InstrumentIndex, instrumentIndex } from '../params/ids.ts';
export { type Account, equity, longOptionValue, type Position } from './account.ts';
export { type AuctionResult, type BookOrder, clearAuction, clearWithin } from './auction.ts';
export { type Band, bandOf, bandsOf } from './band.ts';
export { type Black76, type Black76Input, black76 } from './black76.ts';
export { type ParamProblem, validateMarketParams } from './check-params.ts';
export { applyFill } from './fill.ts';
export { ONE } from './fixed-point.ts';
export {
  fundingPerLot,
  fundingRate,
  impactPrice,
  payFunding,
  premiumSample,
  type RestingOrder,
} from './funding.ts';
export { type Greeks, greeks, NO_DISCOUNT } from './greeks.ts';
export {
  bankruptcyOrders,
  type LiquidationOrder,
  liquidationPlan,
  liquidationPrice,
} from './liquidation.ts';
export { isBelowMaintenance, marginRequirement, openingEquity, withdrawable } from './margin.ts';
export { optionMark } from './marks.ts';
export type { Requirement } from './option-margin.ts';
export type { Order, Side } from './order.ts';
export {
  DEFAULT_RULES,
  defaultCaps,
  type Instrument,
  indexPerLot,
  type MarketParams,
  type Option,
  type OptionType,
  type Perpetual,
  strikePerLot,
} from './params.ts';
export { type Prices, pricesOf } from './prices.ts';
export { type ReserveTable, reserveOf, reserveTable } from './reserve.ts';
