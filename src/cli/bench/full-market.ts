import { accountIdOf, genesisSettlement, type SettlementState } from '../../ledger/settlement-state.ts';
import type { Account, Position } from '../../market/account.ts';
import { marginRequirement } from '../../market/margin.ts';
import { openInterest } from '../../market/open-interest.ts';
import type { Order } from '../../market/order.ts';
import { DEFAULT_RULES, type Instrument, type MarketParams, oracleFeeds } from '../../market/params.ts';
import { pricesOf } from '../../market/prices.ts';
import { type AccountId, type InstrumentIndex, instrumentIndex } from '../../params/ids.ts';
import { MAX_INSTRUMENTS, ORDERS_PER_BATCH } from '../../params/sizes.ts';
import type { Prng } from '../../sim/prng.ts';

export const HOUR_S = 3_600n;
/** A whole hour, so that a minute later nothing is due. */
const START_S = 1_800_000_000n;
const INDEX = 60_000_000_000n;
const VOL_PPM = 550_000n;
const EXPIRIES = [START_S + 100n * HOUR_S, START_S + 700n * HOUR_S];

/** One perpetual and fifteen options of two expiries: as many instruments as a market can have. */
const instruments: readonly Instrument[] = Array.from({ length: MAX_INSTRUMENTS }, (_, i): Instrument => {
  if (i === 0) return { name: 'PERP', kind: 'perp', lotPpm: 1_000n };
  const strike = 48_000_000_000n + 3_000_000_000n * BigInt(i >> 1);
  const expiry = EXPIRIES[i < 8 ? 0 : 1]!;
  const type = i % 2 === 0 ? 'call' : 'put';
  return { name: `O${i}`, kind: 'option', type, strike, expiry, lotPpm: 10_000n };
});

export const BENCH_MARKET: MarketParams = {
  version: 2,
  name: 'bench',
  instruments,
  imfPpm: 50_000n,
  mmfPpm: 25_000n,
  bandPpm: 50_000n,
  feePpm: 300n,
  markClampPpm: 10_000n,
  premiumWeightPpm: 100_000n,
  batchFee: 1_000n,
  optionMargin: { aPpm: 150_000n, bPpm: 100_000n, mPpm: 75_000n, offPpm: 1_050_000n, longPpm: 250_000n },
  ...DEFAULT_RULES,
};

/** The state at height 0 with `accounts` accounts, each in all instruments, long and short by turns. */
export function fullMarket(accounts: number): SettlementState {
  const medians = oracleFeeds(BENCH_MARKET).map((feed) => (feed === 'index' ? INDEX : VOL_PPM));
  const genesis = genesisSettlement({
    market: BENCH_MARKET,
    notesTotal: 10n ** 17n,
    medians,
    timeS: START_S,
  });
  const { marks } = genesis.market;
  const prices = pricesOf(BENCH_MARKET, marks, INDEX);
  const held = new Map<AccountId, Account>();
  for (let a = 1; a <= accounts; a++) {
    // Accounts come in pairs with opposite lots.
    const size = BigInt(1 + (((a - 1) >> 1) % 40)) * (a % 2 === 0 ? 1n : -1n);
    const positions = new Map<InstrumentIndex, Position>();
    for (const [i, mark] of marks.entries())
      positions.set(instrumentIndex(i), { lots: size, quote: -size * mark });
    const empty = { cash: 0n, sequence: 0n, positions };
    // A tenth of them, short in everything, holds hardly more than it must.
    const must = marginRequirement(prices, empty).maintenance;
    held.set(accountIdOf(BigInt(a)), {
      ...empty,
      cash: a % 10 === 1 ? (must * 102n) / 100n : 3n * must + 10n ** 10n,
    });
  }
  const cash = [...held.values()].reduce((sum, account) => sum + account.cash, 0n);
  const funding = {
    ...genesis.market.funding,
    sums: instruments.map((_, i) => (i === 0 ? 900n * HOUR_S : 0n)),
  };
  return {
    ...genesis,
    accounts: held,
    market: { ...genesis.market, funding, openInterest: openInterest(BENCH_MARKET, held.values()) },
    deposits: genesis.deposits + cash,
  };
}

/** Four orders within 2 % of the marks. */
export function ordersOf(prng: Prng, marks: readonly bigint[]): Order[] {
  return Array.from({ length: ORDERS_PER_BATCH }, () => {
    const i = prng.below(MAX_INSTRUMENTS);
    const mark = marks[i]!;
    const price = mark + (mark * BigInt(prng.below(40_001) - 20_000)) / 1_000_000n;
    return {
      side: prng.bit() === 0 ? 'buy' : 'sell',
      instrument: instrumentIndex(i),
      price: price > 0n ? price : 1n,
      lots: BigInt(1 + prng.below(20)),
      reduceOnly: false,
    };
  });
}
