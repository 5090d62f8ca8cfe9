import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToBytes } from '../../../src/base/bytes.ts';
import { type BookOrder, clearAuction, clearWithin } from '../../../src/market/auction.ts';
import { bandOf } from '../../../src/market/band.ts';
import { MAX_PRICE, type Side } from '../../../src/market/order.ts';
import { auctions, books, checkAuction, sum } from '../../helpers/auction-oracle.ts';

const row = (side: Side, price: number | bigint, lots: number | bigint, tie = 0): BookOrder => ({
  side,
  price: BigInt(price),
  lots: BigInt(lots),
  tieKey: bigintToBytes(BigInt(tie), 32),
});

describe('the auction', () => {
  test('equals a brute force over every price of the band and fills as defined, in any order of the rows', () => {
    // 20,000 in test/long/auction.test.ts.
    fc.assert(fc.property(auctions, checkAuction), { numRuns: 2_000 });
  });

  test('is the same auction at prices that no double holds', () => {
    const far = 1n << 70n;
    fc.assert(
      fc.property(auctions, ({ book, band, reference }) => {
        const near = clearWithin(book, band, reference);
        const shifted = clearWithin(
          book.map((o) => ({ ...o, price: o.price + far })),
          { low: band.low + far, high: band.high + far },
          reference + far,
        );
        expect(shifted).toEqual({ ...near, price: near.price === null ? null : near.price + far });
      }),
      { numRuns: 500 },
    );
  });

  test('I6: lots bought equal lots sold, nobody gets more than asked or a worse price than the limit', () => {
    fc.assert(
      fc.property(books(fc.bigInt(1n, MAX_PRICE)), fc.bigInt(1n, MAX_PRICE), (book, mark) => {
        const { price, volume, fills } = clearAuction({ book, mark, bandPpm: 900_000n, reference: mark });
        let net = 0n;
        book.forEach((o, i) => {
          const lots = fills[i]!;
          expect(lots >= 0n && lots <= o.lots).toBe(true);
          if (lots > 0n) expect(o.side === 'buy' ? o.price >= price! : o.price <= price!).toBe(true);
          net += o.side === 'buy' ? lots : -lots;
        });
        expect(net).toBe(0n);
        expect(sum(book.map((o, i) => (o.side === 'buy' ? fills[i]! : 0n)))).toBe(volume);
      }),
    );
  });

  const published: {
    name: string;
    band: [number, number];
    reference: number;
    buys: [number, number][];
    sells: [number, number][];
    price: number;
    volume: number;
  }[] = JSON.parse(readFileSync(new URL('../../vectors/market-auction.json', import.meta.url), 'utf8'));
  test.each(published)('reproduces the published example $name', (v) => {
    const book = [
      ...v.buys.map(([price, lots], i) => row('buy', price, lots, i)),
      ...v.sells.map(([price, lots], i) => row('sell', price, lots, i)),
    ];
    const band = { low: BigInt(v.band[0]), high: BigInt(v.band[1]) };
    const result = clearWithin(book, band, BigInt(v.reference));
    expect([result.price, result.volume]).toEqual([BigInt(v.price), BigInt(v.volume)]);
  });

  test('an empty, a one-sided and an uncrossed book do not trade', () => {
    for (const book of [[], [row('buy', 100, 5)], [row('buy', 99, 5), row('sell', 100, 5)]]) {
      expect(clearAuction({ book, mark: 100n, bandPpm: 100_000n, reference: 100n })).toEqual({
        price: null,
        volume: 0n,
        fills: book.map(() => 0n),
      });
    }
  });

  test('rule 3: a surplus of demand takes the highest price, of supply the lowest', () => {
    const band = { low: 90n, high: 110n };
    expect(clearWithin([row('buy', 105, 10), row('sell', 95, 4)], band, 100n).price).toBe(105n);
    expect(clearWithin([row('buy', 105, 4), row('sell', 95, 10)], band, 100n).price).toBe(95n);
  });

  test('rule 4: a balanced book trades at the reference, clamped into the crossing', () => {
    const book = [row('buy', 105, 4), row('sell', 95, 4)];
    const band = { low: 90n, high: 110n };
    expect([90n, 100n, 120n].map((at) => clearWithin(book, band, at).price)).toEqual([95n, 100n, 105n]);
  });

  test('the band is mark(1 ± b), its half-width rounded up, and starts at 1', () => {
    expect(bandOf(1_005n, 100_000n)).toEqual({ low: 904n, high: 1_106n });
    expect(bandOf(1n, 100_000n)).toEqual({ low: 1n, high: 2n });
  });

  test('a limit beyond the band counts as at its edge, one short of it does not count', () => {
    const band = { low: 90n, high: 110n };
    expect(clearWithin([row('buy', 200, 10), row('sell', 95, 4)], band, 100n).price).toBe(110n);
    expect(clearWithin([row('buy', 89, 10), row('sell', 1, 4)], band, 100n).price).toBe(null);
  });

  test('the margin is shared pro rata, left-over lots by largest remainder, then by tie key', () => {
    const band = { low: 100n, high: 100n };
    const shares = (available: number, ...lots: [lots: number, tie: number][]): bigint[] =>
      clearWithin(
        [...lots.map(([q, tie]) => row('buy', 100, q, tie)), row('sell', 100, available, 9)],
        band,
        100n,
      ).fills.slice(0, lots.length);
    expect(shares(5, [5, 0], [3, 1], [2, 2])).toEqual([3n, 1n, 1n]); // 2.5, 1.5, 1: one spare lot, tie key 0 first
    expect(shares(5, [5, 1], [3, 0], [2, 2])).toEqual([2n, 2n, 1n]);
    expect(shares(7, [5, 0], [3, 1], [2, 2])).toEqual([4n, 2n, 1n]); // 3.5, 2.1, 1.4
  });

  test('strictly better limits fill before the margin', () => {
    const band = { low: 100n, high: 103n };
    const book = [
      row('buy', 104, 3, 0),
      row('buy', 105, 6, 1),
      row('buy', 104, 3, 2),
      row('sell', 100, 8, 3),
    ];
    expect(clearWithin(book, band, 100n)).toEqual({ price: 103n, volume: 8n, fills: [1n, 6n, 1n, 8n] });
  });
});
