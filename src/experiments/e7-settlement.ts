import { assert } from '../base/errors.ts';
import { quorumOf } from '../params/quorum.ts';
import type { LinkDelay } from '../sim/links.ts';
import { Simulation } from '../sim/simulation.ts';
import { oneWayMs, type Spread } from '../sim/wan-latency.ts';
import { barSpec, lineSpec } from './charts.ts';
import { measureHeightWork } from './cpu-costs.ts';
import { defineExperiment, type Measured, planted, type RunContext } from './define.ts';
import { type SettlementMessage, settlementProtocol } from './settlement-protocol.ts';
import { groupBy, mean } from './statistics.ts';

interface Point {
  readonly spread: Spread;
  readonly n: number;
  readonly batches: number;
  readonly [column: string]: string | number;
}
interface Found {
  readonly cores: number;
  readonly orderedNetworkMs: number;
  readonly networkMs: number;
  readonly orderedMs: number;
  readonly settledMs: number;
  readonly thresholdMs: number;
  readonly proofMs: number;
  readonly otherMs: number;
  readonly bound: string;
  readonly [column: string]: number | string;
}

const SIZES = [4, 7, 10, 16, 31, 64];
const HEIGHTS = 3;
/** 1 Gbit/s each way. */
const BYTES_PER_MS = 125_000;

/** Virtual milliseconds of a height that is all network: to the last validator's order, and to its settlement. */
export function networkTimes(
  { n, batches, delay }: { readonly n: number; readonly batches: number; readonly delay: LinkDelay },
  seed: number,
): { ordered: number; settled: number } {
  const orderedAt = new Map<number, number>();
  const simulation: Simulation<SettlementMessage> = new Simulation<SettlementMessage>({
    n,
    seed,
    heights: HEIGHTS,
    payloadBytes: 256 + 32 * quorumOf(n).q,
    protocol: settlementProtocol(batches, (height) => orderedAt.set(height, simulation.now)),
    schedule: { kind: 'links', delay, bandwidth: BYTES_PER_MS },
  });
  const { heights, violations } = simulation.run();
  assert(violations.length === 0, `no property is broken: ${JSON.stringify(violations[0])}`);
  let atMs = 0;
  const times = heights.map(({ ms }, i) => {
    const before = atMs;
    atMs += ms;
    return { ordered: orderedAt.get(i + 1)! - before, settled: ms };
  });
  // The first height starts everywhere at once; later ones as settlement reaches each validator.
  const later = times.slice(1);
  return {
    ordered: mean(later.map(({ ordered }) => ordered)),
    settled: mean(later.map(({ settled }) => settled)),
  };
}

/** Processor milliseconds of one validator, one core, for what everybody waits for in a height. */
export function heightWork(
  { n, batches }: { readonly n: number; readonly batches: number },
  measured: Measured,
) {
  const { q } = quorumOf(n);
  const cost = (name: string): number => {
    assert(name in measured, `${name} was measured`);
    return measured[name]!;
  };
  const verify = (proofs: number): number =>
    cost('ballotVerifyOneMs') + (proofs - 1) * cost('ballotVerifyMoreMs');
  // One share, one DLEQ pair and one combination a batch; the DLEQ's own part is one pair more.
  return {
    ballotProofs: cost('ballotProveMs') + verify(q),
    perBatch: cost('shareMs') + cost('dleqPairMs') + cost(`combineMs${n}`),
    dleq: cost('dleqPairMs'),
    other: cost('blsSignMs') + cost(`certificateMs${n}`) + batches * cost('auctionBatchMs'),
    verify,
  };
}

function run(point: Point, seed: number, { measured }: RunContext): Found[] {
  const { spread, n, batches } = point;
  const { ordered, settled } = networkTimes(
    { n, batches, delay: { kind: 'matrix', ms: oneWayMs(spread) } },
    seed,
  );
  const { ballotProofs, perBatch, dleq, other } = heightWork(point, measured);
  const round = (ms: number): number => Math.round(ms * 10) / 10;
  return [1, 8].map((cores) => {
    const threshold = (batches * perBatch) / cores + dleq;
    const parts: [string, number][] = [
      ['network', settled],
      ['threshold cryptography', threshold],
      ['proofs', ballotProofs],
      ['signatures and auction', other],
    ];
    return {
      cores,
      orderedNetworkMs: round(ordered),
      networkMs: round(settled),
      orderedMs: round(ordered + ballotProofs),
      settledMs: round(settled + ballotProofs + threshold + other),
      thresholdMs: round(threshold),
      proofMs: round(ballotProofs),
      otherMs: round(other),
      bound: parts.reduce((top, part) => (part[1] > top[1] ? part : top))[0],
    };
  });
}

function gridOf(sizes: readonly number[], batches: readonly number[]): Point[] {
  return (['one region', 'two continents', 'world'] as const).flatMap((spread) =>
    sizes.flatMap((n) => batches.map((count): Point => ({ spread, n, batches: count }))),
  );
}

type All = Point & Found & { readonly seed: number };
const largestSubSecond = (rows: readonly All[], spread: Spread, cores: number, n: number): number =>
  Math.max(
    0,
    ...rows
      .filter((row) => row.spread === spread && row.cores === cores && row.n === n && row.settledMs < 1000)
      .map(({ batches }) => batches),
  );

export const settlement = defineExperiment<Point, Found>({
  id: 'e7-settlement',
  title: 'Time to settlement over a wide-area network',
  question:
    'Where is settlement of sealed orders in under a second possible, and is it threshold cryptography or the network that stops it?',
  method:
    'The project’s common subset (first-hand over digest) in its simulator, with a broadcast of ballots before and of finish messages after it, of real sizes; one-way delays are half ' +
    'of the average round trips between ten IBM Cloud regions (27 July to 25 August 2024, github.com/ibm-cloud-docs/vpc, network-latency), ±10 %; 1 Gbit/s a validator. ' +
    'Processor times are of the fastest of some calls on this machine before the runs, on one core, and added to the path that everybody goes: the ballot’s proof, q ballots verified as one batch, a share, ' +
    'its part of a DLEQ and a combination for each sealed batch, signatures, the auction. On 8 cores shares and combinations divide evenly: a model. Batches are ' +
    'verified when traders send them, outside the height.',
  hypotheses: [
    {
      text: 'Across the world the network alone, without any computing, takes more than half a second to settlement.',
      held: (rows) =>
        rows.filter(({ spread }) => spread === 'world').every(({ networkMs }) => networkMs > 500),
    },
    {
      text: 'On two continents 10 validators on one core settle 10 batches in under a second.',
      isTimed: true,
      held: (rows) => largestSubSecond(rows, 'two continents', 1, 10) >= 10,
    },
    {
      text: 'With 1,000 batches threshold cryptography, not the network, is the largest part on one core, for every n and spread.',
      isTimed: true,
      held: (rows) =>
        rows
          .filter(({ batches, cores }) => batches === 1000 && cores === 1)
          .every(({ bound }) => bound === 'threshold cryptography'),
    },
    {
      text: 'With 10 batches the network is the largest part across the world, for every n.',
      isTimed: true,
      held: (rows) =>
        rows
          .filter(({ spread, batches }) => spread === 'world' && batches === 10)
          .every(({ bound }) => bound === 'network'),
    },
    {
      text: 'Within one region the network takes less than 50 ms for every n up to 31 and at most 10 batches: distance is what costs.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.spread === 'one region',
          (row) => ({ networkMs: row.networkMs + 50 }),
        ),
      held: (rows) =>
        rows
          .filter(({ spread, n, batches }) => spread === 'one region' && n <= 31 && batches <= 10)
          .every(({ networkMs }) => networkMs < 50),
    },
  ],
  grid: gridOf(SIZES, [1, 10, 100, 1000]),
  quickGrid: gridOf([4, 10], [1, 10, 1000]),
  seeds: 2,
  quickSeeds: 1,
  columns: {
    spread: { unit: 'category', meaning: 'where the validators sit, in turn' },
    n: { unit: 'count', meaning: 'validators' },
    batches: { unit: 'count', meaning: 'sealed batches of the height' },
    cores: { unit: 'count', meaning: 'cores that make and combine shares' },
    orderedNetworkMs: { unit: 'ms', meaning: 'to the last validator’s order, messages only' },
    networkMs: { unit: 'ms', meaning: 'to the last validator’s settlement, messages only' },
    orderedMs: { unit: 'ms', meaning: 'to the order with the ballots’ proofs' },
    settledMs: { unit: 'ms', meaning: 'to the settlement with all computing' },
    thresholdMs: { unit: 'ms', meaning: 'of it: decryption shares, DLEQ, combination' },
    proofMs: { unit: 'ms', meaning: 'of it: the own ballot’s proof, verifying q ballots' },
    otherMs: { unit: 'ms', meaning: 'of it: signatures, certificate, auction' },
    bound: { unit: 'category', meaning: 'the largest part' },
  },
  per: ['cores'],
  timed: ['orderedMs', 'settledMs', 'thresholdMs', 'proofMs', 'otherMs', 'bound'],
  measure: (quick) => measureHeightWork(quick ? [4, 10] : SIZES, quick ? 5 : 25),
  run,
  charts: (rows) => {
    const one = rows.filter(({ cores, spread }) => cores === 1 && spread === 'world');
    const lines = groupBy(one, ['n', 'batches']).map((group) => ({
      n: group[0]!.n,
      what: `${group[0]!.batches} ${group[0]!.batches === 1 ? 'batch' : 'batches'}`,
      settledMs: mean(group.map(({ settledMs }) => settledMs)),
    }));
    const PARTS = ['network', 'ballot proofs', 'threshold cryptography', 'signatures and auction'];
    const n = 10;
    const parts = groupBy(
      rows.filter(
        (row) => row.n === n && row.cores === 1 && row.batches <= 100 && row.spread !== 'one region',
      ),
      ['spread', 'batches'],
    ).flatMap((group) => {
      const { spread, batches } = group[0]!;
      const values = [
        mean(group.map(({ networkMs }) => networkMs)),
        mean(group.map(({ proofMs }) => proofMs)),
        mean(group.map(({ thresholdMs }) => thresholdMs)),
        mean(group.map(({ otherMs }) => otherMs)),
      ];
      return values.map((ms, stackOrder) => ({
        where: `${spread}, ${batches}`,
        part: PARTS[stackOrder]!,
        ms,
        stackOrder,
      }));
    });
    const reach = groupBy(rows, ['spread', 'cores', 'n']).map((group) => ({
      what: `${group[0]!.spread}, ${group[0]!.cores} ${group[0]!.cores === 1 ? 'core' : 'cores'}`,
      n: group[0]!.n,
      batches: largestSubSecond(rows, group[0]!.spread, group[0]!.cores, group[0]!.n),
    }));
    return [
      {
        title: 'Time to settlement across ten regions of the world, one core',
        caption:
          'Message delays, proofs and threshold cryptography together. Up to some ten batches the network and the ballot’s proof set the time, with a thousand opening them does.',
        spec: lineSpec({
          rows: lines,
          x: { field: 'n', title: 'validators', log: true },
          y: { field: 'settledMs', title: 'ms to settlement', log: true, format: '~s' },
          series: { field: 'what', title: '' },
          rule: { at: 1000, text: 'one second' },
        }),
      },
      {
        title: `Where the time goes, n = ${n}, one core`,
        caption: 'By spread and number of batches.',
        spec: barSpec({
          rows: parts,
          x: { field: 'where', title: '', order: [...new Set(parts.map((part) => part.where))] },
          y: { field: 'ms', title: 'ms' },
          series: { field: 'part', title: '', order: PARTS },
          stacked: true,
          rule: { at: 1000, text: 'one second' },
        }),
      },
      {
        title: 'Batches settled in under a second',
        caption: 'The largest of 1, 10, 100, 1,000 that settles below a second in some run; 0 if none does.',
        spec: lineSpec({
          rows: reach,
          x: { field: 'n', title: 'validators', log: true },
          y: { field: 'batches', title: 'batches' },
          series: { field: 'what', title: '' },
        }),
      },
    ];
  },
});
