import { accountIdOf, type SettlementState } from '../../src/ledger/settlement-state.ts';
import type { Settlement } from '../../src/ledger/transition.ts';
import { equity } from '../../src/market/account.ts';
import { damped, fundingPerLot, rateCap } from '../../src/market/funding.ts';
import { DEFAULT_RULES, type MarketParams } from '../../src/market/params.ts';
import { clamp, max, min } from '../../src/market/rounding.ts';
import { instrumentIndex } from '../../src/params/ids.ts';
import { PPM } from '../../src/params/sizes.ts';
import { Prng } from '../../src/sim/prng.ts';
import { type DeskAccount, type DeskHeight, type DeskOrder, MarketDesk } from './market-desk.ts';

/**
 * An owner of three accounts who wants other people's money: a seeded search over their orders, withdrawals and an index path inside its clamp, that
 * keeps what takes most. What it may take is I12's bound: what others lost in fills inside the band and in funding at samples within ± β, and what its own accounts owed
 * beyond their equity when the index moved further than they could carry; and one stated limit, the discount of a rescuer. The search maximises what it takes beyond that.
 */

const PARAMS: MarketParams = {
  ...DEFAULT_RULES,
  version: 2,
  name: 'BTC',
  instruments: [{ name: 'PERP', kind: 'perp', lotPpm: 1_000n }],
  imfPpm: 50_000n,
  mmfPpm: 25_000n,
  bandPpm: 100_000n,
  feePpm: 0n,
  markClampPpm: 10_000n,
  premiumWeightPpm: 100_000n,
  batchFee: 1n,
  optionMargin: { aPpm: 150_000n, bPpm: 100_000n, mPpm: 75_000n, offPpm: 1_050_000n, longPpm: 250_000n },
  insurance: { seed: 1_000_000_000n },
  liquidation: { ...DEFAULT_RULES.liquidation, patienceHeights: 4 },
};

const OWN = [1, 2, 3] as const;

const PERP = instrumentIndex(0);
const MAKER = 6;
const HEIGHTS = 10;
/** Between two heights, s: as long as a premium sample holds. */
const SECONDS = 60;
/** Of genesis, s: funding is due at the sixth height. */
export const START = 2_001_300n;

export type Path = 'flat' | 'mirrored' | 'falling';
export interface Setting {
  readonly path: Path;
  readonly hasMaker: boolean;
}

interface Wish {
  readonly account: number;
  readonly side: 'buy' | 'sell';
  /** Of the index, ppm. */
  readonly off: number;
  readonly lots: number;
  readonly reduceOnly: boolean;
}
/** What the adversary does at each height, and where the index goes, ppm of what it was. */
type Plan = readonly {
  readonly move: number;
  readonly wishes: readonly Wish[];
  /** USDC out of one of its accounts. */
  readonly withdrawal: { readonly account: number; readonly amount: number };
}[];

const pick = <T>(prng: Prng, values: readonly T[]): T => values[prng.below(values.length)]!;

const randomWish = (prng: Prng): Wish => ({
  account: pick(prng, OWN),
  side: pick(prng, ['buy', 'sell'] as const),
  off: pick(
    prng,
    [-100_000, -99_000, -50_000, -20_000, -2_000, -200, 0, 200, 2_000, 20_000, 50_000, 99_000, 100_000],
  ),
  lots: pick(prng, [1, 3, 100, 500, 999, 1_000, 2_000]),
  reduceOnly: prng.below(2) === 0,
});

const randomWithdrawal = (prng: Prng): Plan[number]['withdrawal'] => ({
  account: pick(prng, OWN),
  amount: prng.below(4) === 0 ? pick(prng, [100, 500, 1_000, 1_490, 2_000, 2_990, 10_000]) : 0,
});

const movesOf = (path: Path): readonly number[] =>
  path === 'flat'
    ? [0]
    : path === 'mirrored'
      ? [-30_000, -10_000, 0, 10_000, 30_000]
      : [-60_000, -30_000, -10_000, 0];

const randomHeight = (prng: Prng, path: Path): Plan[number] => ({
  move: pick(prng, movesOf(path)),
  wishes: Array.from({ length: prng.below(4) }, () => randomWish(prng)),
  withdrawal: randomWithdrawal(prng),
});

function mutate(prng: Prng, plan: Plan, path: Path): Plan {
  const at = prng.below(plan.length);
  const row = plan[at]!;
  const change = prng.below(6);
  if (change === 0) return plan.with(at, randomHeight(prng, path));
  if (change === 1) return plan.with(at, { ...row, wishes: [...row.wishes, randomWish(prng)].slice(-4) });
  if (change === 2) return plan.with(at, { ...row, move: pick(prng, movesOf(path)) });
  if (change === 3) return plan.with(at, { ...row, withdrawal: randomWithdrawal(prng) });
  const wish = randomWish(prng);
  // A quote of one account that nothing crosses: its ask just above its bid.
  if (change === 4) {
    const quote = { ...wish, reduceOnly: false };
    const [bid, ask]: Wish[] = [
      { ...quote, side: 'buy', off: wish.off - 1_000 },
      { ...quote, side: 'sell' },
    ];
    return plan.with(at, { ...row, wishes: [bid!, ask!] });
  }
  // Both sides of one trade between two of its own accounts.
  const other = OWN.find((A) => A !== wish.account)!;
  const back: Wish = {
    ...wish,
    account: other,
    side: wish.side === 'buy' ? 'sell' : 'buy',
    reduceOnly: false,
  };
  return plan.with(at, { ...row, wishes: [wish, back] });
}

/** Long and short of one owner, victims at 0.4 % to 7 % of their notional on both sides, a maker. */
function newDesk({ hasMaker }: Setting): MarketDesk {
  const accounts: Record<number, DeskAccount> = {
    1: { cash: 1_500, holds: [[0, 1_000, 60]] },
    2: { cash: 3_000, holds: [[0, -900, 60]] },
    3: { cash: 20_000 },
    4: { cash: 1_340, holds: [[0, 900, 60]] },
    5: { cash: 4_000, holds: [[0, -1_000, 60]] },
    ...(hasMaker ? { [MAKER]: { cash: 100_000 } } : {}),
  };
  return new MarketDesk(PARAMS, [60_000_000_000n], START, accounts);
}

interface Outcome {
  /** What the owner took beyond I12's bound, units. */
  readonly beyond: bigint;
  /** What it took at all. */
  readonly taken: bigint;
}

const idOf = (A: number) => accountIdOf(BigInt(A));
const OWN_IDS = new Set(OWN.map(idOf));
const abs = (x: bigint): bigint => (x < 0n ? -x : x);

/**
 * What insurance paid of the discount at which a position of a bankrupt account of the owner was taken over, as far as the stated limit goes: SMMR·MM_pos, here 0.25 % of
 * the notional.
 */
function discounts({ events, state }: Settlement): bigint {
  let paid = 0n;
  for (const { account, side, lots, price, instrument, insured } of events.liquidations) {
    if (!OWN_IDS.has(account) || insured === 0n) continue;
    const mark = state.market.marks[instrument]!;
    const away = lots * (side === 'buy' ? price - mark : mark - price);
    const limit = (lots * mark * PARAMS.liquidation.spreadPpm * PARAMS.mmfPpm) / PPM ** 2n;
    paid += clamp(away, 0n, limit);
  }
  return paid;
}

/** What others paid in funding together, as far as it follows from samples within ± β. */
function fundingLost(before: SettlementState, { events, state }: Settlement): bigint {
  const S = state.market.medians[0]! / 1_000n;
  const seconds = state.market.funding.lastS - before.market.funding.lastS;
  const { funding, markClampPpm } = PARAMS;
  const highest = min(damped(markClampPpm, funding.damperPpm), rateCap(funding, PARAMS));
  const most = fundingPerLot(highest, S, seconds);
  const others = [...before.accounts].filter(([id]) => !OWN_IDS.has(id));
  const net = others.reduce((sum, [, { positions }]) => sum + (positions.get(PERP)?.lots ?? 0n), 0n);
  return events.funding.reduce((sum, { perLot }) => sum + max(0n, net * clamp(perLot, -most, most)), 0n);
}

/** What others lost to the mark in the fills of a height. */
function othersLost({ fills, events, state }: Settlement): bigint {
  let lost = 0n;
  for (const { account, side, lots, price, instrument } of [...fills, ...events.liquidations]) {
    if (OWN_IDS.has(account)) continue;
    const mark = state.market.marks[instrument]!;
    const away = lots * (side === 'buy' ? price - mark : mark - price);
    if (away > 0n) lost += away;
  }
  return lost;
}

function play(plan: Plan, setting: Setting): Outcome {
  const desk = newDesk(setting);
  let index = 60_000;
  let [taken, bound] = [0n, 0n];
  for (const { move, wishes, withdrawal } of plan) {
    index = Math.max(1_000, Math.round(index * (1 + move / 1e6)));
    const orders: Record<number, DeskOrder[]> = {};
    const mark = index / 1_000;
    for (const { account, side, off, lots, reduceOnly } of wishes) {
      const at = Number((mark * (1 + off / 1e6)).toFixed(6));
      orders[account] = [...(orders[account] ?? []), { side, of: 0, lots, at, reduceOnly }];
    }
    if (setting.hasMaker)
      orders[MAKER] = [
        { side: 'buy', of: 0, lots: 300, at: Number((mark * 0.998).toFixed(6)) },
        { side: 'sell', of: 0, lots: 300, at: Number((mark * 1.002).toFixed(6)) },
      ];
    const before = desk.state;
    const marks = before.market.marks;
    const withdrawals = withdrawal.amount > 0 ? { [withdrawal.account]: withdrawal.amount } : {};
    const height: DeskHeight = { seconds: SECONDS, index, orders, withdrawals };
    const result = desk.height(height);
    const now = result.state.market.marks;
    const moved = (result.state.market.medians[0]! - before.market.medians[0]!) / 1_000n;
    const left = result.state.withdrawals - before.withdrawals;
    taken += left > 0n ? left + PARAMS.batchFee : 0n;
    for (const A of OWN) {
      const [old, account] = [before.accounts.get(idOf(A)), result.state.accounts.get(idOf(A))];
      if (account === undefined) continue;
      const held = old?.positions.get(PERP)?.lots ?? 0n;
      const was = old === undefined ? 0n : equity(old, marks);
      // What the index did to its position is no taking; what a mark did beyond the index would be.
      const drift = held * moved;
      taken += equity(account, now) - was - drift;
      const short = abs(held) * abs(moved) - was;
      if (short > 0n) bound += short;
    }
    bound += othersLost(result) + discounts(result) + fundingLost(before, result);
  }
  return { beyond: taken - bound, taken };
}

/** The best that a search of so many generations finds. */
export function search(
  seed: number,
  generations: number,
  setting: Setting,
): Outcome & { readonly plan: Plan } {
  const prng = new Prng(seed);
  const fresh = (): Plan => Array.from({ length: HEIGHTS }, () => randomHeight(prng, setting.path));
  let plan = fresh();
  let best = play(plan, setting);
  for (let g = 0; g < generations; g++) {
    const next = prng.below(20) === 0 ? fresh() : mutate(prng, plan, setting.path);
    const outcome = play(next, setting);
    if (outcome.beyond > best.beyond || (outcome.beyond === best.beyond && outcome.taken >= best.taken))
      [plan, best] = [next, outcome];
  }
  return { ...best, plan };
}
