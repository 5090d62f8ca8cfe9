import type { AccountId, InstrumentIndex } from '../params/ids.ts';
import { PPM } from '../params/sizes.ts';
import { type Account, equity, maintenanceMargin, type Position } from './margin.ts';
import type { Prices } from './marks.ts';
import { shortOptionLot } from './option-margin.ts';
import type { Side } from './order.ts';
import { abs, ceilDiv, clamp, floorDiv, max, min, ppmDown, ppmUp } from './rounding.ts';
import { tieredRequirement } from './tiers.ts';

/**
 * MM_pos, units ≥ 1: what a position requires by itself, its weight when an account's equity is shared among its positions.
 * Perpetual: its tiered MM. Short option: |lots|·MM of a short lot. Long option: ⌈lots·mark·m/10⁶⌉; it requires nothing,
 * but has to be sold when the account is closed.
 */
export function positionMaintenance(
  { params, marks, index }: Prices,
  i: InstrumentIndex,
  lots: bigint,
): bigint {
  const instrument = params.instruments[i]!;
  const mark = marks[i]!;
  if (instrument.kind === 'perp') return tieredRequirement(params, abs(lots) * mark).maintenance;
  if (lots > 0n) return ppmUp(lots * mark, params.optionMargin.mPpm);
  return -lots * shortOptionLot(instrument, mark, index, params.optionMargin).maintenance;
}

/** Whether an account has to be liquidated: E < MM. */
export const isBelowMaintenance = ({ params, marks, index }: Prices, account: Account): boolean =>
  equity(account, marks) < maintenanceMargin(params, account, marks, index);

/**
 * The spread of a fillable price, units per lot: ABR·SMMR·MM_pos/|lots| with ABR = clamp(1 − E/MM, 0, 1), the
 * adjusted bankruptcy rating of the account; rounded down. From 0 at E = MM to SMMR·MM_pos at E = 0.
 * @param E  equity, signed
 * @param MM of the account, ≥ 0 (with MM = 0 an account is liquidated only if E < 0: ABR = 1)
 */
export function fillableSpread(
  spreadPpm: bigint,
  E: bigint,
  MM: bigint,
  positionMM: bigint,
  lots: bigint,
): bigint {
  const gap = clamp(MM - E, 0n, MM);
  const rating = MM === 0n ? { over: 1n, under: 1n } : { over: gap, under: MM };
  return (spreadPpm * positionMM * rating.over) / (PPM * rating.under * lots);
}

/** (q·mark − ABR·SMMR·MM_pos)/q: the mark less the spread for a long position that sells, plus the spread for a short one. */
export const fillablePrice = (side: Side, mark: bigint, spread: bigint): bigint =>
  side === 'sell' ? mark - spread : mark + spread;

/**
 * The price at which closing a position takes exactly its share of the equity, (lots·mark ∓ share)/lots, rounded in the
 * account's favour; units per lot, may be negative. Equity is shared by MM_pos, so the shares of all positions are E.
 * @param share ⌊E·MM_pos/Σ MM_pos⌋, signed: below 0 the price is better than the mark
 * @see dYdX v4, `GetBankruptcyPriceInQuoteQuantums`
 */
export const bankruptcyPrice = (side: Side, lots: bigint, mark: bigint, share: bigint): bigint =>
  side === 'sell' ? -floorDiv(share - lots * mark, lots) : floorDiv(lots * mark + share, lots);

/** The bankruptcy price with the trading fee included: lots·p ∓ fee leaves the share, to the unit; ≥ 0. */
export function bankruptcyLimit(
  side: Side,
  lots: bigint,
  mark: bigint,
  share: bigint,
  feePpm: bigint,
): bigint {
  if (side === 'sell') {
    return ceilDiv(max(0n, lots * mark - share + 1n) * PPM, lots * (PPM - feePpm));
  }
  return (max(0n, lots * mark + share - 1n) * PPM) / (lots * (PPM + feePpm));
}

/** What the liquidation of one position puts into this height's auction. */
export interface LiquidationOrder {
  readonly account: AccountId;
  readonly instrument: InstrumentIndex;
  readonly side: Side;
  readonly lots: bigint;
  /** Limit, units per lot, ≥ 1. */
  readonly price: bigint;
  readonly mark: bigint;
  /** Of the account's equity, units, signed: what closing the whole position may cost the account. */
  readonly share: bigint;
}

/** A position to be liquidated, before the insurance fund has said what it pays. */
interface Candidate extends Omit<LiquidationOrder, 'price'> {
  readonly weight: bigint;
  readonly fillable: bigint;
}

/** An account's positions with their weights and their shares of its equity, by instrument: a map's own order is no rule. */
export function sharesOf(
  prices: Prices,
  account: Account,
): { instrument: InstrumentIndex; position: Position; weight: bigint; share: bigint }[] {
  const E = equity(account, prices.marks);
  const positions = [...account.positions].sort(([a], [b]) => a - b);
  const weighed = positions.map(([instrument, position]) => ({
    instrument,
    position,
    weight: positionMaintenance(prices, instrument, position.lots),
  }));
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0n);
  return weighed.map((row) => ({ ...row, share: floorDiv(E * row.weight, total) }));
}

/** Largest requirement first, ties by account and instrument. */
const byRequirement = (a: Candidate, b: Candidate): number => {
  if (a.weight !== b.weight) return a.weight > b.weight ? -1 : 1;
  if (a.account !== b.account) return a.account < b.account ? -1 : 1;
  return a.instrument - b.instrument;
};

/**
 * Offers every position of the accounts to be liquidated, at the better for the account of the fillable price and the
 * bankruptcy price including the fee. Where the bankruptcy price is the better one, the insurance fund lets the limit
 * go on towards the fillable price as far as it could pay for all lots at that moment: largest requirement first, each
 * promise taken off what the next ones may count on.
 * @param accounts  below maintenance, with their ids
 * @param insurance of the fund, units ≥ 0
 */
export function liquidationOrders(
  prices: Prices,
  accounts: readonly (readonly [AccountId, Account])[],
  insurance: bigint,
): LiquidationOrder[] {
  const { params } = prices;
  const candidates = accounts.flatMap(([id, account]) => candidatesOf(prices, id, account));
  let promised = 0n;
  return candidates.sort(byRequirement).flatMap(({ weight: _, fillable, ...order }) => {
    const { side, lots, mark, share } = order;
    const loss = lots * (side === 'sell' ? mark - fillable : fillable - mark);
    const fee = ppmUp(lots * max(0n, fillable), params.feePpm);
    const wanted = max(0n, loss + fee + 1n - share);
    const paid = min(wanted, insurance - promised);
    promised += paid;
    const bankrupt = bankruptcyLimit(side, lots, mark, share + paid, params.feePpm);
    const price = side === 'sell' ? max(1n, max(fillable, bankrupt)) : min(fillable, bankrupt);
    return price < 1n ? [] : [{ ...order, price }];
  });
}

function candidatesOf(prices: Prices, id: AccountId, account: Account): Candidate[] {
  const { params, marks, index } = prices;
  const E = equity(account, marks);
  const MM = maintenanceMargin(params, account, marks, index);
  return sharesOf(prices, account).map(({ instrument, position, weight, share }) => {
    const side: Side = position.lots > 0n ? 'sell' : 'buy';
    const lots = abs(position.lots);
    const mark = marks[instrument]!;
    const spread = fillableSpread(params.liquidation.spreadPpm, E, MM, weight, lots);
    const fillable = fillablePrice(side, mark, spread);
    return { account: id, instrument, side, lots, mark, share, weight, fillable };
  });
}

/**
 * What a fill of a liquidation order leaves of the position's share, ⌊share·lots/order lots⌋ − loss against the mark − fee:
 * if something is left, the penalty min(left, ⌊lots·price·penalty/10⁶⌋) goes to insurance; what is missing, insurance
 * pays as far as it can. So a fill never takes more than its share from the account, as long as the fund lasts.
 * @param fee       trading fee of the fill, units
 * @param insurance of the fund at that moment, units ≥ 0
 */
export function liquidationOutcome(
  { penaltyPpm }: { readonly penaltyPpm: bigint },
  order: LiquidationOrder,
  fill: { readonly lots: bigint; readonly price: bigint; readonly fee: bigint },
  insurance: bigint,
): { penalty: bigint; insured: bigint } {
  const { side, mark, share } = order;
  const loss = fill.lots * (side === 'sell' ? mark - fill.price : fill.price - mark);
  const left = floorDiv(share * fill.lots, order.lots) - loss - fill.fee;
  if (left < 0n) return { penalty: 0n, insured: min(-left, insurance) };
  return { penalty: min(left, ppmDown(fill.lots * fill.price, penaltyPpm)), insured: 0n };
}

/** Marks are searched below this for a liquidation price. */
const MAX_MARK = 1n << 64n;

/**
 * The mark of one instrument at which the account would be liquidated (E < MM), all else as it is: the highest such mark of
 * a long position, the lowest of a short one, units per lot. E − MM is monotone in the mark, so it is found by bisection.
 * @returns undefined if the account is liquidated at none (or, short, beyond 2^64)
 */
export function liquidationPrice(
  { params, marks, index }: Prices,
  account: Account,
  instrument: InstrumentIndex,
): bigint | undefined {
  const lots = account.positions.get(instrument)?.lots ?? 0n;
  const isLiquidated = (mark: bigint): boolean =>
    isBelowMaintenance({ params, index, marks: marks.with(instrument, mark) }, account);
  if (lots === 0n || !isLiquidated(lots > 0n ? 0n : MAX_MARK)) return undefined;
  // `inside` is liquidated, `outside` is not (or is the end of the search).
  let [inside, outside] = lots > 0n ? [0n, MAX_MARK] : [MAX_MARK, -1n];
  while (abs(outside - inside) > 1n) {
    const middle = (inside + outside) / 2n;
    if (isLiquidated(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}
