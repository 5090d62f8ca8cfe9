import { describe, expect, test } from 'vitest';
import { type Account, equity } from '../../../src/market/account.ts';
import { closeAtMarks, deleverage, deleverageRanking } from '../../../src/market/deleverage.ts';
import { type Prices, pricesOf } from '../../../src/market/prices.ts';
import { type AccountId, accountId, instrumentIndex } from '../../../src/params/ids.ts';
import { account, market } from '../../helpers/market-fixtures.ts';

const usd = (amount: number): bigint => BigInt(Math.round(amount * 1e6));
const [A, B, C, D] = ['aa', 'bb', 'cc', 'dd'].map(accountId) as [AccountId, AccountId, AccountId, AccountId];
const ABC = instrumentIndex(0);
const prices = (mark: number): Prices =>
  pricesOf(
    { ...market, instruments: [{ name: 'ABC', kind: 'perp', lotPpm: 1_000_000n }] },
    [usd(mark)],
    usd(mark),
  );
const accountsOf = (rows: Record<string, Account>): Map<AccountId, Account> =>
  new Map(Object.entries(rows).map(([id, row]) => [accountId(id), row]));

describe('auto-deleverage', () => {
  test('closes at 1.2: A gains 100, B ends at 0 (dYdX documentation, Contract loss mechanisms)', () => {
    const before = accountsOf({
      aa: account(usd(100), [[0, 500n, usd(-500)]]),
      bb: account(usd(100), [[0, -500n, usd(500)]]),
    });
    const { accounts, matches } = deleverage(prices(2), before, [B], 0n);
    expect(matches).toEqual([
      { account: B, counterparty: A, instrument: ABC, side: 'buy', lots: 500n, price: usd(1.2) },
    ]);
    expect(accounts.get(A)!.cash).toBe(usd(200));
    expect(accounts.get(B)!.cash).toBe(0n);
    expect([...accounts.values()].every(({ positions }) => positions.size === 0)).toBe(true);
  });

  test('ranks by leverage times profit, those without equity last', () => {
    const accounts = accountsOf({
      aa: account(usd(1_000), [[0, 10n, usd(-10)]]), // profit 10, leverage 20/1,010
      bb: account(usd(5), [[0, 10n, usd(-10)]]), // profit 10, leverage 20/15
      cc: account(usd(100), [[0, 10n, usd(-5)]]), // profit 15, leverage 20/115
      dd: account(usd(-50), [[0, 10n, usd(-5)]]), // E < 0
      ee: account(usd(100), [[0, -40n, usd(40)]]),
    });
    const ranked = deleverageRanking(prices(2), accounts, ABC, 'buy').map(({ id }) => id);
    expect(ranked).toEqual([B, C, A, D]);
  });

  test('goes on to a counterparty that it ruins', () => {
    // dd is short and broke; bb's only equity is the profit against dd, and its other leg is long against cc.
    const params = {
      ...market,
      instruments: [
        { name: 'ABC', kind: 'perp' as const, lotPpm: 1_000_000n },
        { name: 'XYZ', kind: 'perp' as const, lotPpm: 1_000_000n },
      ],
    };
    const both = pricesOf(params, [usd(2), usd(1)], usd(2));
    const before = accountsOf({
      dd: account(usd(10), [[0, -100n, usd(100)]]), // E = −90
      bb: account(usd(5), [
        [0, 100n, usd(-100)],
        [1, 80n, usd(-160)],
      ]), // E = 5 + 100 − 80 = 25
      cc: account(usd(100), [[1, -80n, usd(160)]]), // E = 180
    });
    const { accounts, matches } = deleverage(both, before, [D], 0n);
    expect(matches.map((match) => [match.account, match.counterparty, match.instrument])).toEqual([
      [D, B, 0],
      [B, C, 1],
    ]);
    expect([...accounts.values()].every((one) => equity(one, both.marks) >= 0n)).toBe(true);
    const total = (rows: ReadonlyMap<AccountId, Account>): bigint =>
      [...rows.values()].reduce((sum, one) => sum + equity(one, both.marks), 0n);
    expect(total(accounts)).toBe(total(before));
  });

  test('decides nothing by the order in which positions were opened: equal requirements go by instrument', () => {
    const params = {
      ...market,
      instruments: ['ABC', 'XYZ'].map((name) => ({ name, kind: 'perp' as const, lotPpm: 1_000_000n })),
    };
    const both = pricesOf(params, [usd(1), usd(1)], usd(1));
    const broke = (order: readonly number[]) =>
      accountsOf({
        // E = −0.000001: the share of the first one to be closed rounds down.
        aa: account(
          usd(-0.000_021),
          order.map((i) => [i, 10n, i === 0 ? usd(-10) : usd(-9.999_98)]),
        ),
        bb: account(usd(100), [[0, -10n, usd(10)]]),
        cc: account(usd(100), [[1, -10n, usd(9.999_98)]]),
      });
    const [one, other] = [
      [0, 1],
      [1, 0],
    ].map((order) => deleverage(both, broke(order), [A], 0n));
    expect(one!.matches.map(({ instrument }) => instrument)).toEqual([0, 1]);
    expect(other!.matches).toEqual(one!.matches);
  });

  test('insurance pays first: with 300 in the fund nobody is deleveraged away from the mark', () => {
    const before = accountsOf({
      aa: account(usd(100), [[0, 500n, usd(-500)]]),
      bb: account(usd(200), [[0, -500n, usd(500)]]), // E = −300
    });
    const { accounts, matches, insured, insurance } = deleverage(prices(2), before, [B], usd(1_000));
    expect([insured, insurance]).toEqual([[{ account: B, amount: usd(300) }], usd(700)]);
    expect(matches.map(({ price }) => price)).toEqual([usd(2)]);
    expect(equity(accounts.get(A)!, [usd(2)])).toBe(equity(before.get(A)!, [usd(2)]));
    expect(accounts.get(B)!.cash).toBe(0n);
  });

  test('a fund that does not suffice lowers what the winners give back', () => {
    const before = accountsOf({
      aa: account(usd(100), [[0, 500n, usd(-500)]]),
      bb: account(usd(200), [[0, -500n, usd(500)]]),
    });
    const { matches, insurance } = deleverage(prices(2), before, [B], usd(100));
    expect([matches.map(({ price }) => price), insurance]).toEqual([[usd(1.6)], 0n]);
  });

  test('the last resort closes a solvent account at the marks and changes nobody’s equity', () => {
    const accounts = accountsOf({
      aa: account(usd(100), [[0, 500n, usd(-500)]]),
      bb: account(usd(501), [[0, -500n, usd(500)]]),
    });
    const matches = closeAtMarks(prices(2), accounts, B);
    expect(matches.map(({ counterparty, lots, price }) => [counterparty, lots, price])).toEqual([
      [A, 500n, usd(2)],
    ]);
    expect([accounts.get(A)!.cash, accounts.get(B)!.cash]).toEqual([usd(600), usd(1)]);
  });

  test('pays no more than a lot can be worth; the rest is a deficit for insurance', () => {
    const before = accountsOf({
      bb: account(usd(-500), [[0, 10n, usd(-20)]]), // would need 52 a lot
      aa: account(usd(1_000), [[0, -10n, usd(20)]]),
    });
    const { accounts, matches } = deleverage(prices(2), before, [B], 0n);
    expect(matches[0]!.price).toBe(usd(4));
    expect(accounts.get(B)!.cash).toBe(usd(-480));
  });
});
