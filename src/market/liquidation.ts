import type { AccountId, InstrumentIndex } from '../params/ids.ts';
import { PPM } from '../params/sizes.ts';
import { type Account, equity } from './account.ts';
import { groupRequirement, marginRequirement, withLongOptions } from './margin.ts';
import { NO_REQUIREMENT, type Requirement } from './option-margin.ts';
import type { Side } from './order.ts';
import type { Prices } from './prices.ts';
import { abs, ceilDiv, clamp, floorDiv, max, min, ppmDown, ppmUp } from './rounding.ts';

/**
 * The spread of a fillable price, units per lot: ABR·SMMR·MM_pos/|lots|, rounded down; the adjusted bankruptcy rating ABR = over/under is a
 * fraction of 0 to 1.
 * @param positionMM of the whole position of |lots|
 */
export const fillableSpread = (
  spreadPpm: bigint,
  { over, under }: { readonly over: bigint; readonly under: bigint },
  positionMM: bigint,
  lots: bigint,
): bigint => (spreadPpm * positionMM * over) / (PPM * under * lots);

/**
 * ABR = max(clamp(1 − E/MM, 0, 1), h/k) of an account: from 0 at E = MM to 1 at E = 0, and the longer it waits, the more of the spread its limits
 * give; as a fraction.
 * @param waited  h: earlier heights in a row below MM, neither halted nor clamped ones
 * @param patience of the market; k = ⌈patience/2⌉
 */
export function bankruptcyRating(
  E: bigint,
  MM: bigint,
  waited: number,
  patience: number,
): { over: bigint; under: bigint } {
  const k = BigInt(Math.ceil(patience / 2));
  const h = min(BigInt(waited), k);
  const gap = MM === 0n ? { over: 1n, under: 1n } : { over: clamp(MM - E, 0n, MM), under: MM };
  return gap.over * k >= h * gap.under ? gap : { over: h, under: k };
}

/** (q·mark − ABR·SMMR·MM_pos)/q: the mark less the spread for a long position that sells, plus the spread for a short one. */
export const fillablePrice = (side: Side, mark: bigint, spread: bigint): bigint =>
  side === 'sell' ? mark - spread : mark + spread;

/**
 * The price at which closing a position takes exactly its share of the equity, (lots·mark ∓ share)/lots, rounded in the
 * account's favour; units per lot, may be negative.
 * @param share signed: below 0 the price is better than the mark
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
  /** Of the account's equity, units, signed: what closing `lots` may cost the account, penalty included. */
  readonly share: bigint;
}

/**
 * MM_pos, units ≥ 1: what a position requires by itself. Perpetual: its tiered MM. Short option: |lots|·MM of a short lot.
 * Long option: ⌈lots·mark·m/10⁶⌉; it requires nothing, but has to be sold when the account is closed.
 */
export function positionMaintenance(prices: Prices, i: InstrumentIndex, lots: bigint): bigint {
  const { params, marks } = prices;
  if (params.instruments[i]!.kind === 'option' && lots > 0n) {
    return ppmUp(lots * marks[i]!, params.optionMargin.mPpm);
  }
  return groupRequirement(prices, [[i, lots]]).maintenance;
}

/** What is left of an account while its liquidation is planned. */
class Remainder {
  readonly #prices: Prices;
  readonly #requirements = new Map<InstrumentIndex | bigint, Requirement>();
  /** Of a position's group without it, as long as nothing of the group is closed. */
  readonly #without = new Map<InstrumentIndex, Requirement>();
  /** Of all groups together. */
  #total: Requirement = NO_REQUIREMENT;
  /** Σ over options lots·mark, units, signed. */
  #options = 0n;
  readonly lots: Map<InstrumentIndex, bigint>;
  equity: bigint;

  constructor(prices: Prices, account: Account) {
    this.#prices = prices;
    this.lots = new Map(
      [...account.positions].sort(([a], [b]) => a - b).map(([i, { lots }]) => [i, lots] as const),
    );
    this.equity = equity(account, prices.marks);
    for (const [i, q] of this.lots) {
      if (prices.options[i] !== undefined) this.#options += q * prices.marks[i]!;
      if (!this.#requirements.has(this.#key(i))) this.#refresh(i);
    }
  }

  /** IM and MM with one position at other lots and another equity; as it is, without arguments. */
  requirement(i?: InstrumentIndex, lots = 0n, E = this.equity): Requirement {
    if (i === undefined) return withLongOptions(this.#prices, this.#total, E, max(0n, this.#options));
    const key = this.#key(i);
    const now = this.#requirements.get(key)!;
    const then = lots === 0n ? this.#requirementWithout(key, i) : this.#requirementOf(key, i, lots);
    const base = {
      initial: this.#total.initial - now.initial + then.initial,
      maintenance: this.#total.maintenance - now.maintenance + then.maintenance,
    };
    const moved =
      this.#prices.options[i] === undefined ? 0n : (lots - this.lots.get(i)!) * this.#prices.marks[i]!;
    return withLongOptions(this.#prices, base, E, max(0n, this.#options + moved));
  }

  close(i: InstrumentIndex, E: bigint): void {
    if (this.#prices.options[i] !== undefined) this.#options -= this.lots.get(i)! * this.#prices.marks[i]!;
    this.lots.delete(i);
    this.equity = E;
    this.#refresh(i);
  }

  #key(i: InstrumentIndex): InstrumentIndex | bigint {
    const instrument = this.#prices.params.instruments[i]!;
    return instrument.kind === 'perp' ? i : instrument.expiry;
  }

  #requirementWithout(key: InstrumentIndex | bigint, i: InstrumentIndex): Requirement {
    const known = this.#without.get(i);
    if (known !== undefined) return known;
    const without = this.#requirementOf(key, i, 0n);
    this.#without.set(i, without);
    return without;
  }

  #refresh(i: InstrumentIndex): void {
    const key = this.#key(i);
    for (const at of this.#without.keys()) if (this.#key(at) === key) this.#without.delete(at);
    const now = this.#requirements.get(key) ?? NO_REQUIREMENT;
    const then = this.#requirementOf(key, i, this.lots.get(i) ?? 0n);
    this.#requirements.set(key, then);
    this.#total = {
      initial: this.#total.initial - now.initial + then.initial,
      maintenance: this.#total.maintenance - now.maintenance + then.maintenance,
    };
  }

  #requirementOf(key: InstrumentIndex | bigint, i: InstrumentIndex, lots: bigint): Requirement {
    const group = [...this.lots]
      .filter(([at]) => at !== i && this.#key(at) === key)
      .map(([at, q]) => [at, q] as const);
    const all = lots === 0n ? group : [...group, [i, lots] as const];
    return all.length === 0 ? NO_REQUIREMENT : groupRequirement(this.#prices, all);
  }
}

/** The position to close next, and by how much that lowers MM. */
interface Choice {
  readonly instrument: InstrumentIndex;
  readonly lots: bigint;
  readonly lowersBy: bigint;
}

/**
 * The position whose whole closing lowers MM most per |lots|·mark; if none lowers it, the short one with the largest MM by itself (a condor's
 * requirement falls only with its last leg); when no short and no perpetual is left, the long option worth most.
 */
function nextPosition(prices: Prices, rest: Remainder): Choice | undefined {
  const MM = rest.requirement().maintenance;
  const rows = [...rest.lots].map(([instrument, lots]) => ({
    instrument,
    lots,
    lowersBy: MM - rest.requirement(instrument).maintenance,
    value: abs(lots) * prices.marks[instrument]!,
  }));
  const best = (of: typeof rows, isBetter: (a: (typeof rows)[number], b: (typeof rows)[number]) => boolean) =>
    of.reduce<(typeof rows)[number] | undefined>(
      (a, b) => (a === undefined || isBetter(b, a) ? b : a),
      undefined,
    );
  const isLong = ({ instrument, lots }: (typeof rows)[number]): boolean =>
    lots > 0n && prices.params.instruments[instrument]!.kind === 'option';
  const lowering = rows.filter(({ lowersBy }) => lowersBy > 0n);
  const alone = ({ instrument, lots }: (typeof rows)[number]): bigint =>
    positionMaintenance(prices, instrument, lots);
  return (
    best(lowering, (a, b) => a.lowersBy * b.value > b.lowersBy * a.value) ??
    best(
      rows.filter((row) => !isLong(row)),
      (a, b) => alone(a) > alone(b),
    ) ??
    best(rows, (a, b) => a.value > b.value)
  );
}

/**
 * The orders of an account with 0 ≤ E < MM at this height's marks: position by position, the fewest lots whose closing, at the limit with
 * fee and full penalty, brings E to the middle between IM and MM at base rates; a position that does not suffice goes in whole, and the next one follows.
 * share = ⌊E·ΔMM/MM⌋ of the equity, all that is not shared yet where ΔMM is not positive. Limit: the better, for the account, of the fillable price
 * and the bankruptcy price of its share, fee included. So an account that is solvent loses the distance to its fills and a penalty, nothing else.
 * @param waited earlier heights in a row below MM
 */
export function liquidationPlan(
  prices: Prices,
  id: AccountId,
  account: Account,
  waited: number,
): LiquidationOrder[] {
  const { params, marks } = prices;
  const { spreadPpm, penaltyPpm, patienceHeights } = params.liquidation;
  const rest = new Remainder(prices, account);
  const E = rest.equity;
  const MM = rest.requirement().maintenance;
  const rating = bankruptcyRating(E, MM, waited, patienceHeights);
  const orders: LiquidationOrder[] = [];
  let shared = 0n;
  for (;;) {
    const next = nextPosition(prices, rest);
    if (next === undefined) return orders;
    const { instrument } = next;
    const mark = marks[instrument]!;
    const side: Side = next.lots > 0n ? 'sell' : 'buy';
    const held = abs(next.lots);
    const share = min(E - shared, next.lowersBy > 0n ? (E * next.lowersBy) / MM : E - shared);
    shared += share;
    const whole = positionMaintenance(prices, instrument, next.lots);
    const fillable = fillablePrice(side, mark, fillableSpread(spreadPpm, rating, whole, held));
    const bankrupt = bankruptcyLimit(side, held, mark, share, params.feePpm);
    const price = side === 'sell' ? max(1n, max(fillable, bankrupt)) : min(fillable, bankrupt);
    /** Equity after closing n lots at the limit. */
    const left = (n: bigint): bigint => {
      const loss = n * (side === 'sell' ? mark - price : price - mark);
      return rest.equity - loss - ppmUp(n * price, params.feePpm) - ppmDown(n * price, penaltyPpm);
    };
    const suffices = (n: bigint): boolean => {
      const after = side === 'sell' ? held - n : n - held;
      const { initial, maintenance } = rest.requirement(instrument, after, left(n));
      return left(n) >= ceilDiv(initial + maintenance, 2n);
    };
    const isEnough = price >= 1n && suffices(held);
    const lots = isEnough ? leastLots(held, suffices) : held;
    if (price >= 1n) orders.push({ account: id, instrument, side, lots, price, mark, share });
    if (isEnough) return orders;
    rest.close(instrument, price >= 1n ? left(held) : rest.equity);
  }
}

/** The least n of 1 … most with `suffices(n)`, by bisection; `most` suffices. */
function leastLots(most: bigint, suffices: (n: bigint) => boolean): bigint {
  let [low, high] = [0n, most];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The positions of a bankrupt account with their weights and their shares of its equity, by instrument: a map's own order is no rule. */
export function sharesOf(
  prices: Prices,
  account: Account,
): { instrument: InstrumentIndex; lots: bigint; weight: bigint; share: bigint }[] {
  const E = equity(account, prices.marks);
  const weighed = [...account.positions]
    .sort(([a], [b]) => a - b)
    .map(([instrument, { lots }]) => ({
      instrument,
      lots,
      weight: positionMaintenance(prices, instrument, lots),
    }));
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0n);
  return weighed.map((row) => ({ ...row, share: floorDiv(E * row.weight, total) }));
}

/**
 * Offers every position of the accounts with E < 0 at its bankruptcy price, and beyond it as far as insurance could pay for all its lots at that
 * moment; never beyond the fillable price at ABR = 1: without that end, a bid far below the mark made the fund pay many times the deficit.
 * Each promise is taken off what the next ones may count on; the largest deficit comes first, then the lower id, then the larger weight.
 * @param accounts  with E < 0, and their ids
 * @param insurance of the fund, units ≥ 0
 */
export function bankruptcyOrders(
  prices: Prices,
  accounts: readonly (readonly [AccountId, Account])[],
  insurance: bigint,
): LiquidationOrder[] {
  const { params, marks } = prices;
  const ranked = accounts
    .map(([id, account]) => ({ id, account, equity: equity(account, marks) }))
    .sort((a, b) => (a.equity < b.equity ? -1 : a.equity > b.equity ? 1 : a.id < b.id ? -1 : 1));
  let promised = 0n;
  return ranked.flatMap(({ id, account }) =>
    sharesOf(prices, account)
      .sort((a, b) => (a.weight > b.weight ? -1 : a.weight < b.weight ? 1 : a.instrument - b.instrument))
      .flatMap(({ instrument, lots: held, weight, share }): LiquidationOrder[] => {
        const side: Side = held > 0n ? 'sell' : 'buy';
        const lots = abs(held);
        const mark = marks[instrument]!;
        const spread = fillableSpread(params.liquidation.spreadPpm, { over: 1n, under: 1n }, weight, lots);
        const fillable = fillablePrice(side, mark, spread);
        const loss = lots * (side === 'sell' ? mark - fillable : fillable - mark);
        const fee = ppmUp(lots * max(0n, fillable), params.feePpm);
        const paid = min(max(0n, loss + fee + 1n - share), insurance - promised);
        promised += paid;
        const bankrupt = bankruptcyLimit(side, lots, mark, share + paid, params.feePpm);
        const price = side === 'sell' ? max(1n, max(fillable, bankrupt)) : min(fillable, bankrupt);
        return price < 1n ? [] : [{ account: id, instrument, side, lots, price, mark, share }];
      }),
  );
}

/**
 * What a fill of a liquidation order leaves of its share, ⌊share·lots/order lots⌋ − loss against the mark − fee:
 * if something is left, the penalty min(left, ⌊lots·price·penalty/10⁶⌋) goes to insurance; what is missing (of a bankrupt account only), insurance
 * pays as far as it can.
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
  if (left < 0n) return { penalty: 0n, insured: share < 0n ? min(-left, insurance) : 0n };
  return { penalty: min(left, ppmDown(fill.lots * fill.price, penaltyPpm)), insured: 0n };
}

/** Marks are searched below this for a liquidation price. */
const MAX_MARK = 1n << 64n;

/**
 * The mark of one instrument at which the account would be liquidated (E < MM), all else as it is: the highest such mark of
 * a long position, the lowest of a short one, units per lot. E − MM is monotone in the mark, so it is found by bisection.
 * @param at the prices with another mark of this instrument
 * @returns undefined if the account is liquidated at none (or, short, beyond 2^64)
 */
export function liquidationPrice(
  at: (mark: bigint) => Prices,
  account: Account,
  instrument: InstrumentIndex,
): bigint | undefined {
  const lots = account.positions.get(instrument)?.lots ?? 0n;
  const isLiquidated = (mark: bigint): boolean => {
    const prices = at(mark);
    return equity(account, prices.marks) < marginRequirement(prices, account).maintenance;
  };
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
