import { assert } from '../base/errors.ts';
import { quorumOf } from '../params/quorum.ts';
import { crash } from '../sim/adversaries/adversaries.ts';
import { barSpec, lineSpec } from './charts.ts';
import { defineExperiment, planted } from './define.ts';
import { runUnderHold } from './leader-hold.ts';
import { groupBy, mean, quantile } from './statistics.ts';

const SITUATIONS = ['calm', 'leader held', 'partition', 'f crashed'] as const;
type Situation = (typeof SITUATIONS)[number];
type Protocol = 'acs' | 'pbft';
interface Point {
  readonly protocol: Protocol;
  readonly situation: Situation;
  readonly n: number;
  readonly [column: string]: string | number;
}
interface Found {
  readonly second: number;
  readonly commits: number;
  readonly longestGapMs: number;
  readonly afterMs: number;
  readonly [column: string]: number;
}

const MEAN_MS = 50;
const TIMEOUT_MS = 1000;
const ATTACK_S = { from: 5, to: 20 };
const END_S = 30;
/** More heights than time allows. */
const HEIGHTS = 2000;

function commitTimes({ protocol, situation, n }: Point, seed: number): number[] {
  const { f } = quorumOf(n);
  const window = { fromMs: ATTACK_S.from * 1000, toMs: ATTACK_S.to * 1000 };
  const { report, finished } = runUnderHold({
    protocol,
    n,
    seed,
    heights: HEIGHTS,
    untilMs: END_S * 1000,
    timeoutMs: TIMEOUT_MS,
    payloadBytes: 256,
    delay: { kind: 'exp', meanMs: MEAN_MS },
    // Neither side has a quorum.
    partitions:
      situation === 'partition'
        ? [{ ...window, side: Array.from({ length: Math.floor(n / 2) }, (_, i) => i) }]
        : [],
    attack: situation === 'leader held' ? window : undefined,
    faulty: situation === 'f crashed' ? f : 0,
    adversary: crash,
  });
  assert(report.violations.length === 0, `no property is broken: ${JSON.stringify(report.violations[0])}`);
  let atMs = 0;
  return report.heights.slice(0, finished).map(({ ms }) => (atMs += ms));
}

function run(point: Point, seed: number): Found[] {
  const times = commitTimes(point, seed);
  const bounds = [0, ...times, END_S * 1000];
  const longestGapMs = Math.max(...bounds.slice(1).map((at, i) => at - bounds[i]!));
  const first = times.find((at) => at >= ATTACK_S.to * 1000) ?? END_S * 1000;
  return Array.from({ length: END_S }, (_, second) => ({
    second,
    commits: times.filter((at) => Math.floor(at / 1000) === second).length,
    longestGapMs: Math.round(longestGapMs),
    afterMs: Math.round(first - ATTACK_S.to * 1000),
  }));
}

const gridOf = (sizes: readonly number[]): Point[] =>
  sizes.flatMap((n) =>
    SITUATIONS.flatMap((situation) =>
      (['acs', 'pbft'] as const).map((protocol) => ({ protocol, situation, n })),
    ),
  );

type All = Point & Found & { readonly seed: number };
const where = (rows: readonly All[], protocol: Protocol, situation: Situation): All[] =>
  rows.filter((row) => row.protocol === protocol && row.situation === situation);
/** Without the first second of the attack, in which what was on its way before arrives. */
const during = (rows: readonly All[]): All[] =>
  rows.filter(({ second }) => second > ATTACK_S.from && second < ATTACK_S.to);
const rate = (rows: readonly All[]): number => mean(rows.map(({ commits }) => commits));
const sizesOf = (rows: readonly All[]): number[] => [...new Set(rows.map(({ n }) => n))];

export const liveness = defineExperiment<Point, Found>({
  id: 'e1-liveness',
  title: 'Ordering under attack: common subset and PBFT',
  question:
    'Who goes on ordering while an adversary holds the leader back, while the network is split, with f crashed?',
  method:
    `The project’s own machines of the first-hand common subset and of PBFT in its simulator: exponential links of mean ${MEAN_MS} ms, PBFT’s ` +
    `first time-out ${TIMEOUT_MS} ms, doubled a view. “Leader held”: from ${ATTACK_S.from} s to ${ATTACK_S.to} s the adversary of the network holds the ` +
    'messages of PBFT’s current leader until its view is over; of the common subset, which has no leader, those of f validators for 2 s, then of the next f. ' +
    '“Partition”: half against half, same time. “f crashed”: from the start. A height counts when its last correct validator has it. ' +
    'A common subset’s height holds at least n − f proposals, PBFT’s one: heights are compared, not proposals.',
  hypotheses: [
    {
      text: 'While its leaders are held PBFT commits nothing.',
      held: (rows) => during(where(rows, 'pbft', 'leader held')).every(({ commits }) => commits === 0),
    },
    {
      text: 'While f validators are held the common subset keeps at least half of its calm rate, at every n.',
      held: (rows) =>
        sizesOf(rows).every((n) => {
          const of = (situation: Situation): number =>
            rate(during(where(rows, 'acs', situation).filter((row) => row.n === n)));
          return of('leader held') >= 0.5 * of('calm');
        }),
    },
    {
      text: 'With f crashed the longest gap of PBFT is a time-out or more, that of the common subset always less.',
      held: (rows) =>
        where(rows, 'pbft', 'f crashed').every(({ longestGapMs }) => longestGapMs >= TIMEOUT_MS) &&
        where(rows, 'acs', 'f crashed').every(({ longestGapMs }) => longestGapMs < TIMEOUT_MS),
    },
    {
      text: 'In a partition without a quorum both stop, and after it the common subset’s median first commit comes no later than PBFT’s.',
      held: (rows) => {
        const both = (['acs', 'pbft'] as const).map((protocol) => where(rows, protocol, 'partition'));
        const [acs, pbft] = both.map((runs) =>
          quantile(
            runs.map(({ afterMs }) => afterMs),
            0.5,
          ),
        );
        return both.every((runs) => during(runs).every(({ commits }) => commits === 0)) && acs! <= pbft!;
      },
    },
    {
      text: 'In calm PBFT, with 3 delays against 4, orders more heights a second.',
      held: (rows) =>
        sizesOf(rows).every((n) => {
          const [acs, pbft] = (['acs', 'pbft'] as const).map((protocol) =>
            rate(where(rows, protocol, 'calm').filter((row) => row.n === n)),
          );
          return pbft! > acs!;
        }),
    },
    {
      text: 'In calm the rates of both between 5 s and 20 s are within a quarter of their rates of the whole run.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.second > ATTACK_S.from && row.second < ATTACK_S.to,
          (row) => ({ commits: 2 * row.commits }),
        ),
      held: (rows) =>
        (['acs', 'pbft'] as const).every((protocol) => {
          const calm = where(rows, protocol, 'calm');
          return Math.abs(rate(during(calm)) / rate(calm) - 1) <= 0.25;
        }),
    },
  ],
  grid: gridOf([4, 7, 10]),
  quickGrid: gridOf([4]),
  seeds: 3,
  quickSeeds: 2,
  columns: {
    protocol: { unit: 'category', meaning: 'acs (first-hand over digest) or pbft' },
    situation: { unit: 'category', meaning: 'what happens' },
    n: { unit: 'count', meaning: 'validators' },
    second: { unit: 's', meaning: 'second of the run' },
    commits: { unit: 'count', meaning: 'heights all correct validators have, that second' },
    longestGapMs: { unit: 'ms', meaning: 'longest time between two commits of the whole run' },
    afterMs: { unit: 'ms', meaning: 'from the end of the attack to the first commit' },
  },
  per: ['second'],
  run,
  charts: (rows) => {
    const largest = Math.max(...rows.map(({ n }) => n));
    const series = ['acs, leader held', 'pbft, leader held', 'acs, partition', 'pbft, partition'];
    const lines = groupBy(
      rows.filter(
        ({ n, situation }) => n === largest && (situation === 'leader held' || situation === 'partition'),
      ),
      ['protocol', 'situation', 'second'],
    ).map((group) => {
      const { protocol, situation, second } = group[0]!;
      return { what: `${protocol}, ${situation}`, second, commits: rate(group) };
    });
    const gaps = groupBy(rows, ['protocol', 'situation']).map((group) => ({
      protocol: group[0]!.protocol,
      situation: group[0]!.situation,
      gapS:
        quantile(
          group.map(({ longestGapMs }) => longestGapMs),
          0.5,
        ) / 1000,
    }));
    return [
      {
        title: `Heights per second, n = ${largest}, attack from ${ATTACK_S.from} s to ${ATTACK_S.to} s`,
        caption:
          'Mean over the seeds. A held leader stops PBFT for as long as the adversary likes, though all messages arrive in the end; the ' +
          'common subset loses what f slower validators cost. A partition without a quorum stops both, as it must.',
        spec: lineSpec({
          rows: lines,
          x: { field: 'second', title: 'simulated second' },
          y: { field: 'commits', title: 'heights per second' },
          series: { field: 'what', title: '', order: series },
          plain: true,
        }),
      },
      {
        title: 'Longest time without a commit',
        caption: 'Median over sizes and seeds, seconds of a run of 30; the attack lasts 15.',
        spec: barSpec({
          rows: gaps,
          x: { field: 'situation', title: '', order: SITUATIONS },
          y: { field: 'gapS', title: 'seconds' },
          series: { field: 'protocol', title: '', order: ['acs', 'pbft'] },
        }),
      },
    ];
  },
});
