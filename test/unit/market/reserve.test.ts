import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bandsOf } from '../../../src/market/band.ts';
import { checkEntry } from '../../../src/market/entry.ts';
import { type Prices, pricesOf } from '../../../src/market/prices.ts';
import { reserveOf, reserveTable } from '../../../src/market/reserve.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { account, INDEX, MARKS, market, orders, ratedMarkets } from '../../helpers/market-fixtures.ts';

const PRICES = pricesOf(market, MARKS, INDEX);
/** Bands around the marks, as they are while nothing has traded away from them. */
const bandsAt = (prices: Prices, references = prices.marks) => bandsOf(prices, references);
const TABLE = reserveTable(PRICES, bandsAt(PRICES));
const perp = instrumentIndex(0);
const call = instrumentIndex(2);

describe('the reserve table', () => {
  test('covers IM, the band and the fee of a sold lot', () => {
    const { sellUnits } = TABLE;
    expect(sellUnits[0]).toBe(5_005_000n + 10_010_000n + 50_050n);
    // Of an option the index's half per cent is less than a tenth of its mark.
    expect(sellUnits[2]).toBe(15_000_000n + 6_100_000n + 610_000n + 3_050n);
  });

  test('a bought option is paid for in full, and its fee', () => {
    const { buyPpm } = TABLE;
    expect(buyPpm[2]! >= 1_000_500n && buyPpm[2]! <= 1_000_502n).toBe(true);
  });

  test('a bought perpetual pays for IM, the band and the fee at the top of the band', () => {
    const { buyPpm } = TABLE;
    const high = 110_110_000n;
    const need = high - MARKS[0]! + 5_005_000n + 55_055n;
    const reserved = (high * buyPpm[0]!) / 1_000_000n;
    expect(reserved >= need && reserved <= need + 200n).toBe(true);
  });

  test('has 16 entries; nobody can afford the unused ones', () => {
    const { buyPpm, sellUnits } = TABLE;
    expect([buyPpm.length, sellUnits.length]).toEqual([16, 16]);
    expect(buyPpm.slice(8)).toEqual(Array(8).fill((1n << 32n) - 1n));
    expect(sellUnits.slice(8)).toEqual(Array(8).fill((1n << 64n) - 1n));
  });

  test('stays in 32 and 64 bits at any marks', () => {
    fc.assert(
      fc.property(ratedMarkets, ({ params, marks, index }) => {
        const prices = pricesOf(params, marks, index);
        const { buyPpm, sellUnits } = reserveTable(prices, bandsAt(prices));
        expect(buyPpm.every((ppm) => ppm > 0n && ppm < 1n << 32n)).toBe(true);
        expect(sellUnits.every((units) => units > 0n && units < 1n << 64n)).toBe(true);
      }),
    );
    const vast = pricesOf(market, MARKS, 1n << 80n);
    expect(reserveTable(vast, bandsAt(vast)).sellUnits[2]).toBe((1n << 64n) - 1n);
  });

  test('takes what open interest asks for', () => {
    const full = pricesOf(
      market,
      MARKS,
      INDEX,
      market.instruments.map(() => 1_000_000n),
    );
    const { sellUnits, buyPpm } = reserveTable(full, bandsAt(full));
    expect(sellUnits[0]).toBe(MARKS[0]! + 10_010_000n + 50_050n);
    expect(sellUnits[2]).toBe(100_000_000n + 6_100_000n + 610_000n + 3_050n);
    expect(buyPpm[2]).toBe(TABLE.buyPpm[2]);
    expect(buyPpm[0]).toBeGreaterThan(1_000_000n);
  });

  test('reserveOf adds opening orders and rounds once, up', () => {
    const table = { buyPpm: [3n, 0n, 7n], sellUnits: [11n, 0n, 13n] };
    const order = { side: 'buy' as const, instrument: perp, price: 5n, lots: 2n, reduceOnly: false };
    expect(reserveOf(table, [])).toBe(0n);
    expect(reserveOf(table, [order])).toBe(1n); // 30 ppm
    expect(reserveOf(table, [order, { ...order, side: 'sell', instrument: call }])).toBe(27n);
    expect(reserveOf(table, [{ ...order, reduceOnly: true }])).toBe(0n);
  });

  test('an empty account with exactly the reserve passes the entry check, whatever the limits and wherever the bands', () => {
    const aside = fc.array(fc.bigInt(-100_000n, 100_000n), { minLength: 8, maxLength: 8 });
    const loadPpm = fc.constantFrom(0n, 0n, 300_000n, 1_000_000n);
    fc.assert(
      fc.property(
        ratedMarkets,
        aside,
        loadPpm,
        orders(fc.constant(false)),
        ({ params, marks, index }, off, load, batch) => {
          const loads = marks.map(() => load);
          const prices = pricesOf(params, marks, index, loads);
          const references = marks.map((mark, i) => mark + (mark * off[i]!) / 1_000_000n || 1n);
          const bands = bandsOf(prices, references);
          const table = reserveTable(prices, bands);
          // A rate that has reached its bits reserves what nobody can pay; below it is exact.
          fc.pre(table.buyPpm.slice(0, 8).every((rate) => rate < (1n << 32n) - 1n));
          const held = account(reserveOf(table, batch));
          const input = { prices, bands, account: held, orders: batch, liquidating: new Map() };
          const { entered, dropped } = checkEntry(input);
          expect([entered.length, dropped]).toEqual([batch.length, []]);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('with less than nine tenths of the reserve a limit at the edge of the band fails', () => {
    const table = TABLE;
    for (const side of ['buy', 'sell'] as const) {
      for (const instrument of [perp, call]) {
        const mark = MARKS[instrument]!;
        const price = side === 'buy' ? mark + mark / 10n : mark - mark / 10n;
        const batch = [{ side, instrument, price, lots: 10n, reduceOnly: false }];
        const cash = (reserveOf(table, batch) * 9n) / 10n;
        const entry = checkEntry({
          prices: PRICES,
          bands: bandsAt(PRICES),
          account: account(cash),
          orders: batch,
          liquidating: new Map(),
        });
        expect(entry.dropped).toEqual([{ leg: 0, code: 'ENTRY_MARGIN' }]);
      }
    }
  });
});
