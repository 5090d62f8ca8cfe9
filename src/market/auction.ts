import { compareBytes } from '../base/bytes.ts';
import type { Band } from './band.ts';
import { bandOf } from './band.ts';
import type { Side } from './order.ts';
import { abs, clamp, min } from './rounding.ts';

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

/** Demand and supply of one candidate price. */
interface Candidate {
  readonly price: bigint;
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
  const best = bestCandidates(book, band);
  const first = best[0];
  if (first === undefined) return { price: null, volume: 0n, fills: book.map(() => 0n) };

  const last = best[best.length - 1]!;
  let price: bigint;
  if (best.every(({ demand, supply }) => demand > supply)) price = last.price;
  else if (best.every(({ demand, supply }) => demand < supply)) price = first.price;
  else price = clamp(reference, first.price, last.price);

  const volume = min(first.demand, first.supply);
  const fills = book.map(() => 0n);
  fillSide(book, 'buy', price, volume, fills);
  fillSide(book, 'sell', price, volume, fills);
  return { price, volume, fills };
}

/** Candidates that survive rules (1) and (2), by ascending price; [] when no price trades. */
function bestCandidates(book: readonly BookOrder[], band: Band): Candidate[] {
  let best: Candidate[] = [];
  let bestVolume = 1n;
  let bestSurplus = 0n;
  for (const candidate of candidatesOf(book, band)) {
    const volume = min(candidate.demand, candidate.supply);
    const surplus = abs(candidate.demand - candidate.supply);
    if (volume < bestVolume || (best.length > 0 && volume === bestVolume && surplus > bestSurplus)) continue;
    if (best.length === 0 || volume > bestVolume || surplus < bestSurplus) best = [];
    bestVolume = volume;
    bestSurplus = surplus;
    best.push(candidate);
  }
  return best;
}

/**
 * The band's edges and, for every limit, {limit − 1, limit, limit + 1} inside the band, ascending, each once. D and
 * S are constant between limits, so every maximal interval of equal (D, S) has both its ends among them.
 */
function* candidatesOf(book: readonly BookOrder[], band: Band): Generator<Candidate> {
  const rows = [...book].sort((a, b) => compareBigints(a.price, b.price));
  let demand = rows.reduce((sum, row) => (row.side === 'buy' ? sum + row.lots : sum), 0n);
  let supply = 0n;
  let buysBelow = 0; // rows before it: buys with limit < price are out of `demand`
  let sellsUpTo = 0; // rows before it: sells with limit ≤ price are in `supply`
  const at = (price: bigint): Candidate => {
    for (; buysBelow < rows.length && rows[buysBelow]!.price < price; buysBelow++) {
      const row = rows[buysBelow]!;
      if (row.side === 'buy') demand -= row.lots;
    }
    for (; sellsUpTo < rows.length && rows[sellsUpTo]!.price <= price; sellsUpTo++) {
      const row = rows[sellsUpTo]!;
      if (row.side === 'sell') supply += row.lots;
    }
    return { price, demand, supply };
  };

  if (band.low > band.high) return;
  yield at(band.low);
  let reached = band.low;
  for (const row of rows) {
    for (const price of [row.price - 1n, row.price, row.price + 1n]) {
      if (price <= reached || price >= band.high) continue;
      yield at(price);
      reached = price;
    }
  }
  if (band.high > reached) yield at(band.high);
}

/**
 * Gives `volume` lots to the rows of one side that accept the price: levels with strictly better limits first and
 * fully; the level at which the volume ends is shared pro rata. The short side has just `volume` lots: it fills.
 */
function fillSide(
  book: readonly BookOrder[],
  side: Side,
  price: bigint,
  volume: bigint,
  fills: bigint[],
): void {
  const better = side === 'buy' ? -1 : 1;
  const rows = book
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => row.side === side && (side === 'buy' ? row.price >= price : row.price <= price))
    .sort((a, b) => better * compareBigints(a.row.price, b.row.price));

  let available = volume;
  for (let start = 0, end = 0; start < rows.length && available > 0n; start = end) {
    let total = 0n;
    for (end = start; end < rows.length && rows[end]!.row.price === rows[start]!.row.price; end++) {
      total += rows[end]!.row.lots;
    }
    const level = rows.slice(start, end);
    if (total <= available) for (const { row, index } of level) fills[index] = row.lots;
    else shareProRata(level, total, available, fills);
    available -= min(total, available);
  }
}

/**
 * ⌊lots·available/total⌋ each; the left-over lots, fewer than rows, go one each by largest remainder, ties by
 * ascending tie key. `available` < `total`, so nobody gets more than its lots.
 */
function shareProRata(
  level: readonly { readonly row: BookOrder; readonly index: number }[],
  total: bigint,
  available: bigint,
  fills: bigint[],
): void {
  let left = available;
  const remainders = level.map(({ row, index }) => {
    const share = (row.lots * available) / total;
    fills[index] = share;
    left -= share;
    return { index, remainder: row.lots * available - share * total, tieKey: row.tieKey };
  });
  remainders.sort((a, b) => compareBigints(b.remainder, a.remainder) || compareBytes(a.tieKey, b.tieKey));
  for (const { index } of remainders.slice(0, Number(left))) fills[index] = fills[index]! + 1n;
}

const compareBigints = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
