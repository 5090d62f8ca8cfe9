import { describe, expect, test } from 'vitest';
import { validateMarketParams } from '../../../src/market/check-params.ts';
import {
  defaultCaps,
  indexPerLot,
  type MarketParams,
  oracleFeeds,
  payoff,
  strikePerLot,
} from '../../../src/market/params.ts';
import { EXPIRY, INDEX, market, option } from '../../helpers/market-fixtures.ts';

const paths = (params: MarketParams): string[] => validateMarketParams(params).map(({ path }) => path);

describe('market parameters', () => {
  test('a sound market has no problems', () => expect(validateMarketParams(market)).toEqual([]));

  test('every problem is listed with its path, not only the first', () => {
    const params: MarketParams = {
      ...market,
      version: 1 as 2,
      name: '',
      imfPpm: 0n,
      mmfPpm: 0n,
      bandPpm: 1_000_000n,
      feePpm: -1n,
      markClampPpm: 1_000_000n,
      premiumWeightPpm: 0n,
      batchFee: 1n << 64n,
      optionMargin: { aPpm: 0n, bPpm: 1n, mPpm: 2n, offPpm: 999_999n, longPpm: 1_000_001n },
      bandIndexPpm: 1_000_001n,
      insurance: { seed: -1n },
      openInterest: { lowerCap: 5n, upperCap: 5n },
      instruments: [
        { name: 'P', kind: 'perp', lotPpm: 0n, rates: { imfPpm: 1n, mmfPpm: 2n, tiers: [] } },
        { ...option('call', 1), lotPpm: 1n, strike: 999_999n, expiry: 0n },
      ],
    };
    expect(paths(params)).toEqual([
      'version',
      'name',
      'bandPpm',
      'bandIndexPpm',
      'feePpm',
      'markClampPpm',
      'premiumWeightPpm',
      'batchFee',
      'optionMargin.aPpm',
      'optionMargin.bPpm',
      'optionMargin.mPpm',
      'optionMargin.offPpm',
      'optionMargin.longPpm',
      'imfPpm',
      'mmfPpm',
      'insurance.seed',
      'openInterest.upperCap',
      'instruments[0].lotPpm',
      'instruments[0].rates.mmfPpm',
      'instruments[1].strike',
      'instruments[1].strike (per lot)',
      'instruments[1].expiry',
    ]);
  });

  test('an instrument may have caps and rates of its own; caps of 0 and 0 are none', () => {
    const rates = { imfPpm: 100_000n, mmfPpm: 50_000n, tiers: [] };
    const own = {
      name: 'P',
      kind: 'perp' as const,
      lotPpm: 1_000n,
      rates,
      openInterest: { lowerCap: 0n, upperCap: 0n },
    };
    expect(paths({ ...market, instruments: [own] })).toEqual([]);
    const wrong = { ...option('call', 100_000), openInterest: { lowerCap: 2n, upperCap: 1n } };
    expect(paths({ ...market, instruments: [wrong] })).toEqual(['instruments[0].openInterest.upperCap']);
    expect(defaultCaps({ seed: 7n })).toEqual({ lowerCap: 35n, upperCap: 70n });
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
