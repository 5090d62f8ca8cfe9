import { toHex } from '../../base/bytes.ts';
import { type OpenedItem, type SettlementInput, settle } from '../../ledger/transition.ts';
import { type BookOrder, clearWithin } from '../../market/auction.ts';
import { SETTLEMENT_PATIENCE_S } from '../../market/expiry.ts';
import { computeMarks } from '../../market/marks.ts';
import { height, itemId } from '../../params/ids.ts';
import { MAX_ORDERED_ITEMS } from '../../params/sizes.ts';
import { Prng } from '../../sim/prng.ts';
import { BENCH_MARKET, fullMarket, HOUR_S, ordersOf } from './full-market.ts';
import { type CpuTiming, measureCpu } from './measure.ts';
import { type OrderBookPackage, orderBookPackage } from './peers.ts';

export interface MarketBenchmark {
  readonly results: readonly CpuTiming[];
  /**
   * Exponents e of processor time ~ n^e from the smallest auction to the largest: of an auction, of one sort of the same orders by
   * price in the same run, which is n log n and pays for the same cache misses, and of n·log n on paper.
   */
  readonly slope: { readonly auction: number; readonly sort: number; readonly nLogN: number };
  readonly missing: readonly string[];
}

const AUCTIONS = [1_000, 10_000, 100_000];
export const ACCOUNTS = 1_000;
const MARK = 1_000_000;
const BAND = { low: 900_000n, high: 1_100_000n };

/**
 * The same 100,000 orders cleared as a hundred books, as ten and as one, beside an order book that takes the same orders one
 * by one; and heights of 1,000 accounts that hold all 16 instruments: margins of everybody, a full height of sealed orders, 16
 * auctions, roots of state and receipts.
 * @param runs calls of each; the median counts
 */
export async function benchMarket({
  runs,
  onProgress,
}: {
  readonly runs: number;
  readonly onProgress: (what: string) => void;
}): Promise<MarketBenchmark> {
  const peer = await orderBookPackage();
  const [auctions, sorts]: CpuTiming[][] = [[], []];
  for (const n of AUCTIONS) {
    onProgress(`an auction of ${n} orders`);
    const books = booksOf(n);
    auctions!.push(await measureAuction(books, runs, peer));
    const byPrice = (i: number) =>
      books[i]!.toSorted((a, b) => (a.price < b.price ? -1 : a.price > b.price ? 1 : 0));
    sorts!.push(await measureCpu(`sort/n=${n}`, byPrice, { runs, calls: books.length }));
  }
  const results = [...auctions!, ...sorts!];
  for (const [name, input] of benchHeights()) {
    onProgress(`a height: ${name}`);
    const before = fullMarket(ACCOUNTS);
    results.push(await measureCpu(`height/${name}`, () => settle(BENCH_MARKET, before, input), { runs }));
  }
  const [first, last] = [AUCTIONS[0]!, AUCTIONS.at(-1)!];
  const exponent = (from: number, to: number): number =>
    Number((Math.log(to / from) / Math.log(last / first)).toFixed(3));
  const slopeOf = (rows: readonly CpuTiming[]): number => exponent(rows[0]!.cpuMs, rows.at(-1)!.cpuMs);
  return {
    results,
    slope: {
      auction: slopeOf(auctions!),
      sort: slopeOf(sorts!),
      nLogN: exponent(first * Math.log(first), last * Math.log(last)),
    },
    missing: peer === undefined ? ['nodejs-order-book (a development dependency)'] : [],
  };
}

/** Books of n orders, 100,000 in all. Limits lie within 5 % of the mark, so about two thirds of the lots trade. */
function booksOf(n: number): BookOrder[][] {
  const prng = new Prng(1);
  const order = (): BookOrder => ({
    side: prng.bit() === 0 ? 'buy' : 'sell',
    price: BigInt(MARK + prng.below(MARK / 10) - MARK / 20),
    lots: BigInt(1 + prng.below(50)),
    tieKey: prng.bytes(32),
  });
  return Array.from({ length: AUCTIONS.at(-1)! / n }, () => Array.from({ length: n }, order));
}

function measureAuction(
  books: readonly BookOrder[][],
  runs: number,
  peer: OrderBookPackage | undefined,
): Promise<CpuTiming> {
  const orders = books.map((book) =>
    book.map(({ side, price, lots }, i) => ({
      id: String(i),
      side,
      size: Number(lots),
      price: Number(price),
    })),
  );
  const clear = (i: number) => clearWithin(books[i]!, BAND, BigInt(MARK));
  const feed = ({ OrderBook }: OrderBookPackage, i: number) => {
    const other = new OrderBook();
    for (const order of orders[i]!) other.limit(order);
  };
  const beside = peer && { name: 'nodejs-order-book', run: (i: number) => feed(peer, i) };
  return measureCpu(`auction/n=${books[0]!.length}`, clear, { runs, calls: books.length, peer: beside });
}

/** A quiet height, one that pays funding, one at which an expiry comes, one after the index fell by a tenth and volatilities rose. */
export function benchHeights(): [string, SettlementInput][] {
  const { market } = fullMarket(1);
  const { timeS, medians } = market;
  const expiry = BENCH_MARKET.instruments.flatMap((i) => (i.kind === 'option' ? [i.expiry] : []))[0]!;
  const marksAt = (prices: readonly bigint[]): bigint[] =>
    computeMarks(BENCH_MARKET, { ...market, medians: prices }, market.settled);
  const at = (seconds: bigint, prices: readonly bigint[]): SettlementInput => {
    const now = timeS + seconds;
    return {
      height: height(1),
      timeS: now,
      oracleTimeS: now,
      medians: prices,
      beacon: new Uint8Array(64).fill(7),
      items: randomItems(marksAt(prices)),
      refused: [],
    };
  };
  return [
    ['trading', at(30n, medians)],
    ['funding', at(HOUR_S, medians)],
    // After so long a silence there is no mean to settle at: the last index does, an hour later.
    ['expiry', at(expiry - timeS + SETTLEMENT_PATIENCE_S, medians)],
    [
      'liquidations',
      at(30n, [(medians[0]! * 9n) / 10n, ...medians.slice(1).map((vol) => (vol * 14n) / 10n)]),
    ],
  ];
}

/** As many sealed batches as a height can order, four orders each, at the marks of that height. */
function randomItems(marks: readonly bigint[]): OpenedItem[] {
  const prng = new Prng(1);
  return Array.from(
    { length: MAX_ORDERED_ITEMS },
    (): OpenedItem => ({
      kind: 'batch',
      id: itemId(toHex(prng.bytes(32))),
      fee: BENCH_MARKET.batchFee,
      content: {
        account: BigInt(1 + prng.below(ACCOUNTS)),
        deposit: 10_000_000_000n,
        orders: ordersOf(prng, marks),
      },
    }),
  );
}
