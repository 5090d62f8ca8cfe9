import { toHex } from '../../src/base/bytes.ts';
import { accountIdOf, genesisSettlement, type SettlementState } from '../../src/ledger/settlement-state.ts';
import {
  type OpenedBatch,
  type OpenedItem,
  type Settlement,
  type SettlementInput,
  settle,
} from '../../src/ledger/transition.ts';
import { withdrawable } from '../../src/market/margin.ts';
import type { Order } from '../../src/market/order.ts';
import { DEFAULT_RULES, type MarketParams, type Option, type OptionType } from '../../src/market/params.ts';
import { pricesOf } from '../../src/market/prices.ts';
import { openTable, reserveOf } from '../../src/market/reserve.ts';
import { height, instrumentIndex, itemId } from '../../src/params/ids.ts';
import { Prng } from '../../src/sim/prng.ts';
import { sampleChain } from '../unit/ledger/market.ts';
import { bankruptIn, brokenInvariant } from './market-bookkeeper.ts';

/** Random heights of a hard market: thin margins, jumps, expiries, feeds that fail; every rule of a height is met. */

const START = 1_000_000n;
const HOUR = 3_600n;
const INDEX = 60_000_000_000n;
const ACCOUNTS = 12;
const NOTES_TOTAL = 10n ** 17n;

const option = (type: OptionType, strike: bigint, hours: bigint): Option => ({
  name: `${type}-${strike}-${hours}`,
  kind: 'option',
  type,
  strike: strike * 1_000_000n,
  expiry: START + hours * HOUR,
  lotPpm: 10_000n,
});

export const SCENARIO_MARKET: MarketParams = {
  version: 2,
  name: 'BTC',
  instruments: [
    { name: 'BTC-PERP', kind: 'perp', lotPpm: 1_000n },
    option('call', 60_000n, 3n),
    option('put', 60_000n, 3n),
    option('call', 66_000n, 9n),
    option('put', 54_000n, 9n),
    option('call', 60_000n, 9n),
  ],
  imfPpm: 20_000n,
  mmfPpm: 12_000n,
  bandPpm: 30_000n,
  feePpm: 300n,
  markClampPpm: 20_000n,
  premiumWeightPpm: 100_000n,
  batchFee: 1_000n,
  optionMargin: { aPpm: 60_000n, bPpm: 40_000n, mPpm: 30_000n, offPpm: 1_050_000n, longPpm: 250_000n },
  ...DEFAULT_RULES,
  tiers: [{ fromNotional: 20_000_000_000n, imfPpm: 40_000n, mmfPpm: 25_000n }],
  funding: { ...DEFAULT_RULES.funding, impactNotional: 500_000_000n },
  liquidation: { ...DEFAULT_RULES.liquidation, patienceHeights: 4 },
  insurance: { seed: 2_000_000_000n },
  openInterest: { lowerCap: 60_000_000_000n, upperCap: 200_000_000_000n },
};

const genesis = genesisSettlement(
  sampleChain({
    market: SCENARIO_MARKET,
    notesTotal: NOTES_TOTAL,
    medians: [INDEX, 600_000n, 650_000n, 640_000n, 620_000n],
    timeS: START,
  }),
);

export const emptyTally = () => ({
  steps: 0,
  fills: 0,
  liquidations: 0,
  /** Accounts that a height found with E < 0, after funding and expiries and before any liquidation. */
  bankruptcies: 0,
  deleverages: 0,
  /** Accounts deleveraged after they were counterparties of a deleverage in the same height. */
  chained: 0,
  deficits: 0,
  haircuts: 0,
  insured: 0,
  /** Accounts that insurance paid before they were deleveraged. */
  rescued: 0,
  /** Orders and actions that a clamped feed kept out, and orders that open interest did. */
  clamped: 0,
  loaded: 0,
  penalties: 0,
  fundings: 0,
  expiries: 0,
  halts: 0,
  deposits: 0,
  withdrawn: 0,
  shielded: 0,
  exceeded: 0,
});
export type Tally = ReturnType<typeof emptyTally>;

/** Runs `steps` heights from genesis and checks every invariant after each. @throws naming seed, height and invariant */
export function runScenario(seed: number, steps: number, tally: Tally): void {
  const prng = new Prng(seed);
  let state = genesis;
  for (let h = 1; h <= steps; h++) {
    const input = nextInput(prng, state);
    const result = settle(SCENARIO_MARKET, state, input);
    const again = settle(SCENARIO_MARKET, shuffledState(prng, state), shuffledItems(prng, input));
    const broken = brokenInvariant(SCENARIO_MARKET, state, input, result, again);
    if (broken !== undefined) throw new Error(`SEED=${seed} height ${h}: ${broken}`);
    tally.bankruptcies += bankruptIn(state, input, result);
    count(tally, result);
    state = result.state;
  }
}

interface ScenarioHeight {
  readonly before: SettlementState;
  readonly input: SettlementInput;
  readonly result: Settlement;
}

/** The heights of a scenario without end. */
export function* scenarioHeights(seed: number): Generator<ScenarioHeight, never> {
  const prng = new Prng(seed);
  let before = genesis;
  for (;;) {
    const input = nextInput(prng, before);
    const result = settle(SCENARIO_MARKET, before, input);
    yield { before, input, result };
    before = result.state;
  }
}

/** One height of a scenario that trades, the `steps`-th or a later one. */
export function scenarioHeight(seed: number, steps: number): ScenarioHeight {
  let h = 0;
  for (const height of scenarioHeights(seed))
    if (++h >= steps && height.result.fills.length > 1) return height;
  throw new Error('a scenario has no end');
}

/** The same state with its maps built in another order. */
const shuffledState = (prng: Prng, state: SettlementState): SettlementState => ({
  ...state,
  accounts: new Map(
    shuffled(prng, [...state.accounts]).map(([id, account]) => [
      id,
      { ...account, positions: new Map(shuffled(prng, [...account.positions])) },
    ]),
  ),
  distress: new Map(shuffled(prng, [...state.distress])),
});

const shuffledItems = (prng: Prng, input: SettlementInput): SettlementInput => ({
  ...input,
  items: shuffled(prng, input.items),
});

/** Fisher–Yates. */
function shuffled<T>(prng: Prng, rows: readonly T[]): T[] {
  const out = [...rows];
  for (let i = out.length - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

function nextInput(prng: Prng, state: SettlementState): SettlementInput {
  const { timeS, medians } = state.market;
  const wait = pick(prng, [1, 10, 60, 60, 300, 300, 900]);
  const now = timeS + BigInt(wait);
  const isStale = prng.below(50) === 0;
  const jump = pick(prng, [5_000, 5_000, 5_000, 20_000, 20_000, 60_000, 60_000, 260_000]);
  const moved = medians.map((value, feed) => {
    const reach = feed === 0 ? jump : 50_000;
    const next = value + (value * BigInt(prng.below(2 * reach + 1) - reach)) / 1_000_000n;
    return next > 0n ? next : 1n;
  });
  // The index is pulled back to where the strikes are.
  if (prng.below(4) === 0) moved[0] = (moved[0]! * 3n + INDEX) / 4n;
  if (prng.below(4) === 0) for (let feed = 1; feed < moved.length; feed++) moved[feed] = 600_000n;
  const items = [
    ...Array.from({ length: 1 + prng.below(7) }, () => nextItem(prng, state)),
    ...nextTransfers(prng, state),
  ];
  return {
    height: height(state.height + 1),
    timeS: now,
    oracleTimeS: isStale ? now - 61n : now,
    medians: moved,
    beacon: prng.bytes(64),
    items,
    refused: [],
  };
}

/** A batch of a random account that deposits about the reserve of its orders: some cannot enter, most are stretched. */
function nextItem(prng: Prng, state: SettlementState): OpenedBatch {
  const { marks, medians } = state.market;
  const orders = Array.from({ length: 1 + prng.below(4) }, (): Order => {
    const instrument = instrumentIndex(pick(prng, [0, 0, 0, 1, 2, 3, 4, 5]));
    const mark = marks[instrument]!;
    const side = prng.below(2) === 0 ? 'buy' : 'sell';
    const eager = BigInt(side === 'buy' ? prng.below(40_001) - 10_000 : 10_000 - prng.below(40_001));
    const price = mark + (mark * eager) / 1_000_000n;
    const most = instrument === 0 ? pick(prng, [5, 50, 600]) : pick(prng, [5, 20, 120]);
    return {
      side,
      instrument,
      price: price > 0n ? price : 1n,
      lots: BigInt(1 + prng.below(most)),
      reduceOnly: prng.below(6) === 0,
    };
  });
  const name = BigInt(1 + prng.below(ACCOUNTS));
  const reserve = reserveOf(openTable(SCENARIO_MARKET, state.market), orders);
  const owner = state.accounts.get(accountIdOf(name));
  const free =
    owner === undefined ? 0n : withdrawable(pricesOf(SCENARIO_MARKET, marks, medians[0]!), owner, 0n);
  const missing = reserve > free ? reserve - free : 0n;
  const deposit = (missing * BigInt(pick(prng, [0, 90, 100, 100, 101, 102]))) / 100n;
  const legs = Array.from({ length: 4 }, (_, i) => orders[i]);
  return {
    kind: 'batch',
    id: itemId(toHex(prng.bytes(32))),
    fee: 1_000n,
    content: prng.below(40) === 0 ? undefined : { account: name, deposit, orders: legs },
  };
}

/** Deposits of the bridge and account actions: most take what is free at the old marks, which the new ones may refuse. */
function nextTransfers(prng: Prng, state: SettlementState): OpenedItem[] {
  const { marks, medians } = state.market;
  const items: OpenedItem[] = [];
  for (let A = 1n; A <= BigInt(ACCOUNTS); A++) {
    if (prng.below(40) === 0) {
      const id = itemId(toHex(prng.bytes(32)));
      items.push({ id, kind: 'deposit', nonce: 0n, account: A, amount: BigInt(1 + prng.below(1 << 28)) });
    }
    if (prng.below(20) > 0) continue;
    const owner = state.accounts.get(accountIdOf(A));
    const free =
      owner === undefined ? 0n : withdrawable(pricesOf(SCENARIO_MARKET, marks, medians[0]!), owner, 0n);
    const share = BigInt(pick(prng, [1, 50, 99, 100, 101]));
    const isShield = prng.below(2) === 0;
    items.push({
      id: itemId(toHex(prng.bytes(32))),
      kind: 'action',
      action: isShield ? 'shield' : 'withdraw',
      account: A,
      amount: free > 1_000n ? ((free - 1_000n) * share) / 100n + 1n : 1n,
      commitment: BigInt(prng.below(1 << 30)),
      sequence: owner?.sequence ?? 0n,
      destination: new Uint8Array(32).fill(isShield ? 0 : 1),
      lastHeight: height(state.height + 1),
    });
  }
  return items;
}

const pick = <T>(prng: Prng, values: readonly T[]): T => values[prng.below(values.length)]!;

function count(tally: Tally, { fills, events, transfers, receipts }: Settlement): void {
  const moved = (kind: string): number => transfers.filter((transfer) => transfer.kind === kind).length;
  tally.deposits += moved('deposit');
  tally.withdrawn += moved('withdraw');
  tally.shielded += moved('shield');
  tally.exceeded += receipts.filter(({ code }) => code === 'SETTLE_AMOUNT_EXCEEDED').length;
  const { liquidations, deleverages, insured, cover } = events;
  tally.steps++;
  tally.fills += fills.length;
  tally.liquidations += liquidations.length;
  tally.insured += liquidations.filter(({ insured }) => insured > 0n).length;
  tally.penalties += liquidations.filter(({ penalty }) => penalty > 0n).length;
  tally.deleverages += deleverages.length;
  tally.rescued += insured.length;
  const dropped = (code: string): number => receipts.filter((row) => row.code === code).length;
  tally.clamped += dropped('ENTRY_CLAMPED') + dropped('SETTLE_CLAMPED');
  tally.loaded += dropped('ENTRY_OPEN_INTEREST');
  const hit = new Set<string>();
  const chained = new Set<string>();
  for (const { account, counterparty } of deleverages) {
    if (hit.has(account)) chained.add(account);
    hit.add(counterparty);
  }
  tally.chained += chained.size;
  tally.deficits += cover.deficits.length;
  tally.haircuts += cover.haircuts.length;
  tally.fundings += events.funding.filter(({ perLot }) => perLot !== 0n).length;
  tally.expiries += events.expiries.length;
  tally.halts += events.isHalted ? 1 : 0;
}
