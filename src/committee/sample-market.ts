import { DEFAULT_RULES, type MarketParams } from '../market/params.ts';

/** A market of one perpetual and one option expiry, small enough for a few traders' orders to meet. */
export const SAMPLE_MARKET: MarketParams = {
  version: 2,
  name: 'BTC',
  instruments: [
    { name: 'BTC-PERP', kind: 'perp', lotPpm: 1000n },
    {
      name: 'BTC-C',
      kind: 'option',
      type: 'call',
      strike: 60_000_000_000n,
      expiry: 2_000_000n,
      lotPpm: 10_000n,
    },
    {
      name: 'BTC-P',
      kind: 'option',
      type: 'put',
      strike: 60_000_000_000n,
      expiry: 2_000_000n,
      lotPpm: 10_000n,
    },
  ],
  imfPpm: 100_000n,
  mmfPpm: 50_000n,
  bandPpm: 50_000n,
  feePpm: 500n,
  markClampPpm: 50_000n,
  premiumWeightPpm: 100_000n,
  batchFee: 1_000n,
  optionMargin: { aPpm: 150_000n, bPpm: 100_000n, mPpm: 75_000n, offPpm: 1_050_000n, longPpm: 250_000n },
  ...DEFAULT_RULES,
};

/** 60,000 USDC and 60 % a year. */
export const SAMPLE_PRICES = [60_000_000_000n, 600_000n] as const;

/** Seconds at genesis. */
export const SAMPLE_TIME_S = 1_000_000n;

/** Prices of a height: the index moves by 10 USDC a height. */
export const moved = (at: number): bigint[] => [
  SAMPLE_PRICES[0] + BigInt(at) * 10_000_000n,
  SAMPLE_PRICES[1],
];
