import { describe, expect, test } from 'vitest';
import {
  DEFAULT_RULES,
  type MarketParams,
  type Option,
  type OptionType,
} from '../../../src/market/params.ts';
import type { DeskAccount, DeskOrder } from '../../helpers/market-desk.ts';
import { MarketDesk } from '../../helpers/market-desk.ts';

/** Losses that solvent accounts, winners and the fund once suffered by the rules themselves; USDC, lots of 0.001 underlying. */

const START = 2_000_000n;
const EXPIRY = START + 7_200n;
const option = (type: OptionType, strike: number): Option => ({
  name: `${type}-${strike}`,
  kind: 'option',
  type,
  strike: BigInt(strike) * 1_000_000n,
  expiry: EXPIRY,
  lotPpm: 1_000n,
});
const [PERP, C60, C63, P60, P57] = [0, 1, 2, 3, 4];
const PARAMS: MarketParams = {
  ...DEFAULT_RULES,
  version: 2,
  name: 'BTC',
  instruments: [
    { name: 'PERP', kind: 'perp', lotPpm: 1_000n },
    option('call', 60_000),
    option('call', 63_000),
    option('put', 60_000),
    option('put', 57_000),
  ],
  imfPpm: 50_000n,
  mmfPpm: 25_000n,
  bandPpm: 100_000n,
  feePpm: 300n,
  markClampPpm: 10_000n,
  premiumWeightPpm: 100_000n,
  batchFee: 1n,
  optionMargin: { aPpm: 150_000n, bPpm: 100_000n, mPpm: 75_000n, offPpm: 1_050_000n, longPpm: 250_000n },
};
const VOL = 600_000n;
/** Feeds: the index, and volatilities of 60, 63 and 57 thousand. */
const desk = (
  accounts: Readonly<Record<number, DeskAccount>>,
  { index = 60_000, params = PARAMS }: { index?: number; params?: MarketParams } = {},
) => new MarketDesk(params, [BigInt(index) * 1_000_000n, VOL, VOL, VOL], START, accounts);
const buy = (of: number, lots: number, at: number, reduceOnly = false): DeskOrder => ({
  side: 'buy',
  of,
  lots,
  at,
  reduceOnly,
});
const sell = (of: number, lots: number, at: number, reduceOnly = false): DeskOrder => ({
  ...buy(of, lots, at, reduceOnly),
  side: 'sell',
});
const funded = (seed: number, params: MarketParams = PARAMS): MarketParams => ({
  ...params,
  insurance: { seed: BigInt(seed) * 1_000_000n },
});

describe('what no rule takes any more', () => {
  test('(a) a flat price and a maker just under the mark leave an account below maintenance ≥ 860 of 1,442', () => {
    // Long 1,000 at 60, index 58.37: MM 1,459.25, E 1,442.
    const mark = 58.37;
    const market = desk(
      {
        1: { cash: 1_442 + 1_630, holds: [[PERP, 1_000, 60]] },
        2: { cash: 10_000, holds: [[PERP, -1_000, 60]] },
        3: { cash: 100_000 },
      },
      { index: 58_370 },
    );
    expect(market.equity(1)).toBeCloseTo(1_442, 6);
    for (let h = 0; h < 30; h++) market.height({ orders: { 3: [buy(PERP, 1_000, mark * 0.9998)] } });
    expect(market.equity(1)).toBeGreaterThanOrEqual(860);
    const { maintenance } = market.margins(1);
    expect(market.equity(1)).toBeGreaterThan(maintenance);
  });

  test('(b) a wash of one lot a height at the edge of the band moves nobody’s equity, and the fund pays nothing', () => {
    const market = desk(
      {
        1: { cash: 200, holds: [[PERP, 1_000, 60]] }, // E 0.33 % of the notional
        2: { cash: 20_000, holds: [[PERP, -1_000, 60]] },
        3: { cash: 1_000 },
        4: { cash: 1_000 },
      },
      { params: { ...funded(1_000), mmfPpm: 3_000n } },
    );
    const attackers = () => market.equity(2) + market.equity(3) + market.equity(4);
    const before = attackers();
    for (let h = 0; h < 40; h++) {
      const edge = 54.1;
      market.height({ orders: { 3: [buy(PERP, 1, edge)], 4: [sell(PERP, 1, edge)] } });
      expect(market.equity(1)).toBe(200);
    }
    expect(attackers()).toBeLessThanOrEqual(before);
    expect(market.state.insurance).toBe(1_000_000_000n);
  });

  test('(c) short calls that are worth nothing are never closed at the price of the index', () => {
    // Ten short calls far out of the money, below maintenance; the only offers are absurd.
    const market = desk(
      {
        1: { cash: 40, holds: [[C63, -10, 0]] },
        2: { cash: 1_000, holds: [[C63, 10, 0]] },
        3: { cash: 1_000 },
      },
      { index: 45_000 },
    );
    expect(market.state.market.marks[C63]).toBeLessThan(20n);
    expect(market.margins(1).maintenance).toBeGreaterThan(market.equity(1) - 10);
    const poor = desk(
      {
        1: { cash: 30, holds: [[C63, -10, 0]] },
        2: { cash: 1_000, holds: [[C63, 10, 0]] },
        3: { cash: 1_000 },
      },
      { index: 45_000 },
    );
    for (let h = 0; h < 12; h++) poor.height({ orders: { 2: [sell(C63, 10, 45, false)] } });
    // Closed at the mark by the last resort: 10 lots at 0.00001 or so.
    expect(poor.lots(1, C63)).toBe(0);
    expect(poor.equity(1)).toBeGreaterThan(29.99);
  });

  test.each([true, false])(
    '(d) a holder of a spread that sells seven puts, hedge filling %s, enters only what it can carry',
    (fills) => {
      const market = desk({
        1: {
          cash: 30,
          holds: [
            [C60, -1, 0.5],
            [C63, 1, 0.2],
          ],
        },
        2: { cash: 10_000 },
        9: {
          cash: 10_000,
          holds: [
            [C60, 1, 0.5],
            [C63, -1, 0.2],
          ],
        },
      });
      market.height({
        orders: {
          1: [sell(P60, 7, 0.3), buy(P57, 7, fills ? 0.3 : 0.01)],
          2: [buy(P60, 7, 0.6), sell(P57, 7, 0.01)],
        },
      });
      expect(market.lots(1, P60)).toBe(0);
      const rich = desk({ 1: { cash: 500 }, 2: { cash: 10_000 } });
      rich.height({
        orders: {
          1: [sell(P60, 7, 0.3), buy(P57, 7, fills ? 0.3 : 0.01)],
          2: [buy(P60, 7, 0.6), sell(P57, 7, 0.2)],
        },
      });
      expect(rich.lots(1, P60)).toBe(-7);
      expect(rich.equity(1)).toBeGreaterThanOrEqual(rich.margins(1).initial);
    },
  );

  test('(e) liquidating a spread never raises what it requires, and an iron condor below maintenance is liquidated', () => {
    const condor: DeskAccount['holds'] = [
      [C60, -10, 0.5],
      [C63, 10, 0.1],
      [P60, -10, 0.5],
      [P57, 10, 0.1],
    ];
    const against = condor.map(([of, lots, at]) => [of, -lots, at] as const);
    const market = desk({ 1: { cash: 20, holds: condor }, 2: { cash: 10_000, holds: against } });
    let before = market.margins(1).maintenance;
    expect(market.equity(1)).toBeLessThan(before);
    const { marks } = market.state.market;
    for (let h = 0; h < 12 && market.account(1)!.positions.size > 0; h++) {
      const { events } = market.height({
        orders: {
          2: [C60, P60].map((of) => sell(of, 10, Number(marks[of]!) / 1e6 + 0.01)),
        },
      });
      if (h === 0) expect(events.offers.length).toBeGreaterThan(0);
      const { maintenance } = market.margins(1);
      expect(maintenance).toBeLessThanOrEqual(before + 1e-6);
      before = maintenance;
    }
    expect(market.equity(1) >= market.margins(1).maintenance).toBe(true);
    expect(market.lots(1, C60)).toBeGreaterThan(-10);
  });

  test('(f) one unfillable bid at 2^32 − 1 units changes no funding rate, and eight silent hours charge nothing', () => {
    const holders = {
      1: { cash: 10_000, holds: [[PERP, 100, 60]] },
      2: { cash: 10_000, holds: [[PERP, -100, 60]] },
    } as const;
    const bid = desk({ ...holders, 3: { cash: 10_000 } });
    for (let h = 0; h < 30; h++) bid.height({ seconds: 60, orders: { 3: [buy(PERP, 3, 4_294.967295)] } });
    const { events } = bid.height({ seconds: 3_600 });
    expect(events.funding.map(({ ratePpm, perLot }) => [ratePpm, perLot])).toEqual([[0n, 0n]]);

    const silent = desk({ ...holders, 3: { cash: 100_000 }, 4: { cash: 100_000 } });
    silent.height({ orders: { 3: [buy(PERP, 200, 65.9)], 4: [sell(PERP, 200, 65.95)] } });
    expect(silent.state.market.funding.samples[PERP]).toBe(10_000n);
    const { events: later } = silent.height({ seconds: 28_800 });
    expect(later.funding.map(({ ratePpm }) => ratePpm)).toEqual([0n]);
    expect(silent.equity(1)).toBe(10_000);
  });

  test('(g) after 27 of 30 minutes at 59,000 a jump to 63,000 leaves the 60,000 call at 0.000001; marks do not jump as the window opens', () => {
    const market = desk({ 1: { cash: 1 } }, { index: 59_000 });
    const until = (left: number) => Number(EXPIRY - market.state.market.timeS) - left;
    market.height({ seconds: until(1_801) });
    const [before] = [market.state.market.marks[C60]!];
    market.height({ seconds: 1 });
    const inside = market.height({ seconds: 1 }).state.market.marks[C60]!;
    expect(Number(before - inside)).toBeLessThan(Number(before) / 100 + 2);
    while (until(180) > 60) market.height({ seconds: 60 });
    market.height({ seconds: until(180) });
    market.height({ seconds: 1, index: 63_000 });
    expect(market.state.market.marks[C60]).toBe(1n);
  });

  test('(h) a frozen feed halts after its limit, and an expiry inside the halt uses fresh seconds', () => {
    const holders = {
      1: { cash: 1_000, holds: [[C60, 10, 1]] },
      2: { cash: 1_000, holds: [[C60, -10, 1]] },
    } as const;
    const market = desk(holders, { index: 61_000 });
    for (let t = 0n; t < EXPIRY - START - 600n; t += 60n) market.height({ seconds: 60 });
    // The feed stands still from here on; it said 61,000 for 20 minutes of the window.
    const halts = Array.from({ length: 12 }, (_, i) => market.height({ seconds: 60, ageS: 60 * (i + 1) }));
    expect(halts[0]!.events.isHalted).toBe(false);
    expect(halts.slice(1).every(({ events }) => events.isHalted)).toBe(true);
    expect(halts.flatMap(({ events }) => events.expiries)).toEqual([]);
    // Awake again after the expiry, at another index: what is paid is the mean of the seconds that were fresh.
    const { events } = market.height({ seconds: 60, index: 65_000 });
    expect(events.expiries.find(({ instrument }) => instrument === C60)).toMatchObject({
      index: 61_000_000_000n,
      payout: 1_000_000n,
    });
  });

  test('(i) with 1,000 in the fund and a deficit of 300 no winner is deleveraged away from the mark', () => {
    const market = desk(
      {
        1: { cash: 1_500, holds: [[PERP, 1_000, 60]] },
        2: { cash: 5_000, holds: [[PERP, -1_000, 60]] },
      },
      { params: funded(1_000) },
    );
    const { events, state } = market.height({ index: 58_200 }); // E = 1,500 − 1,800
    expect(events.insured.map(({ amount }) => amount)).toEqual([300_000_000n]);
    expect(events.deleverages.map(({ price }) => price)).toEqual([58_200_000n]);
    expect(market.equity(2)).toBe(6_800);
    expect(state.insurance).toBe(700_000_000n);
    expect(market.equity(1)).toBe(0);
  });

  test('(j) a bankrupt account’s own bid far below the mark gets nothing beyond the fillable price', () => {
    const market = desk(
      {
        1: { cash: 1_650, holds: [[PERP, 1_000, 60]] },
        2: { cash: 5_000, holds: [[PERP, -1_000, 60]] },
        3: { cash: 100_000 },
      },
      { params: funded(10_000) },
    );
    const { events, state } = market.height({
      index: 58_200, // a deficit of 150
      orders: { 3: [buy(PERP, 1_000, 58.2 * 0.901)] },
    });
    expect(events.liquidations).toEqual([]);
    const [offer] = events.offers;
    // Never beyond mark − 0.1 · 2.5 % of it.
    expect(Number(offer!.price)).toBeGreaterThanOrEqual(58_200_000 * (1 - 0.0025) - 1);
    expect(10_000_000_000n - state.insurance).toBe(150_000_000n);
  });

  test('(k) reducing orders to accounts of the same owner cannot strip an account', () => {
    // 3,000 on 1,000 lots is what IM asks for; the owner's other account bids ever lower.
    const market = desk({
      1: { cash: 3_000, holds: [[PERP, 1_000, 60]] },
      2: { cash: 3_000, holds: [[PERP, -1_000, 60]] },
      3: { cash: 50_000 },
    });
    const ratio = () => market.equity(1) / Math.max(1e-9, market.margins(1).maintenance);
    const start = ratio();
    for (const off of [0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01]) {
      for (const lots of [1, 500, 999]) {
        const price = 60 * (1 - off);
        market.height({ orders: { 1: [sell(PERP, lots, price, true)], 3: [buy(PERP, lots, price)] } });
        expect(market.lots(1, PERP)).toBeGreaterThanOrEqual(0);
        if (market.lots(1, PERP) > 0) expect(ratio()).toBeGreaterThanOrEqual(Math.min(start, 2) - 1e-6);
      }
    }
    expect(market.equity(1)).toBeGreaterThanOrEqual(0);
    expect(market.state.insurance).toBe(0n);
  });

  test('(l) an account of 0.01 does not linger beyond patience, whoever bids at the mark', () => {
    const market = desk({
      1: { cash: 0.01, holds: [[PERP, 10, 60]] },
      2: { cash: 1_000, holds: [[PERP, -10, 60]] },
      3: { cash: 1_000 },
    });
    const winner = market.equity(2);
    let heights = 0;
    while (market.lots(1, PERP) > 0 && heights < 20) {
      market.height({ orders: { 3: [buy(PERP, 10, 60)] } });
      heights++;
    }
    expect(heights).toBeLessThanOrEqual(DEFAULT_RULES.liquidation.patienceHeights);
    expect(market.equity(1)).toBeCloseTo(0.01, 6);
    expect(market.equity(2)).toBe(winner);
  });

  test('(m) a pair that opens any size in one height meets the open-interest margin', () => {
    const params = {
      ...funded(1_000),
      openInterest: { lowerCap: 5_000_000_000n, upperCap: 10_000_000_000n },
    };
    const pair = { 1: { cash: 50_000 }, 2: { cash: 50_000 } };
    const open = (lots: number) => {
      const market = desk(pair, { params });
      const { receipts } = market.height({ orders: { 1: [buy(PERP, lots, 60)], 2: [sell(PERP, lots, 60)] } });
      return [market.lots(1, PERP), receipts.map(({ code }) => code)];
    };
    // 80 lots are 4,800; 10,000 lots are 600,000 and would require them in full; 5 % of them are 30,000.
    expect(open(80)).toEqual([80, []]);
    expect(open(10_000)).toEqual([0, ['ENTRY_OPEN_INTEREST', 'ENTRY_OPEN_INTEREST']]);
    const alone = desk(pair, { params: PARAMS });
    alone.height({ orders: { 1: [buy(PERP, 10_000, 60)], 2: [sell(PERP, 10_000, 60)] } });
    expect(alone.lots(1, PERP)).toBe(10_000);
  });

  test('(n) while an index that falls by 45 % is clamped, nothing leaves and nothing opens', () => {
    const market = desk({
      1: { cash: 100_000, holds: [[PERP, 10, 60]] },
      2: { cash: 100_000, holds: [[PERP, -10, 60]] },
      3: { cash: 100_000 },
    });
    const codes = () =>
      market
        .height({
          index: 33_000,
          withdrawals: { 2: 1_000, 3: 1_000 },
          orders: { 2: [sell(PERP, 1, 40)], 1: [sell(PERP, 1, 40, true)] },
        })
        .receipts.map(({ code }) => code)
        .sort();
    expect(codes()).toEqual(['ENTRY_CLAMPED', 'SETTLE_CLAMPED', 'SETTLE_CLAMPED']);
    expect(market.state.withdrawals).toBe(0n);
    // 60, 48, 38.4, 33: the third height has caught up.
    expect(codes()).toEqual(['ENTRY_CLAMPED', 'SETTLE_CLAMPED', 'SETTLE_CLAMPED']);
    expect(codes()).toEqual([]);
    expect(market.state.withdrawals).toBe(2_000_000_000n);
  });
});
