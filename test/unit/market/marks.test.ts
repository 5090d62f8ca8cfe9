import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeMarks, optionMark, perpetualMark } from '../../../src/market/marks.ts';
import type { Option, Perpetual } from '../../../src/market/params.ts';
import { genesisMarketState, nextMarketState } from '../../../src/market/state.ts';
import { EXPIRY, INDEX, market, option } from '../../helpers/market-fixtures.ts';

const perp: Perpetual = { name: 'P', kind: 'perp', lotPpm: 1_000n };
const S = 100_000_000n;
const mark = (lastClear: bigint | undefined, ema: bigint): bigint =>
  perpetualMark(perp, INDEX, lastClear, ema * 1_000_000n, 10_000n);

describe('a perpetual', () => {
  test('is marked at the index before its first trade', () => expect(mark(undefined, 0n)).toBe(S));

  test('is marked at the median of smoothed premium, last clear and index', () => {
    expect(mark(S + 500n, 300n)).toBe(S + 300n);
    expect(mark(S + 200n, 300n)).toBe(S + 200n);
    expect(mark(S - 200n, 300n)).toBe(S);
    expect(mark(S - 200n, -300n)).toBe(S - 200n);
  });

  test('never leaves index(1 ± β)', () => {
    expect(mark(2n * S, S)).toBe(101_000_000n);
    expect(mark(1n, -S)).toBe(99_000_000n);
  });

  test('is marked at 1 at least', () => expect(perpetualMark(perp, 0n, undefined, 0n, 10_000n)).toBe(1n));
});

describe('an option', () => {
  const year = 31_536_000n;
  const call = option('call', 100_000);
  const put = option('put', 100_000);

  test('at the money for a year at 20 % is worth 0.0797 of the forward', () => {
    // F(2N(0.1) − 1) = 0.079655674554058 F (standard normal tables)
    expect(optionMark(call, INDEX, 200_000n, EXPIRY - year)).toBe(7_965_567n);
    expect(optionMark(put, INDEX, 200_000n, EXPIRY - year)).toBe(7_965_567n);
  });

  test('at and after expiry is worth its intrinsic value, never less than 1', () => {
    for (const at of [EXPIRY, EXPIRY + 1n]) {
      expect(optionMark(call, 103_000_000_000n, 900_000n, at)).toBe(3_000_000n);
      expect(optionMark(put, 103_000_000_000n, 900_000n, at)).toBe(1n);
    }
  });

  test('stays between its intrinsic value and the index (call) or the strike (put)', () => {
    fc.assert(
      fc.property(
        fc.bigInt(2_000n, 10n ** 14n),
        fc.bigInt(0n, 1n << 64n),
        fc.bigInt(0n, EXPIRY),
        (index, vol, ahead) => {
          const at = EXPIRY - ahead;
          const forward = index / 1_000n;
          const above = forward > S ? forward - S : 0n;
          const below = forward < S ? S - forward : 0n;
          const [c, p] = [optionMark(call, index, vol, at), optionMark(put, index, vol, at)];
          expect(c >= above && c <= forward && c >= 1n).toBe(true);
          expect(p >= below && p <= S && p >= 1n).toBe(true);
        },
      ),
    );
  });
});

describe('the market state', () => {
  const vols = [700_000n, 650_000n, 600_000n, 620_000n];
  const medians = [INDEX, ...vols];
  const genesis = genesisMarketState(market, medians, EXPIRY - 604_800n);

  test('at genesis marks perpetuals at the index and each option at its own volatility', () => {
    expect(genesis.marks[0]).toBe(S);
    const byHand = market.instruments
      .slice(1)
      .map((o, i) => optionMark(o as Option, INDEX, vols[[0, 1, 2, 0, 1, 2, 3][i]!]!, EXPIRY - 604_800n));
    expect(genesis.marks.slice(1)).toEqual(byHand);
    expect(new Set(byHand).size > 5).toBe(true);
  });

  test('remembers the last clear and smooths the premium of what traded', () => {
    const height = { timeS: EXPIRY - 604_000n, medians, marks: genesis.marks };
    const none = market.instruments.map(() => null);
    const traded = nextMarketState(market, genesis, {
      ...height,
      clears: [S + 1_000n, 12n, ...none.slice(2)],
    });
    expect(traded.lastClear.slice(0, 3)).toEqual([S + 1_000n, 12n, undefined]);
    expect(traded.premiumEma.slice(0, 2)).toEqual([200_000_000n, 0n]); // 20 % of 1,000, in 10⁻⁶
    const quiet = nextMarketState(market, traded, { ...height, clears: none });
    expect([quiet.lastClear, quiet.premiumEma]).toEqual([traded.lastClear, traded.premiumEma]);
    const again = nextMarketState(market, traded, { ...height, clears: [S, ...none.slice(1)] });
    expect([again.lastClear[0], again.premiumEma[0]]).toEqual([S, 160_000_000n]);
    expect(computeMarks(market, traded, medians, height.timeS)[0]).toBe(S + 200n);
  });
});
