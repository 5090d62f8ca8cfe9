import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equity } from '../../../src/market/account.ts';
import {
  bankruptcyLimit,
  bankruptcyOrders,
  bankruptcyPrice,
  bankruptcyRating,
  fillablePrice,
  fillableSpread,
  liquidationOutcome,
  liquidationPlan,
  liquidationPrice,
  sharesOf,
} from '../../../src/market/liquidation.ts';
import { isBelowMaintenance, marginRequirement } from '../../../src/market/margin.ts';
import type { MarketParams } from '../../../src/market/params.ts';
import { type Prices, pricesOf } from '../../../src/market/prices.ts';
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
const DYDX_PARAMS: MarketParams = {
  ...market,
  imfPpm: 200_000n,
  mmfPpm: 100_000n,
  instruments: [
    { name: 'BTC', kind: 'perp', lotPpm: 1_000n },
    { name: 'ETH', kind: 'perp', lotPpm: 100_000n },
  ],
};
const DYDX: Prices = pricesOf(DYDX_PARAMS, [usd('50'), usd('300')], usd('50000'));
const heldBy = ({ cash, positions }: DydxCase) =>
  account(
    usd(cash),
    Object.entries(positions).map(([name, lots]) => [name === 'BTC' ? 0 : 1, BigInt(lots)]),
  );

describe("dYdX v4's own test cases", () => {
  test.each(dydx.fillable)('fillable price: $name', (row) => {
    const portfolio = heldBy(row);
    const at = instrumentIndex(row.of === 'BTC' ? 0 : 1);
    const { lots: held, weight } = sharesOf(DYDX, portfolio).find(({ instrument }) => instrument === at)!;
    const MM = marginRequirement(DYDX, portfolio).maintenance;
    const lots = held > 0n ? held : -held;
    const rating = bankruptcyRating(equity(portfolio, DYDX.marks), MM, 0, 10);
    const spread = fillableSpread(BigInt(row.spreadPpm!), rating, weight, lots);
    const price = fillablePrice(held > 0n ? 'sell' : 'buy', DYDX.marks[at]!, spread);
    expect(price).toBe(usd(row.price));
  });

  test.each(dydx.bankruptcy)('bankruptcy price: $name', (row) => {
    const at = instrumentIndex(row.of === 'BTC' ? 0 : 1);
    const shares = sharesOf(DYDX, heldBy(row));
    const { lots: held, share } = shares.find(({ instrument }) => instrument === at)!;
    const lots = held > 0n ? held : -held;
    const side = held > 0n ? 'sell' : 'buy';
    expect(bankruptcyPrice(side, lots, DYDX.marks[at]!, share)).toBe(usd(row.price));
  });

  test('below maintenance is liquidated, at it not (IsLiquidatable)', () => {
    const at = (cash: string) => isBelowMaintenance(DYDX, account(usd(cash), [[0, 100n]]));
    expect([at('-4500'), at('-4501')]).toEqual([false, true]);
  });

  test('the liquidation price of 3 ETH short at 3,000 on 1,000 USD at 5 % is 10,000/3.15 (documentation, Liquidations)', () => {
    const params: MarketParams = {
      ...DYDX_PARAMS,
      mmfPpm: 50_000n,
      instruments: [{ name: 'ETH', kind: 'perp', lotPpm: 1_000_000n }],
    };
    const short = account(usd('1000'), [[0, -3n, usd('9000')]]);
    const at = (mark: bigint) => pricesOf(params, [mark], usd('3000'));
    expect(liquidationPrice(at, short, instrumentIndex(0))).toBe(usd('3174.603175'));
  });

  test('500 ABC long at 1 on 100 USD can be sold down to 0.80 when the oracle says 0.801 (documentation, Insurance fund)', () => {
    const params: MarketParams = {
      ...DYDX_PARAMS,
      mmfPpm: 30_000n,
      feePpm: 0n,
      instruments: [{ name: 'ABC', kind: 'perp', lotPpm: 1_000_000n }],
    };
    const prices = pricesOf(params, [usd('0.801')], usd('0.801'));
    const long = account(usd('100'), [[0, 500n, usd('-500')]]);
    expect(equity(long, prices.marks)).toBe(usd('0.5'));
    expect(bankruptcyPrice('sell', 500n, usd('0.801'), sharesOf(prices, long)[0]!.share)).toBe(usd('0.8'));
    // A solvent account never gives more than that, and bids only what is fillable: 0.801·(1 − 0.1·0.03·(1 − 0.5/12.015)).
    const [order] = liquidationPlan(prices, accountId('aa'), long, 0);
    expect(order!.price).toBe(usd('0.800001'));
    // One whose equity is gone is offered beyond it as far as insurance pays, and no further than fillable at ABR = 1.
    const broke = account(usd('99.4'), [[0, 500n, usd('-500')]]);
    const limit = (insurance: string) =>
      bankruptcyOrders(prices, [[accountId('aa'), broke]], usd(insurance))[0]!.price;
    expect(bankruptcyPrice('sell', 500n, usd('0.801'), sharesOf(prices, broke)[0]!.share)).toBe(
      usd('0.8012'),
    );
    expect(limit('0')).toBe(usd('0.801201'));
    expect(limit('0.1')).toBe(usd('0.801001'));
    expect(limit('1000')).toBe(usd('0.798597'));
  });
});

describe('a liquidation', () => {
  const prices = pricesOf(market, MARKS, INDEX);
  test('takes positions by instrument, however their map was built', () => {
    const rows: [number, bigint, bigint][] = [
      [0, 5n, -500_000_000n],
      [1, -2n, 40_000_000n],
      [2, 3n, -30_000_000n],
    ];
    const shares = [rows, [...rows].reverse()].map((held) => sharesOf(prices, account(50_000_000n, held)));
    expect(shares[0]).toEqual(shares[1]);
    expect(shares[0]!.map(({ instrument }) => instrument)).toEqual([0, 1, 2]);
  });

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

  const offersOf = (portfolio: ReturnType<typeof account>, insurance: bigint, waited: number) =>
    equity(portfolio, MARKS) >= 0n
      ? liquidationPlan(prices, accountId('aa'), portfolio, waited)
      : bankruptcyOrders(prices, [[accountId('aa'), portfolio]], insurance);

  test('never takes more than its share, whatever lots fill at whatever price its limit allows', () => {
    let [insuredFills, solvent] = [0, 0];
    fc.assert(
      fc.property(
        accounts,
        fc.bigInt(0n, 2_000_000_000n),
        fc.nat(12),
        fc.nat(1_000_000),
        fc.nat(1_000_000),
        (portfolio, insurance, waited, part, better) => {
          if (!isBelowMaintenance(prices, portfolio)) return;
          const E = equity(portfolio, MARKS);
          let fund = insurance;
          let left = E;
          for (const order of offersOf(portfolio, insurance, waited)) {
            expect(order.price >= 1n).toBe(true);
            const lots = 1n + ((order.lots - 1n) * BigInt(part)) / 1_000_000n;
            const gain = (order.mark * BigInt(better)) / 20_000_000n;
            const price = order.side === 'sell' ? order.price + gain : order.price - gain;
            if (price < 1n) continue;
            const fee = (lots * price * market.feePpm + 999_999n) / 1_000_000n;
            const fill = { lots, price, fee };
            const { penalty, insured } = liquidationOutcome(market.liquidation, order, fill, fund);
            const loss = lots * (order.side === 'sell' ? order.mark - price : price - order.mark);
            fund += penalty - insured;
            left += insured - loss - fee - penalty;
            expect(fund >= 0n).toBe(true);
            if (insured > 1n) insuredFills++;
            expect(penalty === 0n || insured === 0n).toBe(true);
            if (E >= 0n) expect(insured).toBe(0n);
            else {
              const entitled = (order.share * lots) / order.lots - 1n;
              // Two units: the fee of a part rounds up, and so does the share.
              expect(entitled - loss - fee - penalty + insured >= -2n).toBe(true);
            }
          }
          // Solvent before, solvent after, to the roundings of its fees.
          if (E < 0n) return;
          solvent++;
          expect(left >= -6n).toBe(true);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(insuredFills).toBeGreaterThan(20);
    expect(solvent).toBeGreaterThan(20);
  });

  test('offers the fewest lots that bring equity to the middle between IM and MM', () => {
    // 100 lots at 100.1: IM 500.5, MM 300.3; equity 280.
    const long = account(280_000_000n, [[0, 100n, -100n * MARKS[0]!]]);
    const plan = liquidationPlan(prices, accountId('aa'), long, 0);
    expect(plan).toHaveLength(1);
    const [{ lots, price }] = plan as [(typeof plan)[number]];
    const beyond = (n: bigint) => {
      const cost = n * (MARKS[0]! - price) + (n * price * 500n + 999_999n) / 1_000_000n;
      const E = 280_000_000n - cost - (n * price * 15_000n) / 1_000_000n;
      const left = account(E, [[0, 100n - n, -(100n - n) * MARKS[0]!]]);
      const { initial, maintenance } = marginRequirement(prices, left);
      return E - (initial + maintenance + 1n) / 2n;
    };
    expect([beyond(lots) >= 0n, beyond(lots - 1n) >= 0n]).toEqual([true, false]);
    expect(lots < 100n).toBe(true);
  });

  test('widens its limits with every height that it waits, up to the whole spread', () => {
    const long = account(299_000_000n, [[0, 100n, -100n * MARKS[0]!]]);
    const limits = [0, 1, 2, 4, 5, 9].map(
      (waited) => liquidationPlan(prices, accountId('aa'), long, waited)[0]!.price,
    );
    expect(limits.every((limit, i) => i === 0 || limit <= limits[i - 1]!)).toBe(true);
    const whole = MARKS[0]! - 300_300_000n / 10n / 100n;
    expect([limits[4], limits[5]]).toEqual([whole, whole]);
    expect(MARKS[0]! - limits[0]!).toBeLessThan(2_000n);
  });

  test('closes what lowers the requirement, and a condor, whose requirement no single leg lowers, short legs first', () => {
    // Short 100 call and put, long 110 call and 90 put, five of each: requires 50.
    const condor: [number, bigint, bigint][] = [
      [2, -5n, 5n * MARKS[2]!],
      [3, 5n, -5n * MARKS[3]!],
      [5, -5n, 5n * MARKS[5]!],
      [4, 5n, -5n * MARKS[4]!],
    ];
    const plan = liquidationPlan(prices, accountId('aa'), account(40_000_000n, condor), 0);
    expect(plan.length).toBeGreaterThan(0);
    expect(plan[0]!.side).toBe('buy');
  });

  test('serves the largest deficit first when the fund is short', () => {
    const deep = account(-3_100_000_000n, [[0, 30n]]);
    const shallow = account(-3_050_000_000n, [[0, 30n]]);
    const orders = bankruptcyOrders(
      prices,
      [
        [accountId('aa'), shallow],
        [accountId('bb'), deep],
      ],
      1_000n,
    );
    expect(orders.map(({ account: id }) => id)).toEqual(['bb', 'aa']);
    const bankrupt = (order: (typeof orders)[number], paid: bigint) =>
      bankruptcyLimit('sell', order.lots, order.mark, order.share + paid, market.feePpm);
    expect(orders[0]!.price).toBe(bankrupt(orders[0]!, 1_000n));
    expect(orders[1]!.price).toBe(bankrupt(orders[1]!, 0n));
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
    const outcome = (lots: bigint, price: bigint, fund = 0n, share = order.share) =>
      liquidationOutcome({ penaltyPpm: 15_000n }, { ...order, share }, { lots, price, fee: 5n }, fund);
    expect(outcome(10n, 1_000n)).toEqual({ penalty: 150n, insured: 0n });
    expect(outcome(10n, 960n)).toEqual({ penalty: 95n, insured: 0n });
    expect(outcome(5n, 960n)).toEqual({ penalty: 45n, insured: 0n });
    // Only who is bankrupt is paid for.
    expect(outcome(10n, 940n, 200n)).toEqual({ penalty: 0n, insured: 0n });
    expect(outcome(10n, 1_000n, 200n, -100n)).toEqual({ penalty: 0n, insured: 105n });
    expect(outcome(10n, 1_000n, 60n, -100n)).toEqual({ penalty: 0n, insured: 60n });
  });

  test('has a price that separates being liquidated from not', () => {
    fc.assert(
      fc.property(accounts, (portfolio) => {
        for (const [i, { lots }] of portfolio.positions) {
          const pricesAt = (mark: bigint) => pricesOf(market, MARKS.with(i, mark), INDEX);
          const price = liquidationPrice(pricesAt, portfolio, i);
          if (price === undefined) continue;
          const at = (mark: bigint) => isBelowMaintenance(pricesAt(mark), portfolio);
          expect(at(price)).toBe(true);
          const beside = lots > 0n ? price + 1n : price - 1n;
          if (beside >= 0n) expect(at(beside)).toBe(false);
        }
      }),
    );
  });
});
