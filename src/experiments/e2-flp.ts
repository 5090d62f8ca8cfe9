import { type AbaRules, MMR } from '../consensus/aba/rules.ts';
import type { Bit } from '../consensus/aba/votes.ts';
import { Prng } from '../sim/prng.ts';
import { AbaAttack } from './aba-attack.ts';
import { lineSpec } from './charts.ts';
import { defineExperiment, everyRow, planted } from './define.ts';
import { meanPoints } from './mean-points.ts';

type Coin = 'constant' | 'common' | 'common, no CONF';
interface Point {
  readonly coin: Coin;
  /** The adversary knows a constant coin, and sees one that comes before the votes are fixed; a blind one bets at random. */
  readonly scheduler: 'adversary' | 'blind adversary';
  readonly n: number;
  readonly roundCap: number;
  readonly [column: string]: string | number;
}
interface Found {
  readonly decided: boolean;
  readonly coinRounds: number;
  readonly [column: string]: boolean | number;
}

const CONSTANT: Bit = 1;
const coinOf =
  (coin: Coin, seed: number) =>
  (round: number): Bit =>
    coin === 'constant' ? CONSTANT : new Prng(seed * 65_537 + round).bit();

/** With a coin that the scheduler foretells nobody is blamed for being far ahead. */
const rulesOf = (coin: Coin): AbaRules => ({
  ...MMR,
  conf: coin !== 'common, no CONF',
  realCoins: coin === 'common',
});

function run({ coin, scheduler, n, roundCap }: Point, seed: number): Found[] {
  const prng = new Prng(seed + 2 ** 40);
  const knows = scheduler === 'adversary';
  const attack = new AbaAttack({
    n,
    prng,
    rules: rulesOf(coin),
    coinOf: coinOf(coin, seed),
    guess: () => (knows && coin === 'constant' ? CONSTANT : prng.bit()),
    isBlind: !knows,
  });
  return [{ ...attack.run(roundCap) }];
}

const point = (coin: Coin, scheduler: Point['scheduler'], n: number, roundCap: number): Point => ({
  coin,
  scheduler,
  n,
  roundCap,
});
const gridOf = (sizes: readonly number[], cap: number): Point[] =>
  sizes.flatMap((n) => [
    point('constant', 'adversary', n, cap),
    point('common, no CONF', 'adversary', n, cap),
    point('common', 'adversary', n, cap),
    point('constant', 'blind adversary', n, cap),
    point('common, no CONF', 'blind adversary', n, cap),
  ]);

type All = Point & Found & { readonly seed: number };
const isOf =
  (coin: Coin, scheduler: Point['scheduler']) =>
  (row: All): boolean =>
    row.coin === coin && row.scheduler === scheduler;
const where = (rows: readonly All[], coin: Coin, scheduler: Point['scheduler']): All[] =>
  rows.filter(isOf(coin, scheduler));
const undecidedAfter = (rows: readonly All[], k: number): number =>
  rows.filter(({ decided, coinRounds }) => !decided || coinRounds > k).length / rows.length;

/** Largest distance between the rounds found and P(undecided after k) = 2^−k. */
const distance = (rows: readonly All[]): number =>
  Math.max(...Array.from({ length: 30 }, (_, k) => Math.abs(undecidedAfter(rows, k) - 2 ** -k)));

const SHOWN_ROUNDS = 12;

export const flp = defineExperiment<Point, Found>({
  id: 'e2-flp',
  title: 'Agreement without and with a common coin',
  question:
    'Can a scheduler keep a binary agreement undecided for ever, and what does the common coin change?',
  method:
    'The project’s own agreement machines (src/consensus/aba/mmr.ts), inputs split. The adversary orders all messages, plays f Byzantine ' +
    'voters and withholds only until the round is over. In rounds 2 and up the coin is a constant, or a common one revealed after ' +
    'CONF, or a common one in a crippled machine without CONF, which the adversary sees before the votes are fixed. The blind adversary does the same, but bets at random what the coin will be.',
  earlier:
    'An earlier version had one control, the constant coin with messages in random order. All 240 of these runs decided in the two rounds that have no coin, so that the control could not fail; and the machine without CONF had no control. ' +
    'Now both run under the same scheduler with its knowledge taken away, and the coin is tossed in every one of these runs.',
  hypotheses: [
    {
      text: 'With a constant coin the adversary keeps every run undecided until the cap.',
      ...everyRow<All>(isOf('constant', 'adversary'), ({ decided }) => !decided),
    },
    {
      text: 'With a common coin that is known before the votes are fixed (no CONF) it does so as well.',
      ...everyRow<All>(isOf('common, no CONF', 'adversary'), ({ decided }) => !decided),
    },
    {
      text: 'With the common coin after CONF every run decides.',
      ...everyRow<All>(isOf('common', 'adversary'), ({ decided }) => decided),
    },
    {
      text: 'With the common coin after CONF the rounds follow P(undecided after k) = 2^−k (Kolmogorov–Smirnov, 1 %).',
      held: (rows) => {
        const runs = where(rows, 'common', 'adversary');
        return distance(runs) <= 1.63 / Math.sqrt(runs.length);
      },
    },
    {
      text: 'If the scheduler does not know it, the constant coin is tossed in every run and decides it: it is the knowledge that stops it.',
      isControl: true,
      breaks: (rows) => planted(rows, isOf('constant', 'blind adversary'), () => ({ coinRounds: 0 })),
      ...everyRow<All>(
        isOf('constant', 'blind adversary'),
        ({ decided, coinRounds }) => decided && coinRounds > 0,
      ),
    },
    {
      text: 'If the scheduler does not see the coin, the machine without CONF tosses it in every run and decides: it is the early sight that stops it.',
      isControl: true,
      breaks: (rows) => planted(rows, isOf('common, no CONF', 'blind adversary'), () => ({ decided: false })),
      ...everyRow<All>(
        isOf('common, no CONF', 'blind adversary'),
        ({ decided, coinRounds }) => decided && coinRounds > 0,
      ),
    },
  ],
  grid: gridOf([4, 7, 10, 16], 150),
  quickGrid: gridOf([4, 7], 60),
  seeds: 60,
  quickSeeds: 40,
  columns: {
    coin: { unit: 'category', meaning: 'coin of rounds 2 and up' },
    scheduler: {
      unit: 'category',
      meaning: 'who orders the messages, and whether it knows coins that come early',
    },
    n: { unit: 'count', meaning: 'validators' },
    roundCap: { unit: 'count', meaning: 'rounds with a real coin after which a run is given up' },
    decided: { unit: 'truth value', meaning: 'whether a correct validator decided' },
    coinRounds: { unit: 'count', meaning: 'rounds with a real coin until then, or the cap' },
  },
  run,
  charts: (rows) => {
    const series: [string, readonly All[]][] = [
      ['constant coin', where(rows, 'constant', 'adversary')],
      ['no CONF', where(rows, 'common, no CONF', 'adversary')],
      ['common coin', where(rows, 'common', 'adversary')],
      ['constant, blind adversary', where(rows, 'constant', 'blind adversary')],
      ['no CONF, blind adversary', where(rows, 'common, no CONF', 'blind adversary')],
    ];
    const ks = Array.from({ length: SHOWN_ROUNDS + 1 }, (_, k) => k);
    const lines = series.flatMap(([what, runs]) =>
      ks.flatMap((k) =>
        meanPoints(
          runs,
          [],
          ({ decided, coinRounds }) => Number(!decided || coinRounds > k),
          () => ({ what, k }),
        ),
      ),
    );
    const theory = ks.map((k) => ({ what: 'theory, 2^−k', k, value: 2 ** -k }));
    return [
      {
        title: 'Runs still undecided after k rounds with a real coin',
        caption:
          'All n together. A coin that the scheduler knows in time leaves every run undecided; one that it does not know ends half of the rest in each round, as ' +
          'the theory says.',
        spec: lineSpec({
          rows: [...lines, ...theory],
          x: { field: 'k', title: 'rounds with a real coin' },
          y: { field: 'value', title: 'share of runs undecided', domain: [0, 1], format: '%' },
          series: { field: 'what', title: '', order: [...series.map(([what]) => what), 'theory, 2^−k'] },
        }),
      },
    ];
  },
});
