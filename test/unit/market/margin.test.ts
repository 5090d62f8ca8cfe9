import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, equity } from '../../../src/market/account.ts';
import { black76 } from '../../../src/market/black76.ts';
import { ONE } from '../../../src/market/fixed-point.ts';
import {
  marginRequirement,
  openingEquity,
  positionRequirement,
  withdrawable,
} from '../../../src/market/margin.ts';
import { openInterestLoads } from '../../../src/market/open-interest.ts';
import type { MarketParams, Option, OptionType } from '../../../src/market/params.ts';
import { type Prices, pricesOf } from '../../../src/market/prices.ts';
import { account, EXPIRY, INDEX, MARKS, market } from '../../helpers/market-fixtures.ts';

type Leg = [type: OptionType, strike: string, lots: string, markOrVol: string];
interface Case {
  name: string;
  legs: Leg[];
  initial: string;
  maintenance: string;
}
const derive: {
  index: string;
  isolated: Case[];
  priced: { forward: string; expirySeconds: string; cases: Case[] };
} = JSON.parse(readFileSync(new URL('../../vectors/market-derive-margin.json', import.meta.url), 'utf8'));

/** IM and MM of legs on one whole underlying a lot, with each leg's mark. */
function margins(legs: readonly Leg[], marks: readonly bigint[]): string[] {
  const instruments = legs.map(
    ([type, strike], i): Option => ({
      name: `option ${i}`,
      kind: 'option',
      type,
      strike: BigInt(strike),
      expiry: EXPIRY,
      lotPpm: 1_000_000n,
    }),
  );
  const params: MarketParams = { ...market, instruments };
  const held = account(
    0n,
    legs.map(([, , lots], i) => [i, BigInt(lots)] as const),
  );
  const index = BigInt(derive.index);
  const { initial, maintenance } = positionRequirement(pricesOf(params, marks, index), held.positions);
  return [initial, maintenance].map(String);
}

describe('option margins reproduce Derive', () => {
  test.each(derive.isolated)('$name', ({ legs, initial, maintenance }) => {
    const marks = legs.map(([, , , mark]) => BigInt(mark));
    expect(margins(legs, marks)).toEqual([initial, maintenance]);
  });

  test.each(derive.priced.cases)('$name, its marks priced by Black-76', ({ legs, initial, maintenance }) => {
    const years = (BigInt(derive.priced.expirySeconds) * ONE) / 31_536_000n;
    const marks = legs.map(([type, strike, , vol]) => {
      const { price } = black76({
        type,
        forward: BigInt(derive.priced.forward),
        strike: BigInt(strike) * 10n ** 12n,
        years,
        vol: BigInt(vol),
      });
      return price / 10n ** 12n;
    });
    expect(margins(legs, marks)).toEqual([initial, maintenance]);
  });
});

const PRICES = pricesOf(market, MARKS, INDEX);
const requirement = (positions: [number, bigint][], prices: Prices = PRICES) =>
  positionRequirement(prices, account(0n, positions).positions);
const im = (...positions: [number, bigint][]): bigint => requirement(positions).initial;
const mm = (...positions: [number, bigint][]): bigint => requirement(positions).maintenance;

describe('margin', () => {
  test('a perpetual requires its notional times the rate, rounded up, long or short', () => {
    expect([im([0, 3n]), im([0, -3n])]).toEqual([15_015_000n, 15_015_000n]);
    expect([mm([0, 3n]), mm([0, -3n])]).toEqual([9_009_000n, 9_009_000n]);
    const odd = requirement([[0, -1n]], pricesOf(market, MARKS.with(0, 21n), INDEX));
    expect(odd.initial).toBe(2n); // 1.05
  });

  test('a long option requires nothing by itself, and none of its worth may leave', () => {
    expect([im([2, 5n]), mm([2, 5n])]).toEqual([0n, 0n]);
    const holder = account(100n, [[2, 5n, -5n * MARKS[2]!]]);
    expect(equity(holder, MARKS)).toBe(100n);
    expect(openingEquity(PRICES, holder)).toBe(100n - 5n * MARKS[2]!);
  });

  test('short options that are worth less than nothing do not add to opening equity', () => {
    const writer = account(0n, [[2, -5n, 0n]]);
    expect(openingEquity(PRICES, writer)).toBe(equity(writer, MARKS));
  });

  test('what may leave is the free cash, less what the height has gained so far', () => {
    // E = 50 + 10; one perpetual lot at 100.1 requires 5.005.
    const long = account(50_000_000n, [[0, 1n, -90_100_000n]]);
    const free = (gained: bigint) => withdrawable(PRICES, long, gained);
    expect(equity(long, MARKS)).toBe(60_000_000n);
    // Cash 50 is less than 60 − 5.005; unrealised profit cannot leave.
    expect([free(0n), free(-7n), free(10_000_000n), free(50_000_001n)]).toEqual([
      50_000_000n,
      50_000_000n,
      40_000_000n,
      0n,
    ]);
    const poor = account(-50_000_000n, [[0, 1n, -40_000_000n]]);
    expect(withdrawable(PRICES, poor, 0n)).toBe(0n);
  });

  test('a call spread requires at most its width', () => {
    expect(im([1, -1n], [2, 1n])).toBe(10_000_000n);
    expect(im([1, -7n], [2, 7n])).toBe(70_000_000n);
    expect(im([1, 1n], [2, -1n])).toBe(0n);
  });

  test('unpaired short calls are counted alone, the most demanding of them', () => {
    const alone = im([1, -1n]);
    expect(im([1, -2n], [2, 1n])).toBe(20_000_000n + alone); // at 100,000: 2·10
  });

  test('of two kinds of short calls the more demanding one counts as unpaired', () => {
    const alone = im([1, -1n]);
    expect(alone).toBeGreaterThan(im([2, -1n]));
    expect(im([1, -4n], [2, -1n], [3, 4n])).toBe(90_000_000n + alone); // at 110,000: 4·20 + 10
  });

  test('a hedge of another expiry does not count', () => {
    expect(im([2, -1n], [7, 1n])).toBe(im([2, -1n]));
  });

  test('a put that is worth more than the index requires more than its rates of the index', () => {
    const deep = { ...market, instruments: [{ ...market.instruments[4]!, strike: 10n ** 12n } as Option] };
    const [S, M] = [100_000_000n, 850_000_000n];
    const { initial, maintenance } = requirement([[0, -2n]], pricesOf(deep, [M], INDEX));
    expect(maintenance).toBe(2n * (63_750_000n + M));
    expect(initial).toBe((2n * (63_750_000n + M) * 105n) / 100n);
    expect((15n * S) / 100n + M).toBeLessThan(((63_750_000n + M) * 105n) / 100n);
  });

  test('a short straddle requires both sides', () => {
    expect(im([2, -1n], [5, -1n])).toBe(im([2, -1n]) + im([5, -1n]));
  });

  const lots = fc.bigInt(-9n, 9n);
  const positions = fc
    .tuple(lots, lots, lots, lots, lots, lots, lots, lots)
    .map((all) => all.map((n, i): [number, bigint] => [i, n]).filter(([, n]) => n !== 0n));

  test('0 ≤ MM ≤ IM ≤ the sum of the legs by themselves', () => {
    fc.assert(
      fc.property(positions, (held) => {
        const apart = held.reduce((sum, leg) => sum + im(leg), 0n);
        const [initial, maintenance] = [im(...held), mm(...held)];
        expect(0n <= maintenance && maintenance <= initial && initial <= apart).toBe(true);
      }),
    );
  });

  test('a bought option lot never raises the requirement, a sold one never lowers it', () => {
    fc.assert(
      fc.property(positions, fc.integer({ min: 1, max: 7 }), fc.bigInt(1n, 9n), (held, i, lots) => {
        const options = held.filter(([at]) => at !== 0);
        const now = options.find(([at]) => at === i)?.[1] ?? 0n;
        const others = options.filter(([at]) => at !== i);
        const more: [number, bigint][] = now + lots === 0n ? others : [...others, [i, now + lots]];
        const [before, after] = [requirement(options), requirement(more)];
        expect(after.initial <= before.initial && after.maintenance <= before.maintenance).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test('a condor with more puts sold requires no less than the puts: the sides are also counted apart', () => {
    // Short 100 call and put, long 110 call and 90 put: 10 of loss; 7 more 100 puts are naked.
    const condor: [number, bigint][] = [
      [2, -1n],
      [3, 1n],
      [5, -1n],
      [4, 1n],
    ];
    expect(im(...condor)).toBe(10_000_000n);
    const naked = im([5, -7n]);
    const more = condor.map(([i, n]): [number, bigint] => [i, i === 5 ? n - 7n : n]);
    expect(im(...more) >= naked).toBe(true);
    expect(im(...more) <= im([2, -1n], [3, 1n]) + im([5, -8n])).toBe(true);
  });

  test('equity beyond long options ≥ IM of paired calls covers the payoff at every expiry price', () => {
    fc.assert(
      fc.property(positions, fc.bigInt(0n, 400n), (all, thousands) => {
        const held = all.filter(([i]) => i >= 1 && i <= 3);
        const netCalls = held.reduce((sum, [, n]) => sum + n, 0n);
        fc.pre(netCalls >= 0n);
        const strikes = [90n, 100n, 110n];
        const cash = im(...held) - openingEquity(PRICES, account(0n, held));
        const settled = held.reduce((sum, [i, n]) => {
          const inside = thousands - strikes[i - 1]!;
          return sum + n * (inside > 0n ? inside : 0n) * 1_000_000n;
        }, cash);
        const spread = im(...held) < held.reduce((sum, [i, n]) => (n < 0n ? sum + im([i, n]) : sum), 0n);
        if (spread) expect(settled >= 0n).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('long options as collateral', () => {
  const of = (holder: Account) => marginRequirement(PRICES, holder);
  const worth = 10n * MARKS[2]!; // 61 USDC

  test('raise nothing while cash covers what is required', () => {
    const holder = account(100_000_000n, [
      [0, 10n, -10n * MARKS[0]!],
      [2, 10n, -worth],
    ]);
    // E − L = 100 − 61 = 39 covers the maintenance of 30.03, not the 50.05 initially: 11.05 of it lean on the options.
    expect(of(holder)).toEqual({ initial: 50_050_000n + 2_762_500n, maintenance: 30_030_000n });
  });

  test('are asked for a quarter of what leans on them, at most of their worth', () => {
    const holder = account(61_000_000n, [
      [0, 10n, -10n * MARKS[0]!],
      [2, 10n, -worth],
    ]);
    expect(of(holder).maintenance).toBe(30_030_000n + 7_507_500n);
    const large = account(61_000_000n, [
      [0, 40n, -40n * MARKS[0]!],
      [2, 10n, -worth],
    ]);
    expect(of(large).maintenance).toBe(120_120_000n + 15_250_000n);
  });

  test('an account of long options alone is liquidated before they are worth what it owes', () => {
    const holder = (owed: bigint) => account(-owed, [[2, 10n, 0n]]);
    const isBelow = (owed: bigint) =>
      equity(holder(owed), MARKS) < marginRequirement(PRICES, holder(owed)).maintenance;
    expect([isBelow((worth * 79n) / 100n), isBelow((worth * 81n) / 100n)]).toEqual([false, true]);
  });
});

describe('open interest', () => {
  const caps = { lowerCap: 100_000_000n, upperCap: 300_000_000n };
  const params = { ...market, openInterest: caps };
  const none = market.instruments.map(() => 0n);
  const marks = MARKS.with(0, 100_000_000n);
  const load = (held: bigint, buys: bigint, sells: bigint) =>
    openInterestLoads({ params, marks, index: INDEX }, none.with(0, held), {
      buys: none.with(0, buys),
      sells: none.with(0, sells),
    })[0];

  test('moves the initial margin along a line between its caps, with what the orders of the height could add', () => {
    expect([load(1n, 0n, 0n), load(2n, 0n, 0n), load(3n, 0n, 0n), load(9n, 0n, 0n)]).toEqual([
      0n,
      500_000n,
      1_000_000n,
      1_000_000n,
    ]);
    expect([load(1n, 1n, 5n), load(1n, 5n, 1n), load(1n, 5n, 0n)]).toEqual([500_000n, 500_000n, 0n]);
    expect(
      openInterestLoads({ params: market, marks, index: INDEX }, none.with(0, 10n ** 12n), {
        buys: none,
        sells: none,
      })[0],
    ).toBe(0n);
  });

  test('ends at full collateral, and touches no maintenance', () => {
    const full = pricesOf(
      params,
      marks,
      INDEX,
      none.map(() => 1_000_000n),
    );
    const half = pricesOf(
      params,
      marks,
      INDEX,
      none.map(() => 500_000n),
    );
    const at = (prices: Prices, leg: [number, bigint]) => requirement([leg], prices);
    expect(at(full, [0, 3n])).toEqual({ initial: 300_000_000n, maintenance: 9_000_000n });
    expect(at(half, [0, 3n]).initial).toBe(15_000_000n + 142_500_000n);
    expect(at(full, [2, -1n]).initial).toBe(100_000_000n + MARKS[2]!);
    expect(at(full, [5, -1n]).initial).toBe(100_000_000n);
    expect(at(full, [2, -1n]).maintenance).toBe(mm([2, -1n]));
  });
});
