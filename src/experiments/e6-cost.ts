import { assert } from '../base/errors.ts';
import { ACS_NAMES, type AcsName, acsProtocol, RBC_NAMES, type RbcName } from '../consensus/protocol.ts';
import { quorumOf } from '../params/quorum.ts';
import { crash } from '../sim/adversaries/adversaries.ts';
import { Simulation } from '../sim/simulation.ts';
import { lineSpec } from './charts.ts';
import { defineExperiment, planted, type RunContext } from './define.ts';
import { HBBFT_EXP_MS, HBBFT_ROWS } from './hbbft.ts';
import { groupBy, mean, quantile } from './statistics.ts';

interface Point {
  readonly acs: AcsName;
  readonly rbc: RbcName;
  readonly n: number;
  readonly payloadBytes: number;
  readonly crashed: number;
  readonly delay: 'const' | 'exp';
  readonly [column: string]: string | number;
}
interface Found {
  readonly messages: number;
  readonly frames: number;
  readonly bytes: number;
  readonly delays: number;
  readonly ms: number;
  readonly messagesFormula: number;
  readonly bytesFormula: number;
  readonly [column: string]: number;
}

const LINK_MS = 100;
const CONST_HEIGHTS = 2;
const EXP_HEIGHTS = 21;

/** Messages received by a validator with all correct: n − 1 PROPOSE or VAL, and n(n − 1) each of the kinds that all send. */
export const messagesFormula = (acs: AcsName, n: number): number =>
  (n - 1) * ((acs === 'bkr' ? 5 : 4) * n + 1);
/** The payloads alone: digest moves each once to each; AVID moves n − 2f shards of each in VAL and n in ECHO. */
export const payloadFormula = (rbc: RbcName, n: number, payloadBytes: number): number =>
  rbc === 'digest' ? (n - 1) * payloadBytes : ((n - 1) * (n + 1) * payloadBytes) / (n - 2 * quorumOf(n).f);

function run(
  { acs, rbc, n, payloadBytes, crashed, delay }: Point,
  seed: number,
  { erasure }: RunContext,
): Found[] {
  const report = new Simulation({
    n,
    seed,
    payloadBytes,
    heights: delay === 'const' ? CONST_HEIGHTS : EXP_HEIGHTS,
    protocol: acsProtocol(acs, rbc, erasure),
    faulty: crashed,
    adversary: crash(),
    schedule: {
      kind: 'links',
      delay: delay === 'const' ? { kind: 'const', ms: LINK_MS } : { kind: 'exp', meanMs: LINK_MS },
    },
  }).run();
  assert(report.violations.length === 0, `no property is broken: ${JSON.stringify(report.violations[0])}`);
  const last = report.heights.at(-1)!;
  return [
    {
      messages: last.messagesPerNode,
      frames: last.framesPerNode,
      bytes: Math.round(last.bytesPerNode),
      delays: last.delays,
      ms: Math.round(
        quantile(
          report.heights.map(({ ms }) => ms),
          0.5,
        ),
      ),
      messagesFormula: messagesFormula(acs, n),
      bytesFormula: Math.round(payloadFormula(rbc, n, payloadBytes)),
    },
  ];
}

const pairs = ACS_NAMES.flatMap((acs) => RBC_NAMES.map((rbc) => ({ acs, rbc })));
function gridOf(
  sizes: readonly number[],
  payloads: readonly number[],
  exponential: readonly number[],
): Point[] {
  const calm = pairs.flatMap((pair) =>
    sizes.flatMap((n) =>
      payloads
        // Every receiver decodes every proposal: what two cores code in time.
        .filter((payloadBytes) => pair.rbc === 'digest' || n * payloadBytes <= 64 * 65_536)
        .map((payloadBytes): Point => ({ ...pair, n, payloadBytes, crashed: 0, delay: 'const' })),
    ),
  );
  const crashed = (delay: 'const' | 'exp', ns: readonly number[]): Point[] =>
    pairs.flatMap((pair) =>
      ns.map((n): Point => ({ ...pair, n, payloadBytes: 256, crashed: quorumOf(n).f, delay })),
    );
  return [
    ...calm,
    ...crashed('const', sizes).filter(({ rbc, n }) => rbc === 'digest' || n <= 31),
    ...crashed('exp', exponential),
  ];
}

type All = Point & Found & { readonly seed: number };
const calmOf = (rows: readonly All[]): All[] =>
  rows.filter(({ crashed, delay }) => crashed === 0 && delay === 'const');
const hbbftBytes = (n: number, payloadBytes: number): number | undefined =>
  HBBFT_ROWS.find((row) => row.n === n)?.bytes.get(payloadBytes);
const GOALS: ReadonlyMap<number, number> = new Map([
  [256, 0.25],
  [4096, 0.45],
  [65_536, 0.6],
]);

export const cost = defineExperiment<Point, Found>({
  id: 'e6-cost',
  title: 'What a height costs',
  question:
    'How do messages, frames, bytes and delays of a height grow with the number of validators and the payload?',
  method:
    'The project’s common subsets over its reliable broadcasts in its simulator; counts are per validator, received from others, in the frame encoding without ' +
    'transport. hbbft’s figures are of its own simulation (Rust), with threshold encryption: one delay and n − 1 messages more. Links of constant ' +
    `${LINK_MS} ms, or exponential with that mean; with constant links all seeds agree. ` +
    'Over AVID every receiver decodes every proposal, so what two cores code in time is run: all but 64 KiB from each of a hundred, and f crashed up to n = 31.',
  hypotheses: [
    {
      text: 'With all correct the messages are (n − 1)(5n + 1) for bkr, as in the textbook, and (n − 1)(4n + 1) for first-hand.',
      isExact: true,
      held: (rows) => calmOf(rows).every(({ messages, messagesFormula: formula }) => messages === formula),
    },
    {
      text: 'Frames grow linearly: at most 8(n − 1) a validator with all correct.',
      isExact: true,
      held: (rows) => calmOf(rows).every(({ frames, n }) => frames <= 8 * (n - 1)),
    },
    {
      text: 'Delays do not depend on n or payload: bkr 5, first-hand 4; with f crashed 9 and 8.',
      isExact: true,
      held: (rows) =>
        rows
          .filter(({ delay }) => delay === 'const')
          .every(({ acs, crashed, delays }) => delays === (acs === 'bkr' ? 5 : 4) + (crashed > 0 ? 4 : 0)),
    },
    {
      text: 'First-hand over digest receives at most 0.25, 0.45 and 0.6 of hbbft’s bytes at n = 10 with 256 B, 4 KiB and 64 KiB.',
      isExact: true,
      held: (rows) =>
        calmOf(rows)
          .filter(({ acs, rbc, n }) => acs === 'first-hand' && rbc === 'digest' && n === 10)
          .every(
            ({ payloadBytes, bytes }) =>
              bytes <= (GOALS.get(payloadBytes) ?? 1) * (hbbftBytes(10, payloadBytes) ?? Infinity),
          ),
    },
    {
      text: 'The payload changes bytes only: messages, frames and delays stay the same.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          (row) => row.payloadBytes > 256,
          (row) => ({ frames: row.frames + 1 }),
        ),
      isExact: true,
      held: (rows) =>
        groupBy(calmOf(rows), ['acs', 'rbc', 'n']).every((group) =>
          group.every(
            ({ messages, frames, delays }) =>
              messages === group[0]!.messages && frames === group[0]!.frames && delays === group[0]!.delays,
          ),
        ),
    },
  ],
  grid: gridOf([4, 7, 10, 16, 31, 64, 100], [256, 4096, 65_536], [4, 10, 16, 31]),
  quickGrid: gridOf([4, 7, 10], [256, 4096, 65_536], [4]),
  seeds: 1,
  quickSeeds: 1,
  columns: {
    acs: { unit: 'category', meaning: 'common subset' },
    rbc: { unit: 'category', meaning: 'reliable broadcast' },
    n: { unit: 'count', meaning: 'validators' },
    payloadBytes: { unit: 'bytes', meaning: 'bytes of a proposal' },
    crashed: { unit: 'count', meaning: 'validators dead from the start' },
    delay: { unit: 'category', meaning: 'links, of 100 ms or of mean 100 ms' },
    messages: { unit: 'count', meaning: 'protocol messages, votes counted singly, a validator and height' },
    frames: { unit: 'count', meaning: 'frames, a validator and height' },
    bytes: { unit: 'bytes', meaning: 'bytes received, a validator and height' },
    delays: { unit: 'count', meaning: 'message delays, one after the other, to the last output' },
    ms: { unit: 'ms', meaning: 'simulated ms a height, median over the heights of a run' },
    messagesFormula: { unit: 'count', meaning: 'messages by formula, all correct' },
    bytesFormula: { unit: 'bytes', meaning: 'bytes of payload alone by formula, all correct' },
  },
  isFixed: ({ delay }) => delay === 'const',
  run,
  charts: (rows) => {
    const calm = calmOf(rows);
    const small = groupBy(
      calm.filter(({ payloadBytes }) => payloadBytes === 256),
      ['acs', 'rbc', 'n'],
    );
    const order = [...pairs.map(({ acs, rbc }) => `${acs}, ${rbc}`), 'hbbft, published'];
    const sizes = [...new Set(calm.map(({ n }) => n))];
    const published = HBBFT_ROWS.filter(({ n }) => n <= Math.max(...sizes));
    const bytes = small.map((group) => ({
      what: `${group[0]!.acs}, ${group[0]!.rbc}`,
      n: group[0]!.n,
      value: mean(group.map((row) => row.bytes)),
    }));
    const messages = groupBy(
      calm.filter(({ rbc, payloadBytes }) => rbc === 'digest' && payloadBytes === 256),
      ['acs', 'n'],
    ).flatMap((group) => [
      { what: `${group[0]!.acs}, messages`, n: group[0]!.n, value: group[0]!.messages },
      { what: `${group[0]!.acs}, frames`, n: group[0]!.n, value: group[0]!.frames },
    ]);
    const formula = sizes.map((n) => ({
      what: 'formula (n − 1)(5n + 1)',
      n,
      value: messagesFormula('bkr', n),
    }));
    const ratios = calm
      .filter(({ seed, n }) => seed === 1 && n === 10)
      .map(({ acs, rbc, payloadBytes, bytes: ours }) => ({
        what: `${acs}, ${rbc}`,
        payload: payloadBytes === 256 ? '256 B' : payloadBytes === 4096 ? '4 KiB' : '64 KiB',
        ratio: ours / (hbbftBytes(10, payloadBytes) ?? Number.NaN),
      }));
    const exponential = groupBy(
      rows.filter(({ delay }) => delay === 'exp'),
      ['acs', 'rbc', 'n'],
    ).map((group) => ({
      what: `${group[0]!.acs}, ${group[0]!.rbc}`,
      n: group[0]!.n,
      ms: mean(group.map((row) => row.ms)),
    }));
    const publishedExp = [...HBBFT_EXP_MS]
      .filter(([n]) => n <= Math.max(...sizes))
      .map(([n, ms]) => ({ what: 'hbbft, published', n, ms }));
    const x = { field: 'n', title: 'validators', log: true } as const;
    return [
      {
        title: 'Bytes received a validator and height, proposals of 256 B',
        caption:
          'Votes of all agreements share frames as bitmaps, which is most of the difference to hbbft at small payloads.',
        spec: lineSpec({
          rows: [
            ...bytes,
            ...published.map((row) => ({ what: 'hbbft, published', n: row.n, value: row.bytes.get(256)! })),
          ],
          x,
          y: { field: 'value', title: 'bytes', log: true, format: '~s' },
          series: { field: 'what', title: '', order },
        }),
      },
      {
        title: 'Messages and frames a validator and height',
        caption: 'Messages grow with n², frames, which are what a network sees, with n.',
        spec: lineSpec({
          rows: [
            ...messages,
            ...formula,
            ...published.map((row) => ({ what: 'hbbft, published', n: row.n, value: row.messages })),
          ],
          x,
          y: { field: 'value', title: 'count', log: true, format: '~s' },
          series: { field: 'what', title: '' },
        }),
      },
      {
        title: 'Bytes beside hbbft’s at n = 10',
        caption: 'Ours by hbbft’s published bytes; below 1 is cheaper.',
        spec: lineSpec({
          rows: ratios,
          x: { field: 'payload', title: 'proposal', order: ['256 B', '4 KiB', '64 KiB'] },
          y: { field: 'ratio', title: 'ours / hbbft' },
          series: { field: 'what', title: '', order: order.slice(0, -1) },
          rule: { at: 1, text: 'hbbft' },
        }),
      },
      {
        title: 'A height with f crashed, exponential links of mean 100 ms',
        caption: 'Median ms of a height, mean over the seeds.',
        spec: lineSpec({
          rows: [...exponential, ...publishedExp],
          x,
          y: { field: 'ms', title: 'ms' },
          series: { field: 'what', title: '', order },
        }),
      },
    ];
  },
});
