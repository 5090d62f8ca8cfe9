import fc from 'fast-check';
import type { Account, Position } from '../../src/market/account.ts';
import { MAX_PRICE, type Order } from '../../src/market/order.ts';
import {
  DEFAULT_RULES,
  type Instrument,
  type MarketParams,
  type Option,
  type OptionType,
} from '../../src/market/params.ts';
import { type InstrumentIndex, instrumentIndex } from '../../src/params/ids.ts';

/** 2026-06-26 08:00 UTC. */
export const EXPIRY = 1_782_460_800n;
/** 100,000 USDC for one underlying. */
export const INDEX = 100_000_000_000n;

/** An option of 0.001 underlying a lot; `strike` in whole USDC. */
export const option = (type: OptionType, strike: number, expiry = EXPIRY): Option => ({
  name: `${type}-${strike}-${expiry}`,
  kind: 'option',
  type,
  strike: BigInt(strike) * 1_000_000n,
  expiry,
  lotPpm: 1_000n,
});

export const perpetual: Instrument = { name: 'BTC-PERP', kind: 'perp', lotPpm: 1_000n };

/** A perpetual (0), calls at 90, 100, 110 thousand (1–3), puts at the same strikes (4–6), a later call (7). */
export const market: MarketParams = {
  version: 2,
  name: 'BTC',
  instruments: [
    perpetual,
    option('call', 90_000),
    option('call', 100_000),
    option('call', 110_000),
    option('put', 90_000),
    option('put', 100_000),
    option('put', 110_000),
    option('call', 100_000, EXPIRY + 2_592_000n),
  ],
  imfPpm: 50_000n,
  mmfPpm: 30_000n,
  bandPpm: 100_000n,
  feePpm: 500n,
  markClampPpm: 10_000n,
  premiumWeightPpm: 200_000n,
  batchFee: 1_000n,
  optionMargin: { aPpm: 150_000n, bPpm: 100_000n, mPpm: 75_000n, offPpm: 1_050_000n, longPpm: 250_000n },
  ...DEFAULT_RULES,
};

/** Plausible marks of `market` at INDEX, units per lot. */
export const MARKS: readonly bigint[] = [
  100_100_000n,
  12_300_000n,
  6_100_000n,
  2_500_000n,
  2_300_000n,
  6_100_000n,
  12_500_000n,
  8_700_000n,
];

/** The market with other rates, and marks that stand in no relation to each other or to the index. */
export const ratedMarkets: fc.Arbitrary<{ params: MarketParams; marks: bigint[]; index: bigint }> = fc
  .record({
    imfPpm: fc.bigInt(1n, 1_000_000n),
    bandPpm: fc.bigInt(1n, 999_999n),
    feePpm: fc.bigInt(0n, 100_000n),
    marks: fc.array(fc.oneof(fc.bigInt(1n, 50n), fc.bigInt(1n, MAX_PRICE)), {
      minLength: market.instruments.length,
      maxLength: market.instruments.length,
    }),
    index: fc.oneof(fc.bigInt(1n, 10n ** 6n), fc.bigInt(1n, 10n ** 13n)),
  })
  .map(({ imfPpm, bandPpm, feePpm, marks, index }) => ({
    params: { ...market, imfPpm, mmfPpm: imfPpm, bandPpm, feePpm },
    marks,
    index,
  }));

export const instruments: fc.Arbitrary<InstrumentIndex> = fc
  .nat(market.instruments.length - 1)
  .map((i) => instrumentIndex(i));

/** Orders anywhere on the price grid, inside and outside of any band. */
export const orders = (reduceOnly: fc.Arbitrary<boolean>): fc.Arbitrary<Order[]> =>
  fc.array(
    fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      instrument: instruments,
      price: fc.oneof(fc.bigInt(1n, 60n), fc.bigInt(1n, MAX_PRICE)),
      lots: fc.oneof(fc.bigInt(1n, 5n), fc.bigInt(1n, 1n << 32n)),
      reduceOnly,
    }),
    { minLength: 1, maxLength: 4 },
  );

/** An account of these [instrument, lots, quote] positions. */
export function account(
  cash: bigint,
  positions: readonly (readonly [number, bigint, bigint?])[] = [],
): Account {
  const held = new Map<InstrumentIndex, Position>();
  for (const [i, lots, quote = 0n] of positions) held.set(instrumentIndex(i), { lots, quote });
  return { cash, sequence: 0n, positions: held };
}
