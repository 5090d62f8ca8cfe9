import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkEntry } from '../../../src/market/entry.ts';
import { reserveOf, reserveTable } from '../../../src/market/reserve.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { account, INDEX, MARKS, market, orders, ratedMarkets } from '../../helpers/market-fixtures.ts';

const perp = instrumentIndex(0);
const call = instrumentIndex(2);

describe('the reserve table', () => {
  test('covers IM, the band and the fee of a sold lot', () => {
    const { sellUnits } = reserveTable(market, MARKS, INDEX);
    expect(sellUnits[0]).toBe(5_005_000n + 10_010_000n + 50_050n);
    expect(sellUnits[2]).toBe(15_000_000n + 6_100_000n + 610_000n + 3_050n);
  });

  test('a bought option is paid for in full, and its fee', () => {
    const { buyPpm } = reserveTable(market, MARKS, INDEX);
    expect(buyPpm[2]! >= 1_000_500n && buyPpm[2]! <= 1_000_502n).toBe(true);
  });

  test('a bought perpetual pays for IM, the band and the fee at the top of the band', () => {
    const { buyPpm } = reserveTable(market, MARKS, INDEX);
    const high = 110_110_000n;
    const need = high - MARKS[0]! + 5_005_000n + 55_055n;
    const reserved = (high * buyPpm[0]!) / 1_000_000n;
    expect(reserved >= need && reserved <= need + 200n).toBe(true);
  });

  test('has 16 entries; nobody can afford the unused ones', () => {
    const { buyPpm, sellUnits } = reserveTable(market, MARKS, INDEX);
    expect([buyPpm.length, sellUnits.length]).toEqual([16, 16]);
    expect(buyPpm.slice(8)).toEqual(Array(8).fill((1n << 32n) - 1n));
    expect(sellUnits.slice(8)).toEqual(Array(8).fill((1n << 64n) - 1n));
  });

  test('stays in 32 and 64 bits at any marks', () => {
    fc.assert(
      fc.property(ratedMarkets, ({ params, marks, index }) => {
        const { buyPpm, sellUnits } = reserveTable(params, marks, index);
        expect(buyPpm.every((ppm) => ppm > 0n && ppm < 1n << 32n)).toBe(true);
        expect(sellUnits.every((units) => units > 0n && units < 1n << 64n)).toBe(true);
      }),
    );
    const huge = reserveTable(market, MARKS, 1n << 80n);
    expect(huge.sellUnits[2]).toBe((1n << 64n) - 1n);
  });

  test('reserveOf adds opening orders and rounds once, up', () => {
    const table = { buyPpm: [3n, 0n, 7n], sellUnits: [11n, 0n, 13n] };
    const order = { side: 'buy' as const, instrument: perp, price: 5n, lots: 2n, reduceOnly: false };
    expect(reserveOf(table, [])).toBe(0n);
    expect(reserveOf(table, [order])).toBe(1n); // 30 ppm
    expect(reserveOf(table, [order, { ...order, side: 'sell', instrument: call }])).toBe(27n);
    expect(reserveOf(table, [{ ...order, reduceOnly: true }])).toBe(0n);
  });

  test('an empty account with exactly the reserve passes the entry check, whatever the limits', () => {
    fc.assert(
      fc.property(ratedMarkets, orders(fc.constant(false)), ({ params, marks, index }, batch) => {
        const cash = reserveOf(reserveTable(params, marks, index), batch);
        const { entered, dropped } = checkEntry({
          params,
          marks,
          index,
          account: account(cash),
          orders: batch,
        });
        expect([entered.length, dropped]).toEqual([batch.length, []]);
      }),
      { numRuns: 3_000 },
    );
  });

  test('with less than nine tenths of the reserve a limit at the edge of the band fails', () => {
    const table = reserveTable(market, MARKS, INDEX);
    for (const side of ['buy', 'sell'] as const) {
      for (const instrument of [perp, call]) {
        const mark = MARKS[instrument]!;
        const price = side === 'buy' ? mark + mark / 10n : mark - mark / 10n;
        const batch = [{ side, instrument, price, lots: 10n, reduceOnly: false }];
        const cash = (reserveOf(table, batch) * 9n) / 10n;
        const entry = checkEntry({
          params: market,
          marks: MARKS,
          index: INDEX,
          account: account(cash),
          orders: batch,
        });
        expect(entry.dropped).toEqual([{ leg: 0, code: 'ENTRY_MARGIN' }]);
      }
    }
  });
});
