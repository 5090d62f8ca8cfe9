import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../../src/formats/decimal.ts';
import { type Averaging, averagingAt } from '../../../src/market/expiry.ts';
import {
  clipToIndex,
  computeMarks,
  computeReferences,
  optionMark,
  perpetualReference,
} from '../../../src/market/marks.ts';
import type { Option, Perpetual } from '../../../src/market/params.ts';
import { genesisMarketState, rememberClears } from '../../../src/market/state.ts';
import { EXPIRY, INDEX, market, option } from '../../helpers/market-fixtures.ts';

const perp: Perpetual = { name: 'P', kind: 'perp', lotPpm: 1_000n };
const S = 100_000_000n;
const reference = (lastClear: bigint | undefined, ema: bigint): bigint =>
  perpetualReference(perp, INDEX, lastClear, ema * 1_000_000n, 10_000n);

describe('the reference price of a perpetual', () => {
  test('is the index before its first trade', () => expect(reference(undefined, 0n)).toBe(S));

  test('is the median of smoothed premium, last clear and index', () => {
    expect(reference(S + 500n, 300n)).toBe(S + 300n);
    expect(reference(S + 200n, 300n)).toBe(S + 200n);
    expect(reference(S - 200n, 300n)).toBe(S);
    expect(reference(S - 200n, -300n)).toBe(S - 200n);
  });

  test('never leaves index(1 ± β), and is 1 at least', () => {
    expect(reference(2n * S, S)).toBe(101_000_000n);
    expect(reference(1n, -S)).toBe(99_000_000n);
    expect(perpetualReference(perp, 0n, undefined, 0n, 10_000n)).toBe(1n);
  });
});

const WINDOW = 1_800n;
/** So many seconds before the expiry, the window not begun. */
const ahead = (remainingS: bigint): Averaging => ({ known: 0n, remainingS, windowS: WINDOW });

describe('an option', () => {
  const year = 31_536_000n;
  const call = option('call', 100_000);
  const put = option('put', 100_000);

  test('whose mean begins a year from now is worth 0.0797 of the forward at 20 %', () => {
    // F(2N(0.1) − 1) = 0.079655674554058 F (standard normal tables); the mean of the last 30 minutes has the variance of a third of them less.
    const at = ahead(year + 1_200n);
    expect(optionMark(call, INDEX, 200_000n, at)).toBe(7_965_567n);
    expect(optionMark(put, INDEX, 200_000n, at)).toBe(7_965_567n);
  });

  test('that has been settled in all but its last second is marked at what it will pay, whatever the spot says', () => {
    // 27 of 30 minutes at 99,000, then 103,000: the mean is at most 99,400.
    const at: Averaging = { known: 99_000_000_000n * 1_620n, remainingS: 180n, windowS: WINDOW };
    expect(optionMark(call, 103_000_000_000n, 600_000n, at)).toBe(1n);
    expect(optionMark(put, 103_000_000_000n, 600_000n, at)).toBe(600_000n);
  });

  test('does not jump where its window begins', () => {
    for (const type of [call, put]) {
      const before = optionMark(type, INDEX, 600_000n, { known: 0n, remainingS: WINDOW, windowS: WINDOW });
      const inside = optionMark(type, INDEX, 600_000n, {
        known: INDEX,
        remainingS: WINDOW - 1n,
        windowS: WINDOW,
      });
      const earlier = optionMark(type, INDEX, 600_000n, ahead(WINDOW + 1n));
      expect(earlier - before >= 0n && earlier - before < 200n).toBe(true);
      expect(before - inside >= 0n && before - inside < 200n).toBe(true);
    }
  });

  test('stays between the payoff of the mean that is to be expected and that mean (call) or the strike (put)', () => {
    fc.assert(
      fc.property(
        fc.bigInt(2_000n, 10n ** 14n),
        fc.bigInt(0n, 1n << 64n),
        fc.bigInt(1n, 400_000n),
        fc.bigInt(1n, 10n ** 14n),
        (index, vol, remainingS, past) => {
          const known = remainingS < WINDOW ? past * (WINDOW - remainingS) : 0n;
          const at = { known, remainingS, windowS: WINDOW };
          const sum = remainingS < WINDOW ? known + index * remainingS : index * WINDOW;
          const mean = sum / WINDOW / 1_000n;
          const above = mean > S ? mean - S : 0n;
          const below = mean < S ? S - mean : 0n;
          const [c, p] = [optionMark(call, index, vol, at), optionMark(put, index, vol, at)];
          expect(c >= above && c <= (mean > 1n ? mean : 1n) && c >= 1n).toBe(true);
          expect(p >= below && p <= S && p >= 1n).toBe(true);
        },
      ),
    );
  });

  // Means simulated with exact Brownian integrals by another program; see the file.
  const simulated = JSON.parse(
    readFileSync(new URL('../../vectors/market-average-options.json', import.meta.url), 'utf8'),
  ) as {
    cases: {
      type: 'call' | 'put';
      index: number;
      strike: number;
      volPpm: number;
      known: string;
      remainingS: number;
      windowS: number;
      price: number;
      error: number;
    }[];
  };
  test.each(simulated.cases)(
    'a $type at $strike, index $index, vol $volPpm ppm, $remainingS s left of $windowS: as simulated',
    ({ type, index, strike, volPpm, known, remainingS, windowS, price, error }) => {
      const at = {
        known: BigInt(known),
        remainingS: BigInt(remainingS),
        windowS: BigInt(windowS),
      };
      const told = Number(optionMark(option(type, strike), BigInt(index) * 1_000_000n, BigInt(volPpm), at));
      // Four standard errors of the simulation, and 16 ppm of the index for the lognormal approximation.
      const off = Math.abs(told / 1e3 - price);
      expect(off).toBeLessThan(4 * error + 16e-6 * index + 0.001);
    },
  );

  const { mean } = JSON.parse(
    readFileSync(new URL('../../vectors/market-venues.json', import.meta.url), 'utf8'),
  ) as {
    mean: {
      name: string;
      known: string;
      passedS: number;
      index: string;
      windowS: number;
      expect: string;
    }[];
  };
  test.each(mean)(
    'deep in the money is marked at the mean less the strike ($name)',
    ({ known, passedS, index, windowS, expect: expected }) => {
      const [W, passed] = [BigInt(windowS), BigInt(passedS)];
      const at = { known: parseDecimal(known)! * passed, remainingS: W - passed, windowS: W };
      const deep: Option = { ...option('call', 500), lotPpm: 1_000_000n };
      expect(optionMark(deep, parseDecimal(index)!, 1_000n, at) + 500_000_000n).toBe(parseDecimal(expected));
    },
  );
});

describe('the market state', () => {
  const vols = [700_000n, 650_000n, 600_000n, 620_000n];
  const medians = [INDEX, ...vols];
  const timeS = EXPIRY - 604_800n;
  const genesis = genesisMarketState(market, medians, timeS);

  test('at genesis marks perpetuals at the index and each option at its own volatility', () => {
    expect(genesis.marks[0]).toBe(S);
    const byHand = market.instruments.slice(1).map((o, i) => {
      const { expiry } = o as Option;
      const at = averagingAt(genesis.history, expiry, timeS);
      return optionMark(o as Option, INDEX, vols[[0, 1, 2, 0, 1, 2, 3][i]!]!, at);
    });
    expect(genesis.marks.slice(1)).toEqual(byHand);
    expect(new Set(byHand).size > 5).toBe(true);
  });

  test('marks a perpetual at the index whatever it traded at', () => {
    const traded = { ...genesis, ...rememberClears(market, genesis, INDEX, [S + 900_000n]) };
    expect(computeMarks(market, traded, traded.settled)[0]).toBe(S);
    const again = { ...traded, ...rememberClears(market, traded, INDEX, [S + 900_000n]) };
    expect(computeReferences(market, again, INDEX, again.marks)[0]).toBeGreaterThan(S);
  });

  test('keeps the marks of what has expired', () => {
    const kept = market.instruments.map((_, i) => (i === 2 ? 77n : undefined));
    expect(computeMarks(market, genesis, kept)[2]).toBe(77n);
  });

  test('remembers clears, clipped to index(1 ± β), and smooths the premium of what traded', () => {
    const none = market.instruments.map(() => null);
    const clears = (of: typeof genesis, first: bigint | null) => ({
      ...of,
      ...rememberClears(market, of, INDEX, [first, 12n, ...none.slice(2)]),
    });
    const traded = clears(genesis, S + 1_000n);
    expect(traded.lastClear.slice(0, 3)).toEqual([S + 1_000n, 12n, undefined]);
    expect(traded.premiumEma.slice(0, 2)).toEqual([200_000_000n, 0n]); // 20 % of 1,000, in 10⁻⁶
    const quiet = clears(traded, null);
    expect([quiet.lastClear[0], quiet.premiumEma]).toEqual([traded.lastClear[0], traded.premiumEma]);
    const again = clears(traded, S);
    expect([again.lastClear[0], again.premiumEma[0]]).toEqual([S, 160_000_000n]);
    expect(clears(genesis, 3n * S).lastClear[0]).toBe(clipToIndex(3n * S, S, market.markClampPpm));
    expect(clears(genesis, 3n * S).lastClear[0]).toBe(101_000_000n);
  });
});
