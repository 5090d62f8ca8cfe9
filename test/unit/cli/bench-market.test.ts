import { describe, expect, test } from 'vitest';
import { BENCH_MARKET, fullMarket } from '../../../src/cli/bench/full-market.ts';
import { ACCOUNTS, benchHeights } from '../../../src/cli/bench/market.ts';
import { measureCpu } from '../../../src/cli/bench/measure.ts';
import { orderBookPackage } from '../../../src/cli/bench/peers.ts';
import { settle } from '../../../src/ledger/transition.ts';
import { validateMarketParams } from '../../../src/market/check-params.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
import { brokenInvariant } from '../../helpers/market-bookkeeper.ts';

describe('the heights of velum bench market', () => {
  const before = fullMarket(ACCOUNTS);

  test('start from a valid market of 1,000 accounts in 16 instruments, as many lots long as short', () => {
    expect(validateMarketParams(BENCH_MARKET)).toEqual([]);
    expect([before.accounts.size, BENCH_MARKET.instruments.length]).toEqual([1_000, 16]);
    for (const i of BENCH_MARKET.instruments.keys()) {
      const lots = [...before.accounts.values()].map((a) => a.positions.get(instrumentIndex(i))!.lots);
      expect(lots.reduce((a, b) => a + b, 0n)).toBe(0n);
    }
  });

  test('do what their names say, to every invariant', () => {
    const happened = benchHeights().map(([name, input]) => {
      const result = settle(BENCH_MARKET, before, input);
      expect([name, brokenInvariant(BENCH_MARKET, before, input, result, result)]).toEqual([name, undefined]);
      const { funding, expiries, liquidations, isHalted } = result.events;
      expect([name, isHalted, result.fills.length > 200]).toEqual([name, false, true]);
      const pays = funding.some(({ perLot }) => perLot !== 0n);
      return [name, pays, expiries.length > 0, liquidations.length > 0];
    });
    expect(happened).toEqual([
      ['trading', false, false, false],
      ['funding', true, false, false],
      ['expiry', false, true, false],
      ['liquidations', false, false, true],
    ]);
  });
});

test('measureCpu takes turns, calls by number, and gives medians and a ratio', async () => {
  const calls: string[] = [];
  const call = (who: string) => (i: number) => void calls.push(`${who}${i}`);
  const measured = await measureCpu('x', call('ours'), {
    runs: 2,
    calls: 2,
    peer: { name: 'p', run: call('theirs') },
  });
  const round = ['ours0', 'ours1', 'theirs0', 'theirs1'];
  expect(calls).toEqual([...round, ...round, ...round]);
  expect(measured).toMatchObject({ name: 'x', runs: 2, peer: { name: 'p' } });
});

test('the peer takes the orders of a book one by one', async () => {
  const { OrderBook } = (await orderBookPackage())!;
  const book = new OrderBook();
  expect(book.limit({ id: '1', side: 'buy', size: 5, price: 100 }).err).toBeFalsy();
  expect(book.limit({ id: '2', side: 'sell', size: 3, price: 99 }).err).toBeFalsy();
});
