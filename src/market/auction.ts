import { compareBytes } from '../base/bytes.ts';
import type { Band } from './band.ts';
import { bandOf } from './band.ts';
import type { Side } from './order.ts';
import { abs, clamp, max, min } from './rounding.ts';

/** A limit order as the auction sees it. */
export interface BookOrder {
  readonly side: Side;
  /** Limit, units per lot. */
  readonly price: bigint;
  readonly lots: bigint;
  /** Unique and unpredictable when the order was sealed: H(item id ‖ leg ‖ beacon). Lower wins a tie. */
  readonly tieKey: Uint8Array;
}

export interface AuctionResult {
  /** Units per lot; null when nothing trades. */
  readonly price: bigint | null;
  /** Lots bought, equal to lots sold. */
  readonly volume: bigint;
  /** Lots filled of each row of the book, 0 … lots. */
  readonly fills: readonly bigint[];
}

/** The rows of one limit: `start` … `end − 1` of the book in the order of its prices. */
interface Level {
  readonly price: bigint;
  /** Lots to buy and to sell at it. */
  readonly buys: bigint;
  readonly sells: bigint;
  readonly start: number;
  readonly end: number;
}

/** A book's places by ascending price, and its levels in that order. */
interface Ladder {
  readonly order: ArrayLike<number>;
  readonly levels: readonly Level[];
}

/** Prices low … high, all with the same demand and supply. */
interface PriceSegment extends Band {
  readonly demand: bigint;
  readonly supply: bigint;
}

/**
 * One auction at one uniform price inside the band mark(1 ± b), see `clearWithin`.
 * @param input.mark      units per lot, ≥ 1
 * @param input.reference units per lot: the price that settles a perfect tie (the last mark)
 */
export function clearAuction(input: {
  readonly book: readonly BookOrder[];
  readonly mark: bigint;
  readonly bandPpm: bigint;
  readonly reference: bigint;
}): AuctionResult {
  return clearWithin(input.book, bandOf(input.mark, input.bandPpm), input.reference);
}

/**
 * Frequent batch auction: D(p) = Σ buys with limit ≥ p, S(p) = Σ sells with limit ≤ p for integer p in the band.
 * (1) maximise V = min(D, S); (2) minimise |D − S|; (3) all remaining D > S: the highest, all D < S: the lowest;
 * (4) else the reference clamped into the remaining prices, which are an interval: V is quasi-concave in p and
 * D − S never rises, so between two best prices every price is best. V = 0: no trade.
 * The short side fills fully, the long side as `fillSide` says. The result depends on the rows only, not on
 * their order. O(k log k) for k rows.
 * @see Budish, Cramton, Shim, "The High-Frequency Trading Arms Race", QJE 2015 (frequent batch auctions)
 * @see Comerton-Forde, Rydge, "Call auction algorithm design and market manipulation", 2006 (the four principles)
 */
export function clearWithin(book: readonly BookOrder[], band: Band, reference: bigint): AuctionResult {
  const ladder = ladderOf(book);
  const best = bestSegments(ladder.levels, band);
  const first = best[0];
  const fills = book.map(() => 0n);
  if (first === undefined) return { price: null, volume: 0n, fills };

  const { low } = first;
  const { high } = best[best.length - 1]!;
  let price: bigint;
  if (best.every(({ demand, supply }) => demand > supply)) price = high;
  else if (best.every(({ demand, supply }) => demand < supply)) price = low;
  else price = clamp(reference, low, high);

  const volume = min(first.demand, first.supply);
  fillSide(book, ladder, 'buy', price, volume, fills);
  fillSide(book, ladder, 'sell', price, volume, fills);
  return { price, volume, fills };
}

/** One sort and one pass: the sort is the only part of an auction that is not linear. */
function ladderOf(book: readonly BookOrder[]): Ladder {
  const order = byPrice(book);
  const levels: Level[] = [];
  for (let start = 0, end = 0; start < order.length; start = end) {
    const { price } = book[order[start]!]!;
    let buys = 0n;
    let sells = 0n;
    for (; end < order.length && book[order[end]!]!.price === price; end++) {
      const { side, lots } = book[order[end]!]!;
      if (side === 'buy') buys += lots;
      else sells += lots;
    }
    levels.push({ price, buys, sells, start, end });
  }
  return { order, levels };
}

/** Below these a price and a place are one exact double: price·2^20 + place < 2^53. Every book of a height is. */
const PACKED_PRICES = 1n << 33n;
const PACKED_ROWS = 2 ** 20;

/** Places of the book by ascending price. Doubles sort ten times as fast as a comparison of bigints. */
function byPrice(book: readonly BookOrder[]): ArrayLike<number> {
  if (book.length > PACKED_ROWS || book.some(({ price }) => price >= PACKED_PRICES))
    return [...book.keys()].sort((a, b) => compareBigints(book[a]!.price, book[b]!.price));
  return Float64Array.from(book, ({ price }, i) => Number(price) * PACKED_ROWS + i)
    .sort()
    .map((packed) => packed % PACKED_ROWS);
}

/** Segments inside the band that survive rules (1) and (2), ascending; [] when no price trades. */
function bestSegments(levels: readonly Level[], band: Band): PriceSegment[] {
  let best: PriceSegment[] = [];
  let bestVolume = 1n;
  let bestSurplus = 0n;
  for (const segment of segmentsOf(levels, band)) {
    const volume = min(segment.demand, segment.supply);
    if (volume < bestVolume) continue;
    const surplus = abs(segment.demand - segment.supply);
    if (best.length > 0 && volume === bestVolume && surplus > bestSurplus) continue;
    if (best.length === 0 || volume > bestVolume || surplus < bestSurplus) best = [];
    bestVolume = volume;
    bestSurplus = surplus;
    best.push(segment);
  }
  return best;
}

/**
 * D and S are constant at a limit and between two of them: the segments [limit, limit] and [limit + 1, next limit − 1], cut to
 * the band. Their ends are the candidates {limit − 1, limit, limit + 1} and the band's edges. Outside all limits
 * one side is empty.
 */
function* segmentsOf(levels: readonly Level[], band: Band): Generator<PriceSegment> {
  let demand = levels.reduce((sum, { buys }) => sum + buys, 0n);
  let supply = 0n;
  for (let i = 0; i < levels.length; i++) {
    const { price, buys, sells } = levels[i]!;
    supply += sells;
    if (price >= band.low && price <= band.high) yield { low: price, high: price, demand, supply };
    demand -= buys;
    const next = levels[i + 1];
    if (next === undefined) return;
    const low = max(price + 1n, band.low);
    const high = min(next.price - 1n, band.high);
    if (low <= high) yield { low, high, demand, supply };
  }
}

/**
 * Gives `volume` lots to the rows of one side that accept the price: levels with strictly better limits first and
 * fully; the level at which the volume ends is shared pro rata. The short side has just `volume` lots: it fills.
 */
function fillSide(
  book: readonly BookOrder[],
  { order, levels }: Ladder,
  side: Side,
  price: bigint,
  volume: bigint,
  fills: bigint[],
): void {
  const [first, step] = side === 'buy' ? [levels.length - 1, -1] : [0, 1];
  let available = volume;
  for (let at = first; available > 0n; at += step) {
    const level = levels[at];
    if (level === undefined || (side === 'buy' ? level.price < price : level.price > price)) return;
    const total = side === 'buy' ? level.buys : level.sells;
    if (total === 0n) continue;
    const rows: number[] = [];
    for (let k = level.start; k < level.end; k++) if (book[order[k]!]!.side === side) rows.push(order[k]!);
    if (total <= available) for (const i of rows) fills[i] = book[i]!.lots;
    else shareProRata(book, rows, total, available, fills);
    available -= min(total, available);
  }
}

/**
 * ⌊lots·available/total⌋ each; the left-over lots, fewer than rows, go one each by largest remainder, ties by
 * ascending tie key. `available` < `total`, so nobody gets more than its lots.
 */
function shareProRata(
  book: readonly BookOrder[],
  rows: readonly number[],
  total: bigint,
  available: bigint,
  fills: bigint[],
): void {
  let left = available;
  const remainders = rows.map((index) => {
    const { lots, tieKey } = book[index]!;
    const share = (lots * available) / total;
    fills[index] = share;
    left -= share;
    return { index, remainder: lots * available - share * total, tieKey };
  });
  remainders.sort((a, b) => compareBigints(b.remainder, a.remainder) || compareBytes(a.tieKey, b.tieKey));
  for (const { index } of remainders.slice(0, Number(left))) fills[index] = fills[index]! + 1n;
}

const compareBigints = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
