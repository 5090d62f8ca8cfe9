import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bankruptcyLimit,
  bankruptcyPrice,
  fillablePrice,
  fillableSpread,
  isBelowMaintenance,
  liquidationOrders,
  liquidationOutcome,
  liquidationPrice,
  sharesOf,
} from '../../../src/market/liquidation.ts';
import { equity, maintenanceMargin } from '../../../src/market/margin.ts';
import type { Prices } from '../../../src/market/marks.ts';
import { accountId, instrumentIndex } from '../../../src/params/ids.ts';
import { account, INDEX, MARKS, market } from '../../helpers/market-fixtures.ts';

const dydx = JSON.parse(
  readFileSync(new URL('../../vectors/market-dydx.json', import.meta.url), 'utf8'),
) as Record<'fillable' | 'bankruptcy', DydxCase[]>;

interface DydxCase {
  readonly name: string;
  readonly cash: string;
  readonly positions: Record<string, number>;
  readonly of: 'BTC' | 'ETH';
  readonly spreadPpm?: number;
  readonly price: string;
}

const usd = (text: string): bigint => BigInt(Math.round(Number(text) * 1e6));
const DYDX: Prices = {
  params: {
    ...market,
    imfPpm: 200_000n,
    mmfPpm: 100_000n,
    instruments: [
      { name: 'BTC', kind: 'perp', lotPpm: 1_000n },
      { name: 'ETH', kind: 'perp', lotPpm: 100_000n },
    ],
  },
  marks: [usd('50'), usd('300')],
  index: usd('50000'),
};
const held = ({ cash, positions }: DydxCase) =>
  account(
    usd(cash),
    Object.entries(positions).map(([name, lots]) => [name === 'BTC' ? 0 : 1, BigInt(lots)]),
  );

describe("dYdX v4's own test cases", () => {
  test.each(dydx.fillable)('fillable price: $name', (row) => {
    const portfolio = held(row);
    const at = instrumentIndex(row.of === 'BTC' ? 0 : 1);
    const { position, weight } = sharesOf(DYDX, portfolio).find(({ instrument }) => instrument === at)!;
    const MM = maintenanceMargin(DYDX.params, portfolio, DYDX.marks, DYDX.index);
    const lots = position.lots > 0n ? position.lots : -position.lots;
    const E = equity(portfolio, DYDX.marks);
    const spread = fillableSpread(BigInt(row.spreadPpm!), E, MM, weight, lots);
    const price = fillablePrice(position.lots > 0n ? 'sell' : 'buy', DYDX.marks[at]!, spread);
    expect(price).toBe(usd(row.price));
  });

  test.each(dydx.bankruptcy)('bankruptcy price: $name', (row) => {
    const at = instrumentIndex(row.of === 'BTC' ? 0 : 1);
    const shares = sharesOf(DYDX, held(row));
    const { position, share } = shares.find(({ instrument }) => instrument === at)!;
    const lots = position.lots > 0n ? position.lots : -position.lots;
    const side = position.lots > 0n ? 'sell' : 'buy';
    expect(bankruptcyPrice(side, lots, DYDX.marks[at]!, share)).toBe(usd(row.price));
  });

  test('below maintenance is liquidated, at it not (IsLiquidatable)', () => {
    const at = (cash: string) => isBelowMaintenance(DYDX, account(usd(cash), [[0, 100n]]));
    expect([at('-4500'), at('-4501')]).toEqual([false, true]);
  });

  test('the liquidation price of 3 ETH short at 3,000 on 1,000 USD at 5 % is 10,000/3.15 (documentation, Liquidations)', () => {
    const prices: Prices = {
      params: {
        ...DYDX.params,
        mmfPpm: 50_000n,
        instruments: [{ name: 'ETH', kind: 'perp', lotPpm: 1_000_000n }],
      },
      marks: [usd('3000')],
      index: usd('3000'),
    };
    const short = account(usd('1000'), [[0, -3n, usd('9000')]]);
    expect(liquidationPrice(prices, short, instrumentIndex(0))).toBe(usd('3174.603175'));
  });

  test('500 ABC long at 1 on 100 USD can be sold down to 0.80 when the oracle says 0.801 (documentation, Insurance fund)', () => {
    const prices: Prices = {
      params: {
        ...DYDX.params,
        mmfPpm: 30_000n,
        feePpm: 0n,
        instruments: [{ name: 'ABC', kind: 'perp', lotPpm: 1_000_000n }],
      },
      marks: [usd('0.801')],
      index: usd('0.801'),
    };
    const long = account(usd('100'), [[0, 500n, usd('-500')]]);
    expect(equity(long, prices.marks)).toBe(usd('0.5'));
    expect(bankruptcyPrice('sell', 500n, usd('0.801'), sharesOf(prices, long)[0]!.share)).toBe(usd('0.8'));
    // Fillable: 0.801·(1 − 0.1·0.03·(1 − 0.5/12.015)); the insurance fund decides how far below 0.80 the limit goes.
    const limit = (insurance: string) =>
      liquidationOrders(prices, [[accountId('aa'), long]], usd(insurance))[0]!.price;
    expect(limit('0')).toBe(usd('0.800001'));
    expect(limit('0.1')).toBe(usd('0.799801'));
    expect(limit('1000')).toBe(usd('0.798697'));
  });
});

describe('a liquidation', () => {
  test('takes positions by instrument, however their map was built', () => {
    const rows: [number, bigint, bigint][] = [
      [0, 5n, -500_000_000n],
      [1, -2n, 40_000_000n],
      [2, 3n, -30_000_000n],
    ];
    const prices = { params: market, marks: MARKS, index: INDEX };
    const shares = [rows, [...rows].reverse()].map((held) => sharesOf(prices, account(50_000_000n, held)));
    expect(shares[0]).toEqual(shares[1]);
    expect(shares[0]!.map(({ instrument }) => instrument)).toEqual([0, 1, 2]);
  });

  const prices: Prices = { params: market, marks: MARKS, index: INDEX };
  const accounts = fc
    .record({
      cash: fc.bigInt(-3_000_000_000n, 3_000_000_000n),
      perp: fc.bigInt(-40n, 40n),
      call: fc.bigInt(-40n, 40n),
      put: fc.bigInt(-40n, 40n),
    })
    .map(({ cash, perp, call, put }) =>
      account(
        cash,
        (
          [
            [0, perp],
            [2, call],
            [5, put],
          ] as const
        ).filter(([, lots]) => lots !== 0n),
      ),
    );

  test('shares out the whole equity, to a unit a position', () => {
    fc.assert(
      fc.property(accounts, (portfolio) => {
        const shares = sharesOf(prices, portfolio);
        if (shares.length === 0) return;
        const off = equity(portfolio, MARKS) - shares.reduce((sum, { share }) => sum + share, 0n);
        expect(off >= 0n && off < BigInt(shares.length)).toBe(true);
      }),
    );
  });

  test('never takes more than its share, whatever lots fill at whatever price its limit allows', () => {
    let insuredFills = 0;
    fc.assert(
      fc.property(
        accounts,
        fc.bigInt(0n, 2_000_000_000n),
        fc.nat(1_000_000),
        fc.nat(1_000_000),
        (portfolio, insurance, part, better) => {
          if (!isBelowMaintenance(prices, portfolio)) return;
          let fund = insurance;
          for (const order of liquidationOrders(prices, [[accountId('aa'), portfolio]], insurance)) {
            expect(order.price >= 1n).toBe(true);
            const lots = 1n + ((order.lots - 1n) * BigInt(part)) / 1_000_000n;
            const gain = (order.mark * BigInt(better)) / 20_000_000n;
            const price = order.side === 'sell' ? order.price + gain : order.price - gain;
            if (price < 1n) continue;
            const fee = (lots * price * market.feePpm + 999_999n) / 1_000_000n;
            const fill = { lots, price, fee };
            const { penalty, insured } = liquidationOutcome(market.liquidation, order, fill, fund);
            const loss = lots * (order.side === 'sell' ? order.mark - price : price - order.mark);
            const entitled = (order.share * lots) / order.lots - (order.share < 0n ? 1n : 0n);
            fund += penalty - insured;
            expect(fund >= 0n).toBe(true);
            // Two units: the fee of a part rounds up, and so does the share.
            expect(entitled - loss - fee - penalty + insured >= -2n).toBe(true);
            if (insured > 1n) insuredFills++;
            expect(penalty === 0n || insured === 0n).toBe(true);
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(insuredFills).toBeGreaterThan(20);
  });

  test('serves the largest requirement first when the fund is short', () => {
    const long = account(-3_100_000_000n, [
      [0, 30n],
      [2, 3n],
    ]);
    const [first, second] = liquidationOrders(prices, [[accountId('aa'), long]], 1_000n);
    expect(first!.instrument).toBe(0);
    const bankrupt = (order: typeof first, paid: bigint) =>
      bankruptcyLimit('sell', order!.lots, order!.mark, order!.share + paid, market.feePpm);
    expect(first!.price).toBe(bankrupt(first, 1_000n));
    expect(second!.price).toBe(bankrupt(second, 0n));
  });

  test('takes at most 1.5 % of the notional as penalty, and no more than is left', () => {
    const order = {
      account: accountId('aa'),
      instrument: instrumentIndex(0),
      side: 'sell' as const,
      lots: 10n,
      price: 90n,
      mark: 1_000n,
      share: 500n,
    };
    const outcome = (lots: bigint, price: bigint, fund = 0n) =>
      liquidationOutcome({ penaltyPpm: 15_000n }, order, { lots, price, fee: 5n }, fund);
    expect(outcome(10n, 1_000n)).toEqual({ penalty: 150n, insured: 0n });
    expect(outcome(10n, 960n)).toEqual({ penalty: 95n, insured: 0n });
    expect(outcome(5n, 960n)).toEqual({ penalty: 45n, insured: 0n });
    expect(outcome(10n, 940n, 200n)).toEqual({ penalty: 0n, insured: 105n });
    expect(outcome(10n, 940n, 60n)).toEqual({ penalty: 0n, insured: 60n });
  });

  test('has a price that separates being liquidated from not', () => {
    fc.assert(
      fc.property(accounts, (portfolio) => {
        for (const [i, { lots }] of portfolio.positions) {
          const price = liquidationPrice(prices, portfolio, i);
          if (price === undefined) continue;
          const at = (mark: bigint) =>
            isBelowMaintenance({ ...prices, marks: MARKS.with(i, mark) }, portfolio);
          expect(at(price)).toBe(true);
          const beside = lots > 0n ? price + 1n : price - 1n;
          if (beside >= 0n) expect(at(beside)).toBe(false);
        }
      }),
    );
  });
});
