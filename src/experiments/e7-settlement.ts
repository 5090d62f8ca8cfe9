import type { Spread } from '../sim/wan-latency.ts';
import { barSpec, lineSpec } from './charts.ts';
import { allOf, between, defineExperiment, everyRow, planted, type Truth } from './define.ts';
import { PARTS, type WorkPart } from './height-price.ts';
import { meanPoints } from './mean-points.ts';
import { measurePrices } from './measure-prices.ts';
import {
  type BoundColumn,
  type SettlementFound as Found,
  type SettlementPoint as Point,
  SITUATIONS,
  settlementTime,
} from './settlement-time.ts';
import { groupBy, mean } from './statistics.ts';

const SPREADS = ['one region', 'two continents', 'world'] as const;
const SIZES = [4, 7, 10, 16, 31];
const point = (spread: Spread, n: number, changes: Partial<Point> = {}): Point => ({
  spread,
  n,
  batches: 10,
  situation: 'calm',
  mbits: 1000,
  ...changes,
});
/** Each axis from the same middle: the whole product has 405 points. */
function gridOf(sizes: readonly number[], batches: readonly number[]): Point[] {
  const faults = sizes.filter((n) => [4, 10, 31].includes(n));
  return SPREADS.flatMap((spread) => [
    ...sizes.map((n) => point(spread, n)),
    ...batches.filter((count) => count !== 10).map((count) => point(spread, 10, { batches: count })),
    ...(['f crashed', '1 % loss'] as const).flatMap((situation) =>
      faults.filter((n) => n < 31 || spread === 'world').map((n) => point(spread, n, { situation })),
    ),
    ...[10, 100].map((mbits) => point(spread, 10, { mbits })),
    ...batches.filter((count) => count > 10).map((count) => point(spread, 10, { mbits: 10, batches: count })),
  ]);
}

type All = Point & Found & { readonly seed: number };
const isMiddle = ({ situation, mbits }: All): boolean => situation === 'calm' && mbits === 1000;
/** Means over seeds of rows of one point, and what is said of them; nothing if there are no rows. */
const ofPoints = (
  rows: readonly All[],
  among: (row: All) => boolean,
  is: (at: All, meanOf: (column: keyof Found & string) => number) => Truth,
): Truth | undefined =>
  allOf(
    groupBy(rows.filter(among), ['spread', 'n', 'batches', 'situation', 'mbits']).map((group) =>
      is(group[0]!, (column) => mean(group.map((row) => row[column] as number))),
    ),
  );
/** The mean of a column at the point that differs from this one by some columns. */
const meanAt = (
  rows: readonly All[],
  at: All,
  changes: Partial<Point>,
  column: keyof Found & string,
): number => {
  const { spread, n, batches, situation, mbits } = { ...at, ...changes };
  return mean(
    rows
      .filter(
        (row) =>
          row.spread === spread &&
          row.n === n &&
          row.batches === batches &&
          row.situation === situation &&
          row.mbits === mbits,
      )
      .map((row) => row[column] as number),
  );
};

export const settlement = defineExperiment<Point, Found>({
  id: 'e7-settlement',
  title: 'Time to settlement over a wide-area network',
  question:
    'Where is settlement of sealed orders in under a second possible, and is it proofs, threshold cryptography or the network that stops it?',
  method:
    'Time from the traders’ hands to the last live validator’s settlement. Network: each batch goes to the validator in its trader’s region (1 ms), and from there to all by the project’s own mempools with a node’s timers; then ' +
    'the project’s common subset (first-hand over digest) in its simulator with a broadcast of ballots before and of finish messages after it, of real sizes. One-way delays are half of the average round trips between ten IBM Cloud regions ' +
    '(27 July to 25 August 2024, github.com/ibm-cloud-docs/vpc, network-latency), ±10 %. A validator sends one frame after the other at its bandwidth. “1 % loss”: each frame is lost with probability 1 % and sent again after 300 ms, ' +
    'until it gets through, as TCP does after a retransmission time-out; frames behind it are not held up by it, and there is no faster repetition. “f crashed”: dead from the start. ' +
    'Work: the calls of a validator are counted in a real height of its own machine and host at this size (proofs made and verified, signatures, shares, coins, openings, settlement), and each is priced by timing it again with the arguments of that height ' +
    '(one price table of at least 30 timings by processor time, for e7, e8 and the README). Ballots are charged one by one: a node verifies together only what waits. Two bounds: “low” is what a validator makes for its own next message, and of what it does for each message of others one, at the lower quartile; ' +
    '“high” is every counted call and all that its machine does beside them, on one core, with nothing done while messages are on their way, at the upper quartile. A sentence on time is as strong as the bound that is worse for it, and not decided between them. ' +
    'Not in it: sockets, disks and encryption of streams; trader’s proofs; heights in a row. The axes are crossed at a middle (10 validators, 10 batches, calm, 1,000 Mbit/s) for each spread, the faults with 31 validators across the world only: 44 of 405 points. A ballot lists 64 batches, so that no height has more.',
  earlier:
    'Before, prices were the fastest of some calls in a list of its own: coins were measured and never charged, ballots were charged as one batch, settlement as an auction alone, and what the machine does beside them was not charged, so that a time was one number, below what processes took (673 ms where they took 793; with all of the protocol’s work on the path 1,021). ' +
    'Traders’ way to the validators, dead validators, loss and bandwidth were not in it; 100 and 1,000 batches were, which no ballot lists, on 8 cores by a model, and 64 validators, of which one run takes 38 s. Two seeds decided nothing. A trial of the network’s part with seeds 900 to 904 and up to 16 validators moved the limits of the hypotheses on the world’s network (from one second to three quarters), on dead validators (which had said less than half longer), loss (more than a time-out with 10 or more validators) and bandwidth (more than a tenth with 64 batches across the world) before the run.',
  hypotheses: [
    {
      text: 'Across the world the network alone takes more than three quarters of a second to settlement, in every situation.',
      ...everyRow<All>(
        ({ spread }) => spread === 'world',
        ({ networkMs }) => networkMs > 750,
      ),
    },
    {
      text: 'On two continents 10 validators with 1,000 Mbit/s settle 10 batches in under a second in calm, however much of the work is on the path.',
      isTimed: true,
      held: (rows) =>
        ofPoints(
          rows,
          (row) => row.spread === 'two continents' && row.n === 10 && row.batches === 10 && isMiddle(row),
          (_, meanOf) => between(meanOf('settledLowMs'), meanOf('settledHighMs'), 0, 1000),
        ),
    },
    {
      text: 'Within one region it is the work, not the network, that takes longer, with 10 batches in calm at every n.',
      isTimed: true,
      held: (rows) =>
        ofPoints(
          rows,
          (row) => row.spread === 'one region' && row.batches === 10 && isMiddle(row),
          (_, meanOf) => {
            const network = meanOf('networkMs');
            const low = meanOf('settledLowMs') - network;
            return between(low, meanOf('settledHighMs') - network, network, Number.POSITIVE_INFINITY);
          },
        ),
    },
    {
      text: 'Across the world it is the network that takes longer, with 10 batches in calm at every n.',
      isTimed: true,
      held: (rows) =>
        ofPoints(
          rows,
          (row) => row.spread === 'world' && row.batches === 10 && isMiddle(row),
          (_, meanOf) => {
            const network = meanOf('networkMs');
            return between(meanOf('settledLowMs') - network, meanOf('settledHighMs') - network, 0, network);
          },
        ),
    },
    {
      text: 'Threshold cryptography takes less than proofs do, with 1, 10 and 64 batches among 10 validators.',
      isTimed: true,
      held: (rows) =>
        ofPoints(
          rows,
          (row) => row.n === 10 && isMiddle(row),
          (_, meanOf) =>
            between(
              meanOf('thresholdLowMs') / meanOf('proofsHighMs'),
              meanOf('thresholdHighMs') / meanOf('proofsLowMs'),
              0,
              1,
            ),
        ),
    },
    {
      text: 'The traders’ way to all validators takes at least a third of the network’s time in calm with 1,000 Mbit/s, at every spread, n and number of batches.',
      held: (rows) =>
        ofPoints(rows, isMiddle, (_, meanOf) => meanOf('spreadMs') / meanOf('networkMs') >= 1 / 3),
    },
    {
      text: 'With f crashed the network takes at least one and a half times as long on two continents and across the world, and less than two and a half times, at every n.',
      held: (rows) =>
        ofPoints(
          rows,
          ({ spread, situation }) => spread !== 'one region' && situation === 'f crashed',
          (at, meanOf) => {
            const longer = meanOf('networkMs') / meanAt(rows, at, { situation: 'calm' }, 'networkMs');
            return longer >= 1.5 && longer < 2.5;
          },
        ),
    },
    {
      text: 'One frame lost in a hundred costs less than one time-out of 300 ms in the mean, at every spread and n: quorums hide most of them.',
      held: (rows) =>
        ofPoints(
          rows,
          ({ situation }) => situation === '1 % loss',
          (at, meanOf) => meanOf('networkMs') - meanAt(rows, at, { situation: 'calm' }, 'networkMs') < 300,
        ),
    },
    {
      text: 'With 10 Mbit/s instead of 1,000 the network takes less than a tenth longer across the world, also with 64 batches; within one region it takes half as long again or more with 64 batches (10 validators).',
      held: (rows) =>
        ofPoints(
          rows,
          ({ spread, batches, mbits }) =>
            mbits === 10 && (spread === 'world' || (spread === 'one region' && batches === 64)),
          (at, meanOf) => {
            const longer = meanOf('networkMs') / meanAt(rows, at, { mbits: 1000 }, 'networkMs');
            return at.spread === 'world' ? longer < 1.1 : longer >= 1.5;
          },
        ),
    },
    {
      text: 'Within one region the network takes less than 100 ms at every n with at most 10 batches, calm and 1,000 Mbit/s: distance is what costs.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.spread === 'one region',
          (row) => ({ networkMs: row.networkMs + 100 }),
        ),
      ...everyRow<All>(
        (row) => row.spread === 'one region' && row.batches <= 10 && isMiddle(row),
        ({ networkMs }) => networkMs < 100,
      ),
    },
  ],
  grid: gridOf(SIZES, [1, 10, 64]),
  quickGrid: gridOf([4, 10], [10]),
  seeds: 20,
  quickSeeds: 2,
  columns: {
    spread: { unit: 'category', meaning: 'where the validators sit, in turn' },
    n: { unit: 'count', meaning: 'validators' },
    batches: { unit: 'count', meaning: 'sealed batches of the height' },
    situation: { unit: 'category', meaning: 'what goes wrong' },
    mbits: { unit: 'Mbit/s', meaning: 'what a validator can send' },
    spreadMs: {
      unit: 'ms',
      meaning: 'from the traders’ hands until every live validator may vote, messages and timers only',
    },
    orderedMs: { unit: 'ms', meaning: 'until the last live validator’s order, messages and timers only' },
    networkMs: {
      unit: 'ms',
      meaning: 'until the last live validator’s settlement, messages and timers only',
    },
    coins: { unit: 'count', meaning: 'coins of the common subset that were tossed' },
    proofsLowMs: { unit: 'ms', meaning: 'proofs made and verified, at least' },
    proofsHighMs: { unit: 'ms', meaning: 'proofs made and verified, at most' },
    thresholdLowMs: { unit: 'ms', meaning: 'decryption shares, DLEQ, openings, coins, at least' },
    thresholdHighMs: { unit: 'ms', meaning: 'decryption shares, DLEQ, openings, coins, at most' },
    otherLowMs: { unit: 'ms', meaning: 'signatures, certificate and settlement, at least' },
    otherHighMs: {
      unit: 'ms',
      meaning: 'signatures, certificate, settlement and all else that the machine does, at most',
    },
    settledLowMs: { unit: 'ms', meaning: 'until settlement, at least' },
    settledHighMs: { unit: 'ms', meaning: 'until settlement, at most' },
  },
  timed: [
    ...PARTS.flatMap((part): BoundColumn[] => [`${part}LowMs`, `${part}HighMs`]),
    'settledLowMs',
    'settledHighMs',
  ],
  measuresAs: 'prices',
  measure: measurePrices,
  run: settlementTime,
  charts: (rows) => {
    const BOUNDS = [
      ['network alone', 'networkMs'],
      ['with the work, at least', 'settledLowMs'],
      ['with the work, at most', 'settledHighMs'],
    ] as const;
    const boundsOf = (
      own: readonly All[],
      label: (row: All) => Record<string, string | number>,
      columns: readonly (keyof Point & string)[],
    ) =>
      BOUNDS.flatMap(([what, column]) =>
        meanPoints(
          own,
          columns,
          (row) => row[column],
          (row) => ({ ...label(row), what }),
        ),
      );
    const world = rows.filter((row) => row.spread === 'world' && row.batches === 10 && isMiddle(row));
    const middle = rows.filter((row) => row.n === 10 && row.batches === 10);
    const named = ({ situation, mbits }: All): string => (mbits === 1000 ? situation : `${mbits} Mbit/s`);
    const order = [...SITUATIONS, '100 Mbit/s', '10 Mbit/s'];
    const calm = rows.filter((row) => row.n === 10 && isMiddle(row));
    const PART_NAMES: Record<WorkPart, string> = {
      proofs: 'proofs, at most',
      threshold: 'threshold cryptography, at most',
      other: 'all else, at most',
    };
    const parts = [
      ...meanPoints(
        calm,
        ['spread', 'batches'],
        ({ networkMs }) => networkMs,
        (row) => ({
          where: `${row.spread}, ${row.batches}`,
          part: 'network',
        }),
      ),
      ...PARTS.flatMap((part) =>
        meanPoints(
          calm,
          ['spread', 'batches'],
          (row) => row[`${part}HighMs`],
          (row) => ({
            where: `${row.spread}, ${row.batches}`,
            part: PART_NAMES[part],
          }),
        ),
      ),
    ];
    const series = { field: 'what', title: '', order: BOUNDS.map(([what]) => what) };
    const second = { at: 1000, text: 'one second' };
    return [
      {
        title: 'Time to settlement across ten regions of the world, 10 batches',
        caption:
          'Milliseconds from the traders’ hands to the last validator’s settlement: the network alone, and two bounds of what work adds on one core.',
        spec: lineSpec({
          rows: boundsOf(world, ({ n }) => ({ n }), ['n']),
          x: { field: 'n', title: 'validators', log: true },
          y: { field: 'value', title: 'ms to settlement' },
          series,
          rule: second,
        }),
      },
      {
        title: 'Where the time goes, n = 10, calm',
        caption: 'By spread and number of batches; each part of the work by its upper bound.',
        spec: barSpec({
          rows: parts,
          x: { field: 'where', title: '', order: [...new Set(parts.map((row) => String(row['where'])))] },
          y: { field: 'value', title: 'ms' },
          series: { field: 'part', title: '', order: ['network', ...Object.values(PART_NAMES)] },
          rule: second,
        }),
      },
      {
        title: 'What the network takes when something goes wrong, n = 10, 10 batches',
        caption: 'Milliseconds of messages and timers to settlement, without any work.',
        spec: barSpec({
          rows: meanPoints(
            middle,
            ['spread', 'situation', 'mbits'],
            ({ networkMs }) => networkMs,
            (row) => ({
              what: named(row),
              spread: row.spread,
            }),
          ),
          x: { field: 'spread', title: '', order: SPREADS },
          y: { field: 'value', title: 'ms' },
          series: { field: 'what', title: '', order },
          rule: second,
        }),
      },
    ];
  },
});
