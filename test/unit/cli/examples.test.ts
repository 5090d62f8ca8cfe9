import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseMarketFile } from '../../../src/formats/market-file.ts';
import { parseOrdersFile } from '../../../src/formats/orders-file.ts';
import type { FileBatch } from '../../../src/formats/run-input.ts';
import type { Account } from '../../../src/market/account.ts';
import { clearWithin } from '../../../src/market/auction.ts';
import { bandsOf } from '../../../src/market/band.ts';
import { checkEntry } from '../../../src/market/entry.ts';
import { advanceIndex } from '../../../src/market/expiry.ts';
import { applyFill } from '../../../src/market/fill.ts';
import { computeMarks, computeReferences } from '../../../src/market/marks.ts';
import { pricesOf } from '../../../src/market/prices.ts';
import { openTable, reserveOf } from '../../../src/market/reserve.ts';
import { genesisMarketState, openExpiries, rememberClears } from '../../../src/market/state.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { TABLE_DELAY } from '../../../src/params/sizes.ts';

const example = (name: string): string =>
  readFileSync(new URL(`../../../examples/${name}`, import.meta.url), 'utf8');
const market = parseMarketFile(example('market.json'), 'market.json');
const { params, notes, oracle } = market;
const batchesOf = (name: string): FileBatch[] => parseOrdersFile(example(name), name, market);

/**
 * Runs batches through the market's rules alone, without seals and agreement. Notes are spent as README.md says; what
 * finds no note spends one again and is left out.
 */
function settle(batches: readonly FileBatch[]) {
  const purses = new Map([...notes].map(([trader, values]) => [trader, [...values]]));
  const spendsAgain: string[] = [];
  const states = [genesisMarketState(params, oracle[0]!.values, oracle[0]!.timeS)];
  const accounts = new Map<string, Account>();
  const problems: string[] = [];
  const volumes: string[] = [];
  const reduced: { item: string; before: bigint; after: bigint }[] = [];
  for (let h = 1; h <= batches.at(-1)!.height; h++) {
    const { values, timeS } = oracle[h]!;
    const before = states[h - 1]!;
    const last = { timeS: before.timeS, index: before.medians[0]! };
    const fresh = { timeS, freshUntilS: timeS + params.oracle.staleAfterS };
    const history = advanceIndex(before.history, last, fresh, openExpiries(params, before.settled));
    const marks = computeMarks(params, { medians: values, timeS, history }, before.settled);
    const prices = pricesOf(params, marks, values[0]!);
    const references = computeReferences(params, before, values[0]!, marks);
    const bands = bandsOf(prices, references);
    const table = openTable(params, states[Math.max(0, h - TABLE_DELAY)]!);
    const changes: [purse: bigint[], change: bigint][] = [];
    const rows = batches.flatMap((batch) => {
      if (batch.height !== h) return [];
      const purse = purses.get(batch.trader)!;
      const deposit = reserveOf(table, batch.orders);
      const cost = deposit + params.batchFee;
      const at = purse.findIndex((value) => value >= cost);
      if (at < 0) {
        if (notes.get(batch.trader)!.every((value) => value < cost)) problems.push(`${batch.name}: ${cost}`);
        spendsAgain.push(batch.name);
        return [];
      }
      changes.push([purse, purse.splice(at, 1)[0]! - cost]);
      const key = `${batch.trader} ${batch.account ?? batch.name}`;
      const before = accounts.get(key) ?? { cash: 0n, sequence: 0n, positions: new Map() };
      const account = { ...before, cash: before.cash + deposit };
      accounts.set(key, account);
      const entry = checkEntry({ prices, bands, account, orders: batch.orders, liquidating: new Map() });
      problems.push(...entry.dropped.map(({ leg, code }) => `${batch.name} ${leg}: ${code}`));
      return entry.entered.map((order) => {
        const { low, high } = bands[order.instrument]!;
        if (order.price < low || order.price > high) problems.push(`${batch.name} ${order.leg}: band`);
        return { ...order, key, item: batch.name };
      });
    });
    const clears = params.instruments.map((_, i) => {
      const book = rows.filter(({ instrument }) => instrument === i);
      const orders = book.map((row, n) => ({ ...row, tieKey: Uint8Array.of(n) }));
      const { price, volume, fills } = clearWithin(orders, bands[i]!, references[i]!);
      for (const [n, { key, item, side, reduceOnly }] of book.entries()) {
        if (fills[n] === 0n) continue;
        const account = accounts.get(key)!;
        const filled = applyFill(account, instrumentIndex(i), side, fills[n]!, price!, params.feePpm).account;
        accounts.set(key, filled);
        const lotsOf = (a: Account): bigint => a.positions.get(instrumentIndex(i))?.lots ?? 0n;
        if (reduceOnly) reduced.push({ item, before: lotsOf(account), after: lotsOf(filled) });
      }
      return { price, volume };
    });
    for (const [purse, change] of changes) purse.push(change);
    volumes.push(clears.map(({ volume }) => volume).join(' '));
    const remembered = rememberClears(
      params,
      before,
      values[0]!,
      clears.map(({ price }) => price),
    );
    states.push({ ...before, ...remembered, timeS, medians: values, marks, history });
  }
  return { problems, volumes, reduced, spendsAgain };
}

describe('the examples', () => {
  test.each(['orders.csv', 'small.csv'])('%s: every note pays its batch and every order enters', (name) => {
    expect(settle(batchesOf(name)).problems).toEqual([]);
  });

  test('orders.csv has 14 batches, 41 orders, 8 instruments, two heights', () => {
    const batches = batchesOf('orders.csv');
    expect(batches).toHaveLength(14);
    expect(batches.flatMap(({ orders }) => orders)).toHaveLength(41);
    expect(new Set(batches.flatMap(({ orders }) => orders.map((o) => o.instrument))).size).toBe(8);
    expect(batches.map(({ height }) => height).at(-1)).toBe(2);
    expect(oracle).toHaveLength(3);
  });

  test('orders.csv: exactly one batch spends a note again', () => {
    expect(settle(batchesOf('orders.csv')).spendsAgain).toEqual(['gia-2']);
    expect(settle(batchesOf('small.csv')).spendsAgain).toEqual([]);
  });

  test('orders.csv trades most instruments, and its reduce-only order makes a position smaller', () => {
    const { volumes, reduced } = settle(batchesOf('orders.csv'));
    expect(volumes).toMatchInlineSnapshot(`
      [
        "180 5 45 22 27 20 11 45 0",
        "120 4 20 12 10 8 0 8 0",
      ]
    `);
    expect(reduced).toMatchInlineSnapshot(`
      [
        {
          "after": 60n,
          "before": 180n,
          "item": "dara-2",
        },
      ]
    `);
  });

  test('small.csv has 4 batches at one height and trades', () => {
    const batches = batchesOf('small.csv');
    expect(batches.map(({ height }) => height)).toEqual([1, 1, 1, 1]);
    expect(settle(batches).volumes).toMatchInlineSnapshot(`
      [
        "80 0 0 10 15 0 0 0 0",
      ]
    `);
  });
});
