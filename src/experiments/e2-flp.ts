import { MmrAba } from '../consensus/aba/mmr.ts';
import { type AbaRules, MMR } from '../consensus/aba/rules.ts';
import type { Bit, Vote } from '../consensus/aba/votes.ts';
import { validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { Network } from '../sim/network.ts';
import { Prng } from '../sim/prng.ts';
import { AbaAttack } from './aba-attack.ts';
import { lineSpec } from './charts.ts';
import { defineExperiment, planted } from './define.ts';

type Coin = 'constant' | 'common' | 'common, known early';
interface Point {
  readonly coin: Coin;
  readonly scheduler: 'adversary' | 'random';
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
  conf: coin !== 'common, known early',
  realCoins: coin === 'common',
});

function attacked({ coin, n, roundCap }: Point, seed: number): Found {
  const prng = new Prng(seed + 2 ** 40);
  const attack = new AbaAttack({
    n,
    prng,
    rules: rulesOf(coin),
    coinOf: coinOf(coin, seed),
    guess: () => (coin === 'constant' ? CONSTANT : prng.bit()),
  });
  return { ...attack.run(roundCap) };
}

/** The same agreement with f silent validators, any message next. */
function fair({ coin, n }: Point, seed: number): Found {
  const { f } = quorumOf(n);
  const toss = coinOf(coin, seed);
  const network = new Network<Vote>({ n, seed });
  const rules = rulesOf(coin);
  const machines = Array.from({ length: n - f }, () => new MmrAba({ n, rules }));
  let coinRounds = 0;
  const absorb = (i: number, { sends, effects }: ReturnType<MmrAba['handle']>): void => {
    for (const { to, message } of sends) network.send(validatorIndex(i), to, message);
    for (const { round } of effects) {
      coinRounds = Math.max(coinRounds, round - 1);
      absorb(i, machines[i]!.coin(round, toss(round)));
    }
  };
  for (const [i, machine] of machines.entries()) absorb(i, machine.input(i === 0 ? 0 : 1));
  for (let next = network.next(); next !== undefined; next = network.next()) {
    const { from, to, message } = next;
    if (to < machines.length) absorb(to, machines[to]!.handle(from, message));
  }
  return { decided: machines.every(({ decided }) => decided !== undefined), coinRounds };
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
    point('common, known early', 'adversary', n, cap),
    point('common', 'adversary', n, cap),
    point('constant', 'random', n, cap),
    point('common', 'random', n, cap),
  ]);

type All = Point & Found;
const where = (rows: readonly All[], coin: Coin, scheduler: Point['scheduler']): All[] =>
  rows.filter((row) => row.coin === coin && row.scheduler === scheduler);
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
    'CONF, or a common one in a crippled machine without CONF, which the adversary sees before the votes are fixed.',
  hypotheses: [
    {
      text: 'With a constant coin the adversary keeps every run undecided until the cap.',
      held: (rows) => where(rows, 'constant', 'adversary').every(({ decided }) => !decided),
    },
    {
      text: 'With a common coin that is known before the votes are fixed (no CONF) it does so as well.',
      held: (rows) => where(rows, 'common, known early', 'adversary').every(({ decided }) => !decided),
    },
    {
      text: 'With the common coin after CONF every run decides, and the rounds follow P(undecided after k) = 2^−k (Kolmogorov–Smirnov, 1 %).',
      held: (rows) => {
        const runs = where(rows, 'common', 'adversary');
        return runs.every(({ decided }) => decided) && distance(runs) <= 1.63 / Math.sqrt(runs.length);
      },
    },
    {
      text: 'Without the adversary the constant coin decides every run: the scheduler is what stops it.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.scheduler === 'random' && row.seed === rows[0]!.seed,
          () => ({ decided: false }),
        ),
      held: (rows) => where(rows, 'constant', 'random').every(({ decided }) => decided),
    },
  ],
  grid: gridOf([4, 7, 10, 16], 150),
  quickGrid: gridOf([4, 7], 60),
  seeds: 60,
  quickSeeds: 40,
  columns: {
    coin: { unit: 'category', meaning: 'coin of rounds 2 and up' },
    scheduler: { unit: 'category', meaning: 'who orders the messages' },
    n: { unit: 'count', meaning: 'validators' },
    roundCap: { unit: 'count', meaning: 'rounds with a real coin after which a run is given up' },
    decided: { unit: 'truth value', meaning: 'a correct validator decided (adversary), all did (random)' },
    coinRounds: { unit: 'count', meaning: 'rounds with a real coin until then, or the cap' },
  },
  run: (at, seed) => [at.scheduler === 'adversary' ? attacked(at, seed) : fair(at, seed)],
  charts: (rows) => {
    const series: [string, readonly All[]][] = [
      ['constant coin, adversary', where(rows, 'constant', 'adversary')],
      ['common coin known early, adversary', where(rows, 'common, known early', 'adversary')],
      ['common coin, adversary', where(rows, 'common', 'adversary')],
      ['constant coin, random order', where(rows, 'constant', 'random')],
    ];
    const ks = Array.from({ length: SHOWN_ROUNDS + 1 }, (_, k) => k);
    const lines = series.flatMap(([what, runs]) =>
      ks.map((k) => ({ what, k, share: undecidedAfter(runs, k) })),
    );
    const theory = ks.map((k) => ({ what: 'theory, 2^−k', k, share: 2 ** -k }));
    return [
      {
        title: 'Runs still undecided after k rounds with a real coin',
        caption:
          'All n together. A constant or early coin leaves every run undecided; the common coin ends half of the rest in each round, as ' +
          'the theory says, whatever the scheduler does.',
        spec: lineSpec({
          rows: [...lines, ...theory],
          x: { field: 'k', title: 'rounds with a real coin' },
          y: { field: 'share', title: 'share of runs undecided', domain: [0, 1], format: '%' },
          series: { field: 'what', title: '', order: [...series.map(([what]) => what), 'theory, 2^−k'] },
        }),
      },
    ];
  },
});
