import { describe, expect, test } from 'vitest';
import type { PerpetualRates } from '../../../src/market/params.ts';
import { tieredRequirement } from '../../../src/market/tiers.ts';

const usd = (amount: number): bigint => BigInt(amount) * 1_000_000n;
/** Binance's first BTCUSDT brackets as published in 2023: up to 50,000 0.4 %, to 500,000 0.5 %, to 10,000,000 1 %. */
const binance: PerpetualRates = {
  imfPpm: 8_000n,
  mmfPpm: 4_000n,
  tiers: [
    { fromNotional: usd(50_000), imfPpm: 10_000n, mmfPpm: 5_000n },
    { fromNotional: usd(500_000), imfPpm: 20_000n, mmfPpm: 10_000n },
  ],
};

describe('size tiers', () => {
  test('give notional · rate − maintenance amount, with the published amounts 0, 50 and 2,550 USD', () => {
    const of = (notional: number): bigint => tieredRequirement(binance, usd(notional)).maintenance;
    expect(of(40_000)).toBe(usd(160));
    expect(of(50_000)).toBe(usd(200));
    expect(of(100_000)).toBe(usd(100_000 * 0.005 - 50));
    expect(of(1_000_000)).toBe(usd(1_000_000 * 0.01 - 2_550));
  });
});
