import { describe, expect, test } from 'vitest';
import type { Observed } from '../../../src/cli/load/committee.ts';
import { DelayedStreams, LinkClock } from '../../../src/cli/load/delayed-streams.ts';
import {
  figuresOf,
  growth,
  type HeightDone,
  type HeightSeen,
  SeenHeights,
  spanOf,
  stretchOf,
  WARM_UP_MS,
} from '../../../src/cli/load/measure.ts';
import { decodeTravelling, encodeTravelling } from '../../../src/cli/load/packet-codec.ts';
import {
  hasLeader,
  heightsAtOnce,
  LOAD_PROTOCOLS,
  type LoadPoint,
  payloadOf,
  TRANSACTION_BYTES,
  transactionsOf,
} from '../../../src/cli/load/point.ts';
import { LOAD_COLUMNS } from '../../../src/cli/load/results.ts';
import { rowOf } from '../../../src/cli/load/row.ts';
import { acsProtocol } from '../../../src/consensus/protocol.ts';
import { validatorIndex } from '../../../src/params/ids.ts';
import type { Packet } from '../../../src/sim/packet.ts';
import { Prng } from '../../../src/sim/prng.ts';
import { velumIn } from '../../helpers/cli.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const point = (change: Partial<LoadPoint> = {}): LoadPoint => ({
  protocol: 'first-hand',
  n: 4,
  batch: 100,
  ...change,
});

describe('a batch', () => {
  const points = LOAD_PROTOCOLS.flatMap((protocol) =>
    [4, 7, 16].flatMap((n) => [1, 10, 263, 1_000, 10_000].map((batch) => ({ protocol, n, batch }))),
  );

  test('is split among proposers and heights without rest, in parts that differ by one, of 64 KiB at most', () => {
    for (const each of points) {
      const proposers = hasLeader(each.protocol) ? [0] : upTo(each.n);
      const parts = upTo(heightsAtOnce(each)).flatMap((h) =>
        proposers.map((i) => transactionsOf(each, 1 + h, i)),
      );
      expect(parts.reduce((a, b) => a + b)).toBe(each.batch);
      expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
      expect(Math.max(...parts) * TRANSACTION_BYTES).toBeLessThanOrEqual(1 << 16);
      expect(payloadOf(each, 1, 0)).toHaveLength(parts[0]! * TRANSACTION_BYTES);
    }
  });

  test('takes no more heights at once than it needs', () => {
    expect(heightsAtOnce(point({ batch: 4 * 262 }))).toBe(1);
    expect(heightsAtOnce(point({ batch: 4 * 262 + 1 }))).toBe(2);
    expect(heightsAtOnce(point({ protocol: 'pbft', batch: 10_000 }))).toBe(39);
    expect(heightsAtOnce(point({ n: 16, batch: 10_000 }))).toBe(3);
  });

  test('holds different transactions in every proposal, and the same ones at all validators that may lead', () => {
    const transactions = (of: LoadPoint, height: number, self: number): string[] => {
      const bytes = Buffer.from(payloadOf(of, height, self));
      return upTo(bytes.length / TRANSACTION_BYTES).map((i) =>
        bytes.toString('hex', i * TRANSACTION_BYTES, (i + 1) * TRANSACTION_BYTES),
      );
    };
    const all = [1, 2].flatMap((height) => upTo(4).flatMap((self) => transactions(point(), height, self)));
    expect(new Set(all).size).toBe(200);
    const led = point({ protocol: 'hotstuff' });
    expect(transactions(led, 1, 3)).toEqual(transactions(led, 1, 0));
  });
});

describe('a link', () => {
  test('keeps its order whatever each message would take, and delays by its latency ±10 %', () => {
    const ms = [
      [0, 100],
      [40, 0],
    ];
    const clock = new LinkClock(4, 0, ms, new Prng(7));
    const times = upTo(500).map((k) => ({ sent: k, leaves: clock.leavesMs(1, k) }));
    for (const [k, { sent, leaves }] of times.entries()) {
      expect(leaves).toBeGreaterThanOrEqual(times[k - 1]?.leaves ?? 0);
      expect(leaves - sent).toBeGreaterThanOrEqual(90);
      expect(leaves - sent).toBeLessThanOrEqual(110);
    }
    // Some would have overtaken others: they leave together.
    expect(new Set(times.map(({ leaves }) => leaves)).size).toBeLessThan(400);
    // Another link, of the first place to itself, waits for none of that.
    expect(clock.leavesMs(2, 10)).toBe(10);
  });
});

test('what a validator says to itself alone goes on no stream, and what it says to all goes to all others', () => {
  const self = validatorIndex(1);
  const sent: number[] = [];
  const nothing = (): void => {};
  const clock = new LinkClock(3, self, [[0]], new Prng(1));
  const streams = new DelayedStreams(3, self, clock, { onFrame: nothing, onAllUp: nothing, onDown: nothing });
  streams.open({
    open: nothing,
    send: (to) => void sent.push(to),
    acknowledge: nothing,
    blame: nothing,
    peers: () => [],
    close: nothing,
  });
  streams.send(self, new Uint8Array(1));
  streams.send('all', new Uint8Array(1));
  streams.close();
  expect(sent).toEqual([0, 2]);
});

describe('packets on a stream', () => {
  const protocol = acsProtocol('first-hand', 'digest');
  const [first, last] = [validatorIndex(0), validatorIndex(3)];
  const propose = { kind: 'propose', proposer: last, bytes: new Uint8Array(250).fill(7) } as const;
  const chain = [
    { proposer: first, payload: new Uint8Array(500).fill(1) },
    { proposer: last, payload: new Uint8Array(0) },
  ];
  const packets: Packet<Parameters<typeof protocol.encode>[0]>[] = [
    { type: 'frame', height: 9, message: { rbc: [propose], votes: [] }, bytes: 0, messages: 0, weight: 0 },
    { type: 'share', height: 1, instance: 3, round: 700, good: true },
    { type: 'done', height: 2, digest: new Uint8Array(32).fill(5) },
    { type: 'ask', height: 3 },
    { type: 'chain', height: 4, payloads: chain },
    { type: 'here', height: 2 ** 32 - 1 },
  ];

  test.each(packets)('come as they were sent: $type', (packet) => {
    const bytes = encodeTravelling(packet, protocol);
    const read = decodeTravelling(bytes, 4, protocol)!;
    expect(read).toMatchObject(packet.type === 'frame' ? { type: 'frame', height: 9 } : packet);
    expect(encodeTravelling(read, protocol)).toEqual(bytes);
    for (const wrong of [bytes.slice(0, -1), Uint8Array.of(...bytes, 0), Uint8Array.of(6, ...bytes.slice(1))])
      expect(decodeTravelling(wrong, 4, protocol)).toBeUndefined();
    expect(decodeTravelling(bytes.subarray(0, 4), 4, protocol)).toBeUndefined();
  });

  test('are refused if they are of validators that there are not, out of order, or too long', () => {
    const of = (payloads: typeof chain) => encodeTravelling({ type: 'chain', height: 1, payloads }, protocol);
    expect(decodeTravelling(of(chain), 3, protocol)).toBeUndefined();
    expect(decodeTravelling(of([...chain].reverse()), 4, protocol)).toBeUndefined();
    expect(
      decodeTravelling(of([{ proposer: first, payload: new Uint8Array(65_537) }]), 4, protocol),
    ).toBeUndefined();
    const share = encodeTravelling({ type: 'share', height: 1, instance: 5, round: 0, good: true }, protocol);
    expect(decodeTravelling(share, 4, protocol)).toBeUndefined();
  });
});

const seen = (height: number, proposedMs: number | null, outputMs: number, digest = 'a'): HeightSeen => ({
  height,
  proposedMs,
  outputMs,
  transactions: 100,
  digest,
});

describe('what a committee has seen', () => {
  test('a height lasts from its first proposal until n − f have put it out, whoever reports first', () => {
    const heights = new SeenHeights(point());
    heights.add(3, seen(1, 12, 90));
    heights.add(0, seen(1, 10, 80));
    expect(heights.done()).toEqual([]);
    heights.add(1, seen(1, null, 85));
    expect(heights.done()).toEqual([{ beganMs: 10, doneMs: 90, transactions: 100 }]);
    // The fourth was earlier than one of these.
    heights.add(2, seen(1, 5, 70));
    heights.add(0, seen(3, 100, 110));
    expect(heights.doneNow()).toEqual([{ beganMs: 5, doneMs: 85, transactions: 100 }]);
  });

  test('validators that put out different transactions are named, and nothing is measured', () => {
    const heights = new SeenHeights(point());
    for (const i of [0, 1, 2]) expect(heights.add(i, seen(1, 0, 1))).toBeUndefined();
    const problem = heights.add(3, seen(1, 0, 1, 'b'));
    expect(problem).toBe('validators 0 and 3 put out different transactions at height 1');
    const row = rowOf({ point: point(), limitMs: 1_000 }, { ...observed, stretch: undefined, problem }, 2);
    expect(row).toMatchObject({ outcome: 'failed', note: problem, transactionsPerS: null, latencyMs: null });
  });
});

const done = (count: number, everyMs: number, beganMs = 0): HeightDone[] =>
  upTo(count).map((i) => ({
    beganMs: beganMs + i * everyMs,
    doneMs: beganMs + (i + 1) * everyMs,
    transactions: 50,
  }));

describe('a measurement', () => {
  test('leaves the beginning out, and ends with whole rounds of the heights under way at once', () => {
    const two = point({ batch: 2_000 });
    expect(heightsAtOnce(two)).toBe(2);
    expect(spanOf(two, done(4, 10), 0, { heights: 3 })).toBeUndefined();
    const byHeights = stretchOf(done(9, 10), spanOf(two, done(9, 10), 0, { heights: 3 })!);
    expect(byHeights).toMatchObject({ fromMs: 20, toMs: 60 });
    expect(byHeights.heights).toHaveLength(4);
    expect(spanOf(two, done(299, 10), 0, { seconds: 1 })).toBeUndefined();
    const bySeconds = stretchOf(done(400, 10), spanOf(two, done(400, 10), 0, { seconds: 1 })!);
    expect(bySeconds).toMatchObject({ fromMs: WARM_UP_MS, toMs: WARM_UP_MS + 1_000 });
    expect(bySeconds.heights).toHaveLength(100);
    // A height that takes longer than the time asked for is measured nevertheless.
    const slow = done(3, 3_000);
    expect(stretchOf(slow, spanOf(point(), slow, 0, { seconds: 1 })!)).toMatchObject({
      fromMs: 3_000,
      toMs: 6_000,
    });
  });

  test('that was enough stays it when a last report makes its end earlier', () => {
    const heights = new SeenHeights(point());
    for (let height = 1; height <= 4; height++)
      for (const i of [0, 1, 2]) heights.add(i, seen(height, 0, height * 1_000));
    const span = spanOf(point(), heights.done(), 0, { seconds: 2 })!;
    expect(span).toEqual({ from: 1, to: 3 });
    heights.add(3, seen(4, 0, 3_990));
    for (const i of [0, 1]) heights.add(i, seen(4, 0, 3_995));
    const told = heights.doneNow();
    expect(spanOf(point(), told, 0, { seconds: 2 })).toBeUndefined();
    expect(stretchOf(told, span)).toMatchObject({ fromMs: 2_000, toMs: 3_995 });
  });

  test('tells transactions a second, the mean and the tail of the latency, and what was left behind', () => {
    const heights = done(20, 100).map((each, i) =>
      i === 3 ? { ...each, beganMs: each.beganMs - 900 } : each,
    );
    const figures = figuresOf(point(), { fromMs: 0, toMs: 2_000, heights });
    expect(figures).toEqual({
      transactionsPerS: 500,
      latencyMs: 145,
      latencyP95Ms: 1_000,
      orderedShare: 0.5,
      heights: 20,
      seconds: 2,
    });
  });

  test('processor time between two readings is linear, and none outside', () => {
    const readings = [
      { atMs: 0, value: 0 },
      { atMs: 100, value: 50 },
      { atMs: 200, value: 250 },
    ];
    expect(growth(readings, 50, 150)).toBe(125);
    expect(growth(readings, -100, 1_000)).toBe(250);
    expect(growth([], 0, 1)).toBe(0);
  });

  test.each([
    [0.3, 0.4, 'links'],
    [1.8, 1.9, 'processor'],
    [0.3, 2, 'others'],
  ])('with %f of two cores used and %f busy it says that it waited for: %s', (used, busy, limit) => {
    const sample = (atMs: number) => [{ atMs, cpuMs: (atMs * used) / 4, bytesOut: atMs }];
    const row = rowOf(
      { point: point(), limitMs: 1_000 },
      {
        ...observed,
        samples: upTo(4).map(() => [...sample(0), ...sample(4_000)]),
        machine: [
          { atMs: 0, value: 0 },
          { atMs: 4_000, value: 4_000 * busy },
        ],
      },
      2,
    );
    expect(row).toMatchObject({ outcome: 'measured', limit, coresUsed: used, coresBusy: busy });
    expect(row.bytesPerTransaction).toBe(8);
    expect(Object.keys(row)).toEqual(Object.keys(LOAD_COLUMNS));
  });

  test('processes that have not met are told as such', () => {
    const late = { ...observed, stretch: undefined, hasMet: false };
    const row = rowOf({ point: point(), limitMs: 9_000 }, late, 2);
    expect(row).toMatchObject({ outcome: 'timed out', note: 'its processes had not all met within 120 s' });
  });

  test('what was not finished in time is told as such', () => {
    const row = rowOf({ point: point(), limitMs: 9_000 }, { ...observed, stretch: undefined }, 2);
    expect(row).toMatchObject({
      outcome: 'timed out',
      note: 'too few heights came out within 9 s',
      seconds: null,
    });
  });
});

const observed: Observed = {
  stretch: { fromMs: 0, toMs: 2_000, heights: done(20, 100) },
  problem: undefined,
  hasMet: true,
  samples: [],
  machine: [],
  coins: 0,
  timeouts: 0,
  peakMB: 80,
};

test.each([
  ['--n', '3'],
  ['--n', '4,4'],
  ['--batch', '10001'],
  ['--protocol', 'first-hand,raft'],
  ['--heights', '2 --seconds 2'],
])('velum experiment load %s %s is refused before anything is started', async (option, value) => {
  const { exitCode, err } = await velumIn('/', 'experiment', 'load', option, ...value.split(' '));
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining('(USAGE)') });
});
