import { describe, expect, test } from 'vitest';
import { acsProtocol, finProtocol, type Protocol } from '../../../src/consensus/protocol.ts';
import { problemOfRows } from '../../../src/experiments/check-rows.ts';
import type { Truth } from '../../../src/experiments/define.ts';
import { liveness } from '../../../src/experiments/e1-liveness.ts';
import { flp } from '../../../src/experiments/e2-flp.ts';
import { frontRunning } from '../../../src/experiments/e3-front-running.ts';
import { ballotAnonymity } from '../../../src/experiments/e4-ballot-anonymity.ts';
import { accountLinkability } from '../../../src/experiments/e5-account-linkability.ts';
import { cost } from '../../../src/experiments/e6-cost.ts';
import { censorship } from '../../../src/experiments/e9-censorship.ts';
import { wideAreaField } from '../../../src/experiments/e11-wide-area.ts';
import { runUnderHold } from '../../../src/experiments/leader-hold.ts';
import type { Row } from '../../../src/experiments/row.ts';
import { settlementProtocol } from '../../../src/experiments/settlement-protocol.ts';
import { watched } from '../../../src/experiments/watched.ts';
import { openErasureCode } from '../../../src/node/erasure-code.ts';
import { crash } from '../../../src/sim/adversaries/adversaries.ts';
import { Simulation } from '../../../src/sim/simulation.ts';

const context = { erasure: await openErasureCode(), measured: {} };
const CENSORED = {
  part: 'in time',
  n: 4,
  censors: 1,
  holders: 2,
  censor: 'leaves out',
  hold: '0.5 s',
  trader: 'none',
} as const;
const WIDE = { n: 4, attacker: 'none' } as const;
const LINKS = { kind: 'links', delay: { kind: 'uniform', fromMs: 20, toMs: 80 } } as const;

describe('equal points and seeds give equal rows, other seeds others', () => {
  test.each([
    [
      liveness,
      {
        protocol: 'pbft, stable leader',
        timeoutDelays: 10,
        pipeline: 4,
        situation: 'held',
        hold: '2 s',
        n: 4,
      },
    ],
    [flp, { coin: 'common', scheduler: 'adversary', n: 4, roundCap: 60 }],
    [frontRunning, { attackerError: 1, budgetLots: 10 }],
    [
      ballotAnonymity,
      { way: 'stem 1/4', attack: 'drop stems', n: 7, colluders: 2, spreadMs: 0, announce: 'no canaries' },
    ],
    [
      ballotAnonymity,
      { way: 'stem 1/4', attack: 'canary items', n: 4, colluders: 1, spreadMs: 0, announce: 'with' },
    ],
    [accountLinkability, { habit: 'account per batch', traders: 10, behaviour: 'own amounts' }],
    [cost, { acs: 'bkr', rbc: 'avid', n: 4, payloadBytes: 256, fault: 'crashed', delay: 'exp' }],
    [censorship, { ...CENSORED, protocol: 'pbft, stable leader', lists: 'none', requestDelays: 20 }],
    [censorship, { ...CENSORED, protocol: 'acs', lists: 'held by 2f + 1', requestDelays: null }],
    [wideAreaField, { ...WIDE, protocol: 'fin', leaders: 'none', timeoutMs: null, situation: 'calm' }],
    [
      wideAreaField,
      {
        ...WIDE,
        protocol: 'hotstuff',
        leaders: 'stable',
        timeoutMs: 1000,
        situation: 'attack',
        attacker: 'leaders',
      },
    ],
  ] as const)('%#', async (experiment, point) => {
    const run = (seed: number): Promise<readonly Row[]> =>
      Promise.resolve(experiment.run(point as Row, seed, context));
    const [first, again] = [JSON.stringify(await run(1)), JSON.stringify(await run(1))];
    expect(again).toBe(first);
    for (const row of JSON.parse(first)) {
      expect(Object.keys({ ...point, ...row }).sort()).toEqual(Object.keys(experiment.columns).sort());
      expect(
        problemOfRows({ ...experiment, grid: [point] }, false, [1], [{ ...point, seed: 1, ...row }]),
      ).toBeUndefined();
    }
    const others = await Promise.all([2, 3, 4, 5].map(async (seed) => JSON.stringify(await run(seed))));
    expect(others.some((other) => other !== first)).toBe(true);
  });
});

test.each(['none', 'crashed', 'serves all', 'serves f + 1', 'serves f + 1, lies'])(
  'with even links no seed changes a row of e6: %s',
  async (fault) => {
    for (const rbc of ['digest', 'avid']) {
      const point = { acs: 'first-hand', rbc, n: 7, payloadBytes: 256, fault, delay: 'const' };
      expect(cost.isFixed!(point)).toBe(true);
      expect(await cost.run(point, 901, context)).toEqual(await cost.run(point, 1, context));
    }
  },
);

describe('verdicts', () => {
  const verdicts = (experiment: typeof flp, rows: readonly Row[]): (Truth | undefined)[] =>
    experiment.hypotheses.map(({ held }) => held(rows as never));

  test('of e2 change with rows that contradict them', () => {
    const row = (coin: string, scheduler: string, decided: boolean, coinRounds: number): Row => ({
      coin,
      scheduler,
      n: 4,
      roundCap: 60,
      seed: 1,
      decided,
      coinRounds,
    });
    const geometric = Array.from({ length: 64 }, (_, i) =>
      row('common', 'adversary', true, 1 + Math.clz32(i + 1) - 25),
    );
    const as = geometric.map((each, i) => ({
      ...each,
      coinRounds: i < 32 ? 1 : i < 48 ? 2 : i < 56 ? 3 : 4,
    }));
    const good = [
      row('constant', 'adversary', false, 60),
      row('common, no CONF', 'adversary', false, 60),
      row('constant', 'blind adversary', true, 2),
      row('common, no CONF', 'blind adversary', true, 1),
      ...as,
    ];
    expect(verdicts(flp, good)).toEqual([true, true, true, true, true, true]);
    const bad = [
      row('constant', 'adversary', true, 3),
      row('common, no CONF', 'adversary', true, 3),
      row('constant', 'blind adversary', true, 0),
      row('common, no CONF', 'blind adversary', false, 60),
      ...as.map((each) => ({ ...each, coinRounds: 9, decided: each.coinRounds > 1 })),
    ];
    expect(verdicts(flp, bad)).toEqual([false, false, false, false, false, false]);
  });

  test('of e9 change with rows that contradict them', () => {
    const timed = (protocol: string, more: Row, found: Row): Row => ({
      ...CENSORED,
      protocol,
      lists: protocol === 'acs' ? 'held by 2f + 1' : 'none',
      requestDelays: protocol === 'pbft, stable leader' ? 20 : null,
      ...more,
      seed: 1,
      neverIn: 0,
      meanWaitS: found['longestWaitS'] ?? null,
      leaderChanges: 0,
      ...found,
    });
    const listed = (lists: string, trader: string, found: Row): Row => ({
      ...CENSORED,
      part: 'variants',
      protocol: 'acs',
      lists,
      trader,
      seed: 1,
      traderAccepted: 0,
      neverIn: 0,
      emptyHeights: 0,
      longestWaitHeights: 1,
      ...found,
    });
    const [turn, stable] = ['pbft, leaders in turn', 'pbft, stable leader'];
    const height = (holders: number, neverIn: number): Row => ({
      ...CENSORED,
      part: 'one height',
      holders,
      neverIn,
    });
    const IN = { longestWaitS: 1 };
    const OUT = { longestWaitS: null, neverIn: 1 };
    const good = [
      ...[height(2, 1), height(3, 0)],
      ...[timed('acs', {}, { longestWaitS: 3 }), timed(turn, {}, IN), timed(stable, {}, { longestWaitS: 4 })],
      ...[timed('acs', { hold: '8 s' }, { longestWaitS: 9 }), timed(turn, { hold: '8 s' }, OUT)],
      ...[timed('acs', { hold: 'unbounded' }, OUT), timed('acs', { hold: 'unbounded', lists: 'held' }, IN)],
      ...[timed('acs', { hold: 'none' }, { longestWaitS: 2 }), timed(turn, { hold: 'none' }, IN)],
      timed(stable, { hold: 'none' }, { longestWaitS: 3 }),
      timed(stable, { hold: 'none', censor: 'is slow' }, IN),
      timed(stable, { hold: 'none', requestDelays: null }, OUT),
      timed('acs', { hold: 'none', censors: 0 }, IN),
      listed('held by 2f + 1', 'renewed variants', {}),
      listed('held', 'renewed variants', { emptyHeights: 1, neverIn: 1, longestWaitHeights: null }),
      listed('held', 'lasting variants', { emptyHeights: 1 / 3, longestWaitHeights: 5 }),
      listed('held', 'none', {}),
    ];
    expect(verdicts(censorship, good)).toEqual(Array.from({ length: 14 }, () => true));
    const bad = [
      ...[height(2, 0), height(3, 0)],
      ...[timed('acs', {}, IN), timed(turn, {}, { longestWaitS: 2 })],
      ...[timed('acs', { hold: '8 s' }, { longestWaitS: 17 }), timed(turn, { hold: '8 s' }, IN)],
      ...[timed('acs', { hold: 'unbounded' }, IN), timed('acs', { hold: 'unbounded', lists: 'held' }, OUT)],
      timed(stable, { hold: 'none' }, { longestWaitS: 4 }),
      timed(stable, { hold: 'none', censor: 'is slow' }, { longestWaitS: 1, leaderChanges: 1 }),
      timed(stable, { hold: 'none', requestDelays: null }, IN),
      timed('acs', { hold: 'none', censors: 0 }, { longestWaitS: 3 }),
      listed('held by 2f + 1', 'renewed variants', { emptyHeights: 0.5 }),
      listed('held', 'renewed variants', { emptyHeights: 1, neverIn: 1, traderAccepted: 1 }),
      listed('held', 'lasting variants', { emptyHeights: 1, longestWaitHeights: null }),
      listed('held', 'none', { longestWaitHeights: 2 }),
    ];
    expect(verdicts(censorship, bad)).toEqual(Array.from({ length: 14 }, () => false));
  });

  test('of e11 change with rows that contradict them', () => {
    /** Rows in which what takes long is told a protocol, and so is what a leader's time-out is good for. */
    const rowsOf = (slow: readonly string[], isGood: boolean): Row[] =>
      wideAreaField.grid.map((point) => {
        const [protocol, timeoutMs] = [String(point['protocol']), point['timeoutMs'] as number | null];
        const place = slow.indexOf(protocol);
        const rate = timeoutMs === null ? place + 5 : timeoutMs === 4000 ? 2 : protocol === 'pbft' ? 1 : 0;
        const isHeld = point['attacker'] === 'leaders';
        return {
          ...point,
          seed: 1,
          heightMs: 100 * (place + 1),
          proposals: 1,
          bytes: isGood === (timeoutMs === 250) ? 3000 : 1000,
          bytesPerProposal: protocol === 'first-hand' ? (isGood ? 1 : 3) : 2,
          leastIncluded: (protocol === 'first-hand') === isGood ? 1 : 0,
          gapMs: isGood ? (timeoutMs ?? 500) : 5000 - (timeoutMs ?? 0),
          heightsPerS:
            point['attacker'] === 'others' ? (isGood ? 9 : 0) : isHeld && !isGood ? 9 - rate : rate,
        };
      });
    const good = rowsOf(['pbft', 'first-hand', 'hotstuff', 'bkr', 'bkr over avid', 'fin', 'alea'], true);
    // With f crashed all take as told by their place: leaders, once found, least.
    const isHotStuff = (row: Row): boolean => row['protocol'] === 'hotstuff';
    const found = good.map((row) =>
      row['situation'] === 'f crashed'
        ? {
            ...row,
            heightMs: isHotStuff(row) || row['protocol'] === 'pbft' ? 10 : row['heightMs']!,
            ...(String(row['protocol']).startsWith('bkr') ? { heightMs: 200 } : {}),
          }
        : row,
    );
    expect(verdicts(wideAreaField, found)).toEqual(wideAreaField.hypotheses.map(() => true));
    const bad = rowsOf(['alea', 'fin', 'bkr over avid', 'bkr', 'hotstuff', 'first-hand', 'pbft'], false);
    const rates = bad.map((row) => (row['leaders'] === 'none' ? { ...row, heightsPerS: 0 } : row));
    expect(verdicts(wideAreaField, rates)).toEqual(wideAreaField.hypotheses.map(() => false));
  });

  test('of e4 change with rows that contradict them', () => {
    const row = (attack: string, way: string, n: number, names: number, more: Row = {}): Row => ({
      ...{ way, attack, n, colluders: (n - 1) / 3, spreadMs: 0, announce: 'no canaries' },
      ...{ seed: 1, canaryAgeDelays: null, names, confidence: names, chance: 3 / (2 * n + 1) },
      ...{ aloneNames: names - 0.1, untimedNames: names - 0.1, plainNames: 0, firstSpyNames: 0 },
      ...{ canaryListed: null, unlistedNames: null, listNames: null, giverNames: null },
      ...more,
    });
    const canary = (n: number, announce: string, age: number, names: number, giver: number): Row =>
      row('canary items', 'stem 1/4', n, names, {
        ...{ announce, canaryAgeDelays: age, giverNames: giver, listNames: 0 },
        ...{ canaryListed: 1, unlistedNames: 0.3 },
      });
    const of = (watched: (n: number) => number, dropped: (way: string) => number, more: readonly Row[]) => [
      ...[4, 31].flatMap((n) =>
        ['stem 1/2', 'stem 1/4', 'stem 1/8'].flatMap((way) => [
          row('watch', way, n, watched(n)),
          row('drop stems', way, n, dropped(way)),
        ]),
      ),
      ...more,
    ];
    const good = of(
      () => 0.4,
      (way) => (way === 'stem 1/8' ? 0.7 : 0.6),
      [
        row('watch', 'stem 1/4', 31, 0.4, { spreadMs: 500, untimedNames: 0.39 }),
        row('public blocks', 'direct', 4, 0.5, { aloneNames: 0.4 }),
        row('public blocks', 'stem 1/4', 4, 0.34, { aloneNames: 0.3 }),
        row('others’ sights', 'stem 1/4', 4, 0.35),
        ...[4, 31].flatMap((n) => [
          canary(n, 'without', 0.5, 1, 1),
          canary(n, 'with', 1, 0.3, 0.3),
          canary(n, 'with', 6, 0.95, 0.8),
          canary(n, 'with', 40, 0.3, 0.3),
        ]),
      ],
    );
    expect(verdicts(ballotAnonymity, good)).toEqual(new Array(14).fill(true));
    const bad = of(
      (n) => (n === 4 ? 0.62 : 0.2),
      (way) => (way === 'stem 1/8' ? 0.5 : 0.6),
      [
        row('watch', 'stem 1/4', 16, 0.6, { aloneNames: 0.6 }),
        row('watch', 'stem 1/4', 4, 0.6, { aloneNames: 0.6 }),
        row('watch', 'stem 1/4', 31, 0.4, { spreadMs: 500, untimedNames: 0.2 }),
        row('public blocks', 'direct', 4, 0.4, { aloneNames: 0.6 }),
        row('public blocks', 'stem 1/4', 4, 0.5),
        row('others’ sights', 'stem 1/4', 4, 0.6),
        { ...canary(10, 'without', 0.5, 0.9, 1), confidence: 0.5 },
        canary(10, 'with', 1, 0.4, 0.3),
        canary(10, 'with', 6, 0.95, 0.5),
        canary(10, 'with', 40, 0.4, 0.3),
      ],
    ).map((each) => (each['attack'] === 'drop stems' ? { ...each, aloneNames: each['names']! } : each));
    expect(verdicts(ballotAnonymity, bad)).toEqual(new Array(14).fill(false));
  });
});

describe('a height with ballots and finish messages', () => {
  test('settles in two delays more than its common subset, at all validators, and its messages have the sizes of real ones', () => {
    const ordered: number[] = [];
    const protocol = settlementProtocol(10, (height) => ordered.push(height));
    const report = new Simulation({
      n: 4,
      seed: 1,
      heights: 2,
      payloadBytes: 100,
      protocol,
      schedule: { kind: 'links', delay: { kind: 'const', ms: 100 } },
    }).run();
    expect(report.violations).toEqual([]);
    expect(report.heights.map(({ delays }) => delays)).toEqual([6, 6]);
    expect(ordered.filter((height) => height === 2)).toHaveLength(4);
    expect(protocol.bytesOf({ part: 'finish' }) - protocol.bytesOf({ part: 'ballot' })).toBe(
      288 + 640 - (324 + 320),
    );
    for (const message of [{ part: 'ballot' }, { part: 'finish' }] as const) {
      expect(protocol.encode(message)).toHaveLength(protocol.bytesOf(message));
      expect(protocol.decode(protocol.encode(message))).toEqual(message);
    }
  });
});

test('a stable leader is found once, where leaders in turn meet a dead one again and again', () => {
  const proposersOf = (leaders: 'stable' | 'in turn'): number[] => {
    const { outputs, report } = runUnderHold({
      protocol: 'pbft',
      leaders,
      n: 4,
      seed: 1,
      heights: 8,
      untilMs: 60_000,
      timeoutMs: 500,
      payloadBytes: 64,
      delay: { kind: 'const', ms: 50 },
      faulty: 1,
      adversary: crash,
    });
    expect(report.violations).toEqual([]);
    return [...outputs.values()].map(([proposal]) => Number(proposal!.proposer));
  };
  // Validator 3 is dead and leads first, then 0 for good.
  expect(proposersOf('stable')).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(proposersOf('in turn')).toEqual([1, 2, 0, 0, 1, 2, 0, 0]);
});

test('a watched protocol does what it does unwatched', () => {
  const isSameWatched = <M>(inner: Protocol<M>): void => {
    const of = (protocol: Protocol<M>): string =>
      new Simulation({ n: 7, seed: 3, heights: 3, payloadBytes: 64, protocol, schedule: LINKS }).run()
        .traceHash;
    const eye = watched(inner);
    expect(of(eye.protocol)).toBe(of(inner));
    expect([...eye.outputs.keys()]).toEqual([1, 2, 3]);
    expect(eye.newest.size).toBe(7);
  };
  isSameWatched(acsProtocol('first-hand', 'digest'));
  // It draws lots.
  isSameWatched(finProtocol());
});

test('a link that an adversary holds delivers when it lets go, a matrix within a tenth of its delay', () => {
  const run = (schedule: object): number =>
    new Simulation({
      n: 4,
      seed: 1,
      heights: 1,
      payloadBytes: 64,
      protocol: acsProtocol('bkr', 'digest'),
      schedule: { kind: 'links', ...schedule } as never,
    }).run().endMs;
  const held = run({
    delay: { kind: 'const', ms: 10 },
    holdsUntil: (_from: number, _to: number, atMs: number) => Math.max(atMs, 1000),
  });
  expect(held).toBeGreaterThanOrEqual(1000 + 5 * 10);
  expect(held).toBeLessThan(1100);
  const ms = run({
    delay: {
      kind: 'matrix',
      ms: [
        [1, 100],
        [100, 1],
      ],
    },
  });
  expect(ms).toBeGreaterThanOrEqual(5 * 90);
  expect(ms).toBeLessThanOrEqual(7 * 110);
});
