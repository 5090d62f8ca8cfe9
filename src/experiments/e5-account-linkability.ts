import { Prng } from '../sim/prng.ts';
import { barSpec, lineSpec } from './charts.ts';
import { defineExperiment, planted } from './define.ts';
import { groupBy, mean } from './statistics.ts';

type Habit = 'one account' | 'account per batch' | 'fixed denominations';
interface Point {
  readonly habit: Habit;
  readonly traders: number;
  /** Whether amounts and heights tell anything: in the control all traders do the same at the same height. */
  readonly behaviour: 'own amounts' | 'all alike';
  readonly [column: string]: string | number;
}
interface Found {
  readonly withdrawals: number;
  readonly correctShare: number;
  readonly chance: number;
  readonly precision: number | null;
  readonly recall: number;
  readonly anonymitySet: number;
  readonly entropyBits: number;
  readonly [column: string]: number | null;
}

const HEIGHTS = 60;
/** Units of a cent; fees and amounts are in them. */
const FEE = 10;
const DENOMINATIONS = [100_000, 10_000];
/** An observer names somebody only when it is so sure. */
const SURE = 0.9;
/** How much likelier a batch is soon after its note was made: e-folding heights. */
const PATIENCE = 8;

/** What everybody reads in the blocks. Who is behind it is not in it; `truth` is for scoring only. */
type Visible =
  /** A deposit of the bridge from an outside address, shielded: address and amount. */
  | {
      readonly type: 'in';
      readonly height: number;
      readonly address: number;
      readonly account: number;
      readonly amount: number;
      readonly truth: number;
    }
  /** A batch: the account it revealed at settlement and what it brought along. Which note paid is hidden. */
  | {
      readonly type: 'batch';
      readonly height: number;
      readonly account: number;
      readonly amount: number;
      readonly truth: number;
    }
  /** A withdrawal from an account to a fresh outside address. */
  | {
      readonly type: 'out';
      readonly height: number;
      readonly account: number;
      readonly amount: number;
      readonly truth: number;
    };

/** A trader's capital in cents: most are small, a few large. */
function capital(prng: Prng): number {
  const decades = 4 + 2 * (prng.below(1000) / 1000);
  return Math.round(10 ** decades);
}

/** Splits an amount into denominations, the largest first; what is left over stays outside. */
function denominated(amount: number): number[] {
  const out: number[] = [];
  let left = amount;
  for (const denomination of DENOMINATIONS) {
    while (left >= denomination + FEE && out.length < 12) {
      out.push(denomination);
      left -= denomination + FEE;
    }
  }
  return out.length > 0 ? out : [DENOMINATIONS.at(-1)!];
}

/**
 * One trader's visible life: money in at some height, a note; some batches; money out. What a batch brings along is what the habit makes
 * of it: the one account takes all at once; an account per batch takes a note whole, or what its orders need; with denominations a note of
 * a round value whole.
 */
function life(trader: number, { habit, behaviour }: Point, prng: Prng, nextAccount: () => number): Visible[] {
  const alike = behaviour === 'all alike';
  const amount = alike ? 100_000 : capital(prng);
  const start = alike ? 5 : 1 + prng.below(HEIGHTS - 30);
  const wait = (): number => (alike ? 3 : 1 + prng.below(PATIENCE * 2));
  const result = (): number => (alike ? 0 : Math.round((prng.below(2001) - 1000) / 20));
  const events: Visible[] = [];
  const own = nextAccount();
  const put = (event: Visible): void => void events.push(event);
  if (habit === 'one account') {
    put({ type: 'in', height: start, address: trader, account: own, amount, truth: trader });
    let height = start;
    for (let i = 0; i < 3; i++) {
      height += wait();
      put({ type: 'batch', height, account: own, amount: 0, truth: trader });
    }
    put({ type: 'out', height: height + wait(), account: own, amount: amount + result(), truth: trader });
    return events;
  }
  const notes = habit === 'fixed denominations' ? denominated(alike ? 100_000 + FEE : amount) : [amount];
  for (const note of notes) {
    put({
      type: 'in',
      height: start,
      address: trader,
      account: own,
      amount: note + (habit === 'fixed denominations' ? FEE : 0),
      truth: trader,
    });
    // The batch takes the whole note, or, when amounts are free, in every second case just what its orders need.
    const isWhole = habit === 'fixed denominations' || alike || prng.bit() === 1;
    const brought =
      habit === 'fixed denominations'
        ? note
        : isWhole
          ? note - FEE
          : Math.max(1, Math.round(note * (0.2 + prng.below(700) / 1000)));
    const height = start + wait();
    const account = nextAccount();
    put({ type: 'batch', height, account, amount: brought, truth: trader });
    put({ type: 'out', height: height + wait(), account, amount: brought + result(), truth: trader });
  }
  return events;
}

/**
 * The observer's posterior over outside addresses for one withdrawal. It knows the habits. Same account as a deposit: certain. Else the
 * account's batch came from some note: one that exists by then, large enough, likelier if recent, far likelier if exactly the batch and
 * the fee (free amounts: every second batch takes a whole note).
 */
function posterior(out: Visible, events: readonly Visible[], traders: number): number[] {
  const weights = new Array<number>(traders).fill(0);
  for (const event of events)
    if (event.type === 'in' && event.account === out.account) weights[event.address]! += 1;
  if (weights.some((weight) => weight > 0)) return normal(weights);
  const batch = events.find((event) => event.type === 'batch' && event.account === out.account)!;
  const deposits = events.filter((event) => event.type === 'in');
  const exact = deposits.filter(
    ({ amount, height }) => amount === batch.amount + FEE && height < batch.height,
  ).length;
  for (const event of deposits) {
    if (event.type !== 'in' || event.height >= batch.height || event.amount < batch.amount + FEE) continue;
    const recent = Math.exp(-(batch.height - event.height) / PATIENCE);
    const isExact = event.amount === batch.amount + FEE;
    // An exact match by chance is rare when amounts are free: its weight grows as the number of such deposits falls.
    weights[event.address]! += recent * (isExact ? Math.max(1, deposits.length / exact) : 0.5);
  }
  return normal(weights);
}

function normal(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total > 0 ? weight / total : 1 / weights.length));
}

function run(point: Point, seed: number): Found[] {
  const prng = new Prng(seed);
  let accounts = 0;
  const events = Array.from({ length: point.traders }, (_, trader) =>
    life(trader, point, prng, () => accounts++),
  )
    .flat()
    .sort((a, b) => a.height - b.height);
  const outs = events.filter(({ type }) => type === 'out');
  const scores = outs.map((out) => {
    const p = posterior(out, events, point.traders);
    const top = Math.max(...p);
    const tied = p.filter((x) => Math.abs(x - top) < 1e-12).length;
    const isRight = Math.abs(p[out.truth]! - top) < 1e-12;
    return {
      correct: isRight ? 1 / tied : 0,
      claimed: top >= SURE,
      right: isRight && top >= SURE,
      set: p.filter((x) => x > 0).length,
      bits: p.reduce((sum, x) => (x > 0 ? sum - x * Math.log2(x) : sum), 0),
    };
  });
  const claimed = scores.filter((score) => score.claimed);
  return [
    {
      withdrawals: outs.length,
      correctShare: mean(scores.map(({ correct }) => correct)),
      chance: 1 / point.traders,
      precision: claimed.length === 0 ? null : mean(claimed.map(({ right }) => Number(right))),
      recall: claimed.filter(({ right }) => right).length / outs.length,
      anonymitySet: mean(scores.map(({ set }) => set)),
      entropyBits: mean(scores.map(({ bits }) => bits)),
    },
  ];
}

const HABITS: readonly Habit[] = ['one account', 'account per batch', 'fixed denominations'];
const gridOf = (sizes: readonly number[]): Point[] =>
  sizes.flatMap((traders) =>
    (['own amounts', 'all alike'] as const).flatMap((behaviour) =>
      HABITS.map((habit): Point => ({ habit, traders, behaviour })),
    ),
  );

type All = Point & Found & { readonly seed: number };
const where = (rows: readonly All[], habit: Habit, behaviour: Point['behaviour'] = 'own amounts'): All[] =>
  rows.filter((row) => row.habit === habit && row.behaviour === behaviour);
const share = (rows: readonly All[]): number => mean(rows.map(({ correctShare }) => correctShare));

export const accountLinkability = defineExperiment<Point, Found>({
  id: 'e5-account-linkability',
  title: 'Whose money is this? Deposits linked to withdrawals',
  question:
    'How well do amounts and timing in the blocks link an outside deposit to a withdrawal, for three habits of traders?',
  method:
    'A model of what blocks show: bridge deposits and shields with their amounts, batches with the account they reveal and what they bring along, withdrawals from accounts; which note pays a ' +
    'batch is hidden by S2 and never used. Traders, capital (log-uniform), waiting times and results are drawn by seed. The observer knows the habits, weighs each deposit that can have ' +
    'paid a batch by recency and by an exact match of amounts, and names somebody only when it is 90 % sure (precision, recall). Network addresses are outside of it.',
  hypotheses: [
    {
      text: 'One account links every withdrawal to its deposit.',
      held: (rows) =>
        where(rows, 'one account').every(
          ({ correctShare, recall, precision }) => correctShare === 1 && recall === 1 && precision === 1,
        ),
    },
    {
      text: 'An account per batch still links a third or more of the withdrawals: amounts tell.',
      held: (rows) => share(where(rows, 'account per batch')) >= 1 / 3,
    },
    {
      text: 'Fixed denominations halve that, at every number of traders.',
      held: (rows) =>
        groupBy(rows, ['traders']).every(
          (group) =>
            share(where(group, 'fixed denominations')) <= 0.5 * share(where(group, 'account per batch')),
        ),
    },
    {
      text: 'With fixed denominations the entropy left grows with the number of traders, with an account per batch by less.',
      held: (rows) => {
        const growth = (habit: Habit): number => {
          const groups = groupBy(where(rows, habit), ['traders']).map((group) =>
            mean(group.map(({ entropyBits }) => entropyBits)),
          );
          return groups.at(-1)! - groups[0]!;
        };
        return (
          growth('fixed denominations') > growth('account per batch') && growth('fixed denominations') > 0
        );
      },
    },
    {
      text: 'If all do the same at the same height, fresh accounts leave nothing but chance.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.behaviour === 'all alike',
          (row) => ({ correctShare: row.correctShare + 0.01 }),
        ),
      held: (rows) =>
        [
          ...where(rows, 'account per batch', 'all alike'),
          ...where(rows, 'fixed denominations', 'all alike'),
        ].every(({ correctShare, chance }) => Math.abs(correctShare - chance) < 1e-9),
    },
  ],
  grid: gridOf([10, 30, 100, 300]),
  quickGrid: gridOf([10, 30]),
  seeds: 20,
  quickSeeds: 5,
  columns: {
    habit: { unit: 'category', meaning: 'what traders do' },
    traders: { unit: 'count', meaning: 'traders' },
    behaviour: { unit: 'category', meaning: 'own amounts and times, or all alike (control)' },
    withdrawals: { unit: 'count', meaning: 'withdrawals that were judged' },
    correctShare: {
      unit: 'share',
      meaning: 'share whose depositor is the observer’s first choice, ties tossed',
    },
    chance: { unit: 'share', meaning: 'the same by guessing' },
    precision: {
      unit: 'share',
      meaning: 'share of right ones among those named with 90 % certainty; nothing if none was',
    },
    recall: { unit: 'share', meaning: 'share of all withdrawals that were named so, and rightly' },
    anonymitySet: { unit: 'count', meaning: 'depositors that are possible, mean' },
    entropyBits: { unit: 'bits', meaning: 'entropy of the depositor, mean' },
  },
  run,
  charts: (rows) => {
    const lines = groupBy(
      rows.filter(({ behaviour }) => behaviour === 'own amounts'),
      ['habit', 'traders'],
    ).map((group) => ({
      habit: group[0]!.habit,
      traders: group[0]!.traders,
      share: share(group),
      set: mean(group.map(({ anonymitySet }) => anonymitySet)),
    }));
    const chance = [...new Set(rows.map(({ traders }) => traders))].map((traders) => ({
      habit: 'chance',
      traders,
      share: 1 / traders,
      set: traders,
    }));
    const scores = HABITS.flatMap((habit) => {
      const group = where(rows, habit);
      const precisions = group.map(({ precision }) => precision).filter((value) => value !== null);
      return [
        { habit, what: 'precision', value: precisions.length === 0 ? 0 : mean(precisions) },
        { habit, what: 'recall', value: mean(group.map(({ recall }) => recall)) },
      ];
    });
    const x = { field: 'traders', title: 'traders', log: true } as const;
    const series = { field: 'habit', title: '', order: [...HABITS, 'chance'] };
    return [
      {
        title: 'Withdrawals linked to their deposit',
        caption:
          'Share in which the observer’s first choice is right. A lasting account links everything; fresh ones are undone by odd amounts; round ones are not.',
        spec: lineSpec({
          rows: [...lines, ...chance],
          x,
          y: { field: 'share', title: 'share linked', format: '%', domain: [0, 1] },
          series,
        }),
      },
      {
        title: 'Depositors that can be behind a withdrawal',
        caption: 'Mean size of the anonymity set.',
        spec: lineSpec({
          rows: [...lines, ...chance],
          x,
          y: { field: 'set', title: 'depositors', log: true },
          series,
        }),
      },
      {
        title: 'Precision and recall of an observer that names only whom it is sure of',
        caption: 'Means over sizes and seeds; no precision is drawn as 0 when nobody was named.',
        spec: barSpec({
          rows: scores,
          x: { field: 'habit', title: '', order: HABITS },
          y: { field: 'value', title: 'share', format: '%', domain: [0, 1] },
          series: { field: 'what', title: '', order: ['precision', 'recall'] },
        }),
      },
    ];
  },
});
