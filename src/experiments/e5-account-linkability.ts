import { Prng } from '../sim/prng.ts';
import { barSpec, lineSpec } from './charts.ts';
import { defineExperiment, everyRow, planted } from './define.ts';
import { FEE, type Habit, LONGEST_WAIT, opinions, partsOf, type Visible } from './deposit-observers.ts';
import { meanPoints } from './mean-points.ts';
import { answerScore, summaryOf } from './observer-scores.ts';
import { groupBy, mean } from './statistics.ts';

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
  readonly aloneShare: number;
  readonly confidence: number;
  readonly chance: number;
  readonly precision: number | null;
  readonly recall: number;
  readonly anonymitySet: number;
  readonly entropyBits: number;
  readonly [column: string]: number | null;
}

const HEIGHTS = 60;
const DENOMINATIONS = [100_000, 10_000];

/** A trader's capital in cents: most are small, a few large. */
function capital(prng: Prng): number {
  const decades = 4 + 2 * (prng.below(1000) / 1000);
  return Math.round(Math.exp(decades * Math.LN10));
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
  const wait = (): number => (alike ? 3 : 1 + prng.below(LONGEST_WAIT));
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
          : partsOf(note).from + prng.below(partsOf(note).count);
    const height = start + wait();
    const account = nextAccount();
    put({ type: 'batch', height, account, amount: brought, truth: trader });
    put({ type: 'out', height: height + wait(), account, amount: brought + result(), truth: trader });
  }
  return events;
}

function run(point: Point, seed: number): Found[] {
  const prng = new Prng(seed);
  let accounts = 0;
  const events = Array.from({ length: point.traders }, (_, trader) =>
    life(trader, point, prng, () => accounts++),
  )
    .flat()
    .sort((a, b) => a.height - b.height);
  const outs = events.filter((event) => event.type === 'out');
  const { matching, alone } = opinions(point.habit, events, outs, point.traders);
  const score = summaryOf(outs.map(({ truth }, i) => answerScore(matching[i]!, truth)));
  const weaker = summaryOf(outs.map(({ truth }, i) => answerScore(alone[i]!, truth)));
  return [
    {
      withdrawals: outs.length,
      correctShare: score.named,
      aloneShare: weaker.named,
      confidence: score.confidence,
      chance: 1 / point.traders,
      precision: score.precision,
      recall: score.recall,
      anonymitySet: score.possible,
      entropyBits: score.entropyBits,
    },
  ];
}

const HABITS: readonly Habit[] = ['one account', 'account per batch', 'fixed denominations'];
const FRESH: readonly Habit[] = ['account per batch', 'fixed denominations'];
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
    'batch is hidden by S2 and never used. Traders, capital (log-uniform), waiting times and results are drawn by seed. The observer knows how habits draw amounts and times. It is Bayesian: it weighs all ways to match ' +
    'batches to deposits one to one (belief propagation for the marginals, which is close to exact and not exact), and names the likeliest depositor. Beside it stands one that weighs each withdrawal alone by the same likelihoods. ' +
    'It counts as sure from 90 % on (precision, recall). Confidence is the probability that it gives its first choice; if it is calibrated, so many first choices are right. Network addresses are outside of it.',
  earlier:
    'An earlier observer weighed each withdrawal by itself with rules of thumb (recency, exact amounts) and named 66, 58 and 51 % of those with an account per batch among 10, 30 and 100 traders. A note pays one batch only, and an observer that uses this names more. Parts of notes were on a grid of thousandths, from which an observer could read the note; now every amount between 20 and 90 % of it is as likely.',
  hypotheses: [
    {
      text: 'One account links every withdrawal to its deposit.',
      ...everyRow<All>(
        ({ habit, behaviour }) => habit === 'one account' && behaviour === 'own amounts',
        ({ correctShare, recall, precision }) => correctShare === 1 && recall === 1 && precision === 1,
      ),
    },
    {
      text: 'An account per batch still links more than half of the withdrawals among up to 100 traders: amounts tell.',
      held: (rows) =>
        groupBy(where(rows, 'account per batch'), ['traders'])
          .filter(([row]) => row!.traders <= 100)
          .every((group) => share(group) > 0.5),
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
      text: 'The observer is calibrated: its mean confidence is within five points of the share that it names rightly, with either habit of fresh accounts, over all numbers of traders.',
      held: (rows) =>
        FRESH.every((habit) => {
          const own = where(rows, habit);
          return Math.abs(share(own) - mean(own.map(({ confidence }) => confidence))) <= 0.05;
        }),
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
      ...everyRow<All>(
        ({ habit, behaviour }) => habit !== 'one account' && behaviour === 'all alike',
        ({ correctShare, chance }) => Math.abs(correctShare - chance) < 1e-9,
      ),
    },
    {
      text: 'No observer of the same run is better: one that weighs each withdrawal alone names no more, with either habit of fresh accounts.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.behaviour === 'own amounts',
          (row) => ({ aloneShare: row.correctShare + 0.01 }),
        ),
      held: (rows) =>
        FRESH.every((habit) => {
          const own = where(rows, habit);
          return mean(own.map(({ aloneShare }) => aloneShare)) <= share(own);
        }),
    },
  ],
  rivals: [
    {
      name: 'matching',
      score: ({ correctShare }) => correctShare,
      without: (rows) =>
        planted(
          rows,
          () => true,
          () => ({ correctShare: null, confidence: null, precision: null, recall: null, entropyBits: null }),
        ),
    },
    {
      name: 'each alone',
      score: ({ aloneShare }) => aloneShare,
      without: (rows) =>
        planted(
          rows,
          () => true,
          () => ({ aloneShare: null }),
        ),
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
    aloneShare: { unit: 'share', meaning: 'the same for an observer that weighs each withdrawal alone' },
    confidence: { unit: 'share', meaning: 'probability that the observer gives its first choice, mean' },
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
    const own = rows.filter(({ behaviour }) => behaviour === 'own amounts');
    const linesOf = (measure: (row: All) => number) =>
      meanPoints(own, ['habit', 'traders'], measure, ({ habit, traders }) => ({ habit, traders }));
    const chanceOf = (value: (traders: number) => number) =>
      [...new Set(rows.map(({ traders }) => traders))].map((traders) => ({
        habit: 'chance',
        traders,
        value: value(traders),
      }));
    const scores = (
      [
        ['precision', ({ precision }) => precision],
        ['recall', ({ recall }) => recall],
      ] as [string, (row: All) => number | null][]
    ).flatMap(([what, measure]) => meanPoints(own, ['habit'], measure, ({ habit }) => ({ habit, what })));
    const beside = (
      [
        ['named rightly, matching', ({ correctShare }) => correctShare],
        ['confidence, matching', ({ confidence }) => confidence],
        ['named rightly, each alone', ({ aloneShare }) => aloneShare],
      ] as [string, (row: All) => number][]
    ).flatMap(([what, measure]) =>
      meanPoints(where(rows, 'account per batch'), ['traders'], measure, ({ traders }) => ({
        traders,
        what,
      })),
    );
    const x = { field: 'traders', title: 'traders', log: true } as const;
    const series = { field: 'habit', title: '', order: [...HABITS, 'chance'] };
    return [
      {
        title: 'Withdrawals linked to their deposit',
        caption:
          'Share in which the observer’s first choice is right. A lasting account links everything; fresh ones are undone by odd amounts; round ones are not.',
        spec: lineSpec({
          rows: [...linesOf(({ correctShare }) => correctShare), ...chanceOf((traders) => 1 / traders)],
          x,
          y: { field: 'value', title: 'share linked', format: '%', domain: [0, 1] },
          series,
        }),
      },
      {
        title: 'Depositors that can be behind a withdrawal',
        caption: 'Mean size of the anonymity set.',
        spec: lineSpec({
          rows: [...linesOf(({ anonymitySet }) => anonymitySet), ...chanceOf((traders) => traders)],
          x,
          y: { field: 'value', title: 'depositors', log: true },
          series,
        }),
      },
      {
        title: 'With an account per batch: is the observer right as often as it thinks?',
        caption:
          'The share that it names rightly beside its mean confidence, and the share of an observer that does not use that a note pays one batch only.',
        spec: lineSpec({
          rows: beside,
          x,
          y: { field: 'value', title: 'share', format: '%', domain: [0, 1] },
          series: { field: 'what', title: '' },
        }),
      },
      {
        title: 'Precision and recall of an observer that names only whom it is sure of',
        caption: 'Over all sizes; runs in which nobody was named have no precision.',
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
