import { accountIdOf } from '../../src/ledger/settlement-state.ts';
import type { Settlement } from '../../src/ledger/transition.ts';
import { equity } from '../../src/market/account.ts';
import { DEFAULT_RULES, type MarketParams } from '../../src/market/params.ts';
import { Prng } from '../../src/sim/prng.ts';
import { type DeskAccount, type DeskHeight, type DeskOrder, MarketDesk } from './market-desk.ts';

/**
 * An owner of three accounts who wants other people's money: a seeded search over their orders, withdrawals and an index path inside its clamp, that
 * keeps what takes most. What it may take is what others lost in fills inside the band and in funding, and what its own accounts owed beyond their equity when
 * the index moved further than they could carry, with the discount at which insurance lets a bankrupt position go (I12 and the stated limits); the search maximises what it
 * takes beyond that.
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

const MAKER = 6;
const HEIGHTS = 10;

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
  readonly withdraws: number;
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

const movesOf = (path: Path): readonly number[] =>
  path === 'flat'
    ? [0]
    : path === 'mirrored'
      ? [-30_000, -10_000, 0, 10_000, 30_000]
      : [-60_000, -30_000, -10_000, 0];

const randomHeight = (prng: Prng, path: Path): Plan[number] => ({
  move: pick(prng, movesOf(path)),
  wishes: Array.from({ length: prng.below(4) }, () => randomWish(prng)),
  withdraws: prng.below(4) === 0 ? pick(prng, [0, 500, 1_000, 2_000]) : 0,
});

function mutate(prng: Prng, plan: Plan, path: Path): Plan {
  const at = prng.below(plan.length);
  const row = plan[at]!;
  const change = prng.below(4);
  if (change === 0) return plan.with(at, randomHeight(prng, path));
  if (change === 1) return plan.with(at, { ...row, wishes: [...row.wishes, randomWish(prng)].slice(-4) });
  if (change === 2) return plan.with(at, { ...row, move: pick(prng, movesOf(path)) });
  // Both sides of one trade between two of its own accounts.
  const wish = randomWish(prng);
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
  return new MarketDesk(PARAMS, [60_000_000_000n], 2_000_000n, accounts);
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

/** What insurance paid of the discount at which a bankrupt account's position was taken over: a stated limit, at most 0.25 % of the notional. */
function discounts({ events, state }: Settlement): bigint {
  let paid = 0n;
  for (const { account, side, lots, price, instrument, insured } of events.liquidations) {
    if (!OWN_IDS.has(account) || insured === 0n) continue;
    const mark = state.market.marks[instrument]!;
    const away = lots * (side === 'buy' ? price - mark : mark - price);
    if (away > 0n) paid += away;
    if (away * 400n > lots * mark + 400n) throw new Error('a discount beyond 0.25 %');
  }
  return paid;
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
  let [taken, bound, left] = [0n, 0n, 0n];
  for (const { move, wishes, withdraws } of plan) {
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
    const height: DeskHeight = { index, orders, ...(withdraws > 0 ? { withdrawals: { 3: withdraws } } : {}) };
    const result = desk.height(height);
    const now = result.state.market.marks;
    const moved = (result.state.market.medians[0]! - before.market.medians[0]!) / 1_000n;
    left = result.state.withdrawals - before.withdrawals;
    for (const A of OWN) {
      const [old, account] = [before.accounts.get(idOf(A)), result.state.accounts.get(idOf(A))];
      if (account === undefined) continue;
      const held = old?.positions.get(0 as never)?.lots ?? 0n;
      const was = old === undefined ? 0n : equity(old, marks);
      // What the index did to its position is no taking; what a mark did beyond the index would be.
      const drift = held * moved;
      taken += equity(account, now) - was - drift + (A === 3 ? left + (left > 0n ? 1n : 0n) : 0n);
      const short = abs(held) * abs(moved) - was;
      if (short > 0n) bound += short;
    }
    bound += othersLost(result) + discounts(result);
    for (const { perLot } of result.events.funding)
      for (const [id, { positions }] of before.accounts)
        if (!OWN_IDS.has(id)) {
          const paid = (positions.get(0 as never)?.lots ?? 0n) * perLot;
          if (paid > 0n) bound += paid;
        }
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
