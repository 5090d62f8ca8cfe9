import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { black76 } from '../../../src/market/black76.ts';
import { ONE } from '../../../src/market/fixed-point.ts';
import {
  equity,
  initialMargin,
  legInitialMargin,
  maintenanceMargin,
  openingEquity,
  withdrawable,
} from '../../../src/market/margin.ts';
import type { MarketParams, Option, OptionType } from '../../../src/market/params.ts';
import { instrumentIndex } from '../../../src/params/ids.ts';
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
  return [initialMargin(params, held, marks, index), maintenanceMargin(params, held, marks, index)].map(
    String,
  );
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

const im = (...positions: [number, bigint][]): bigint =>
  initialMargin(market, account(0n, positions), MARKS, INDEX);
const mm = (...positions: [number, bigint][]): bigint =>
  maintenanceMargin(market, account(0n, positions), MARKS, INDEX);

describe('margin', () => {
  test('a perpetual requires its notional times the rate, rounded up, long or short', () => {
    expect([im([0, 3n]), im([0, -3n])]).toEqual([15_015_000n, 15_015_000n]);
    expect([mm([0, 3n]), mm([0, -3n])]).toEqual([9_009_000n, 9_009_000n]);
    const odd = initialMargin(market, account(0n, [[0, -1n]]), [21n], INDEX);
    expect(odd).toBe(2n); // 1.05
  });

  test('a long option requires nothing, and lends nothing to new exposure', () => {
    expect([im([2, 5n]), mm([2, 5n])]).toEqual([0n, 0n]);
    const holder = account(100n, [[2, 5n, -5n * MARKS[2]!]]);
    expect(equity(holder, MARKS)).toBe(100n);
    expect(openingEquity(market, holder, MARKS)).toBe(100n - 5n * MARKS[2]!);
  });

  test('short options that are worth less than nothing do not add to opening equity', () => {
    const writer = account(0n, [[2, -5n, 0n]]);
    expect(openingEquity(market, writer, MARKS)).toBe(equity(writer, MARKS));
  });

  test('what may leave is the free cash, less what the height has gained so far', () => {
    // E = 50 + 10; one perpetual lot at 100.1 requires 5.005.
    const long = account(50_000_000n, [[0, 1n, -90_100_000n]]);
    const free = (gained: bigint) => withdrawable(market, long, MARKS, INDEX, gained);
    expect(equity(long, MARKS)).toBe(60_000_000n);
    // Cash 50 is less than 60 − 5.005; unrealised profit cannot leave.
    expect([free(0n), free(-7n), free(10_000_000n), free(50_000_001n)]).toEqual([
      50_000_000n,
      50_000_000n,
      40_000_000n,
      0n,
    ]);
    const poor = account(-50_000_000n, [[0, 1n, -40_000_000n]]);
    expect(withdrawable(market, poor, MARKS, INDEX, 0n)).toBe(0n);
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
    const held = account(0n, [[0, -2n]]);
    expect(maintenanceMargin(deep, held, [M], INDEX)).toBe(2n * (63_750_000n + M));
    expect(initialMargin(deep, held, [M], INDEX)).toBe((2n * (63_750_000n + M) * 105n) / 100n);
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
        const apart = held.reduce(
          (sum, [i, n]) =>
            sum +
            legInitialMargin(
              market,
              { side: n > 0n ? 'buy' : 'sell', instrument: instrumentIndex(i), lots: n > 0n ? n : -n },
              MARKS,
              INDEX,
            ),
          0n,
        );
        const [initial, maintenance] = [im(...held), mm(...held)];
        expect(0n <= maintenance && maintenance <= initial && initial <= apart).toBe(true);
      }),
    );
  });

  test('opening equity ≥ IM of paired options covers the payoff at every expiry price', () => {
    fc.assert(
      fc.property(positions, fc.bigInt(0n, 400n), (all, thousands) => {
        const held = all.filter(([i]) => i >= 1 && i <= 6);
        const netCalls = held.reduce((sum, [i, n]) => (i <= 3 ? sum + n : sum), 0n);
        fc.pre(netCalls >= 0n);
        const empty = account(0n, held);
        const cash = im(...held) - openingEquity(market, empty, MARKS);
        const strikes = [90n, 100n, 110n];
        const settled = held.reduce((sum, [i, n]) => {
          const inside = thousands - strikes[(i - 1) % 3]!;
          const payoff = i <= 3 ? inside : -inside;
          return sum + n * (payoff > 0n ? payoff : 0n) * 1_000_000n;
        }, cash);
        const spread = im(...held) < held.reduce((sum, [i, n]) => (n < 0n ? sum + im([i, n]) : sum), 0n);
        if (spread) expect(settled >= 0n).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
