import { describe, expect, test } from 'vitest';
import {
  indexPerLot,
  type MarketParams,
  oracleFeeds,
  payoff,
  strikePerLot,
  validateMarketParams,
} from '../../../src/market/params.ts';
import { EXPIRY, INDEX, market, option, perpetual } from '../../helpers/market-fixtures.ts';

const paths = (params: MarketParams): string[] => validateMarketParams(params).map(({ path }) => path);

describe('market parameters', () => {
  test('a sound market has no problems', () => expect(validateMarketParams(market)).toEqual([]));

  test('every problem is listed with its path, not only the first', () => {
    const params: MarketParams = {
      ...market,
      version: 2 as 1,
      name: '',
      imfPpm: 0n,
      mmfPpm: 0n,
      bandPpm: 1_000_000n,
      feePpm: -1n,
      markClampPpm: 1_000_000n,
      premiumWeightPpm: 0n,
      batchFee: 1n << 64n,
      optionMargin: { aPpm: 0n, bPpm: 1n, mPpm: 2n, offPpm: 999_999n },
      instruments: [
        { ...perpetual, lotPpm: 0n },
        { ...option('call', 1), lotPpm: 1n, strike: 999_999n, expiry: 0n },
      ],
    };
    expect(paths(params)).toEqual([
      'version',
      'name',
      'imfPpm',
      'mmfPpm',
      'bandPpm',
      'feePpm',
      'markClampPpm',
      'premiumWeightPpm',
      'batchFee',
      'optionMargin.aPpm',
      'optionMargin.bPpm',
      'optionMargin.mPpm',
      'optionMargin.offPpm',
      'instruments[0].lotPpm',
      'instruments[1].strike',
      'instruments[1].strike (per lot)',
      'instruments[1].expiry',
    ]);
  });

  test('one to sixteen instruments', () => {
    expect(paths({ ...market, instruments: [] })).toEqual(['instruments']);
    const many = Array.from({ length: 17 }, (_, i) => option('call', 50_000 + 1_000 * i));
    expect(paths({ ...market, instruments: many })).toEqual(['instruments']);
    expect(paths({ ...market, instruments: many.slice(1) })).toEqual([]);
  });

  test('names and contracts are unique, options of one expiry share a lot', () => {
    const call = option('call', 100_000);
    expect(paths({ ...market, instruments: [call, call] })).toEqual([
      'instruments[1].name',
      'instruments[1]',
    ]);
    const larger = { ...option('put', 100_000), lotPpm: 2_000n };
    expect(paths({ ...market, instruments: [call, larger] })).toEqual(['instruments[1].lotPpm']);
  });

  test('feeds are the index and one volatility for each expiry and strike', () => {
    const later = EXPIRY + 2_592_000n;
    expect(oracleFeeds(market)).toEqual([
      'index',
      `vol:${EXPIRY}:90000000000`,
      `vol:${EXPIRY}:100000000000`,
      `vol:${EXPIRY}:110000000000`,
      `vol:${later}:100000000000`,
    ]);
  });

  test('per-lot index is rounded down, per-lot strike exact, payoffs are never negative', () => {
    const call = option('call', 100_000);
    expect(indexPerLot(call, INDEX + 1_999n)).toBe(100_000_001n);
    const K = strikePerLot(call);
    expect(K).toBe(100_000_000n);
    expect([90_000_000n, 110_000_000n].map((at) => payoff('call', K, at))).toEqual([0n, 10_000_000n]);
    expect([90_000_000n, 110_000_000n].map((at) => payoff('put', K, at))).toEqual([10_000_000n, 0n]);
  });
});
