import { describe, expect, test } from 'vitest';
import { GivenUp } from '../../src/consensus/pbft/given-up.ts';
import { acsProtocol, finProtocol, type Protocol, pbftProtocol } from '../../src/consensus/protocol.ts';
import { watched } from '../../src/experiments/watched.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { crash, fakeNetwork, mute, twins, twisted } from '../../src/sim/adversaries/adversaries.ts';
import { equivocatingLeader } from '../../src/sim/adversaries/twists.ts';
import type { LinkOptions } from '../../src/sim/links.ts';
import { oracleSignatures } from '../../src/sim/oracle-signatures.ts';
import { PACKET_WINDOW } from '../../src/sim/peer-windows.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import type { Adversary } from '../../src/sim/world.ts';

const N = 4;
const DEPTH = 4;
const HEIGHTS = 12;

/** Whoever proposed what was decided a pipeline ago leads; validator 3, the faulty one where one is, leads first. */
function stableLeader(seed: number) {
  const eye: ReturnType<typeof watched<never>> = watched(
    pbftProtocol(
      (self) => oracleSignatures(seed, self),
      (height) => eye.outputs.get(height - DEPTH)?.[0]?.proposer ?? validatorIndex(N - 1),
      DEPTH,
    ) as unknown as Protocol<never>,
  );
  return eye;
}

interface Setting {
  readonly seed: number;
  readonly pipeline?: number;
  readonly adversary?: Adversary<never>;
  readonly links?: LinkOptions;
  readonly untilMs?: number;
}

/** Runs it, and checks that nothing is broken and every correct validator has all heights. */
function run(protocol: Protocol<never>, { seed, pipeline = DEPTH, adversary, links, untilMs }: Setting) {
  const simulation = new Simulation<never>({
    n: N,
    seed,
    heights: HEIGHTS,
    pipeline,
    protocol,
    schedule: { kind: 'links', ...(links ?? { delay: { kind: 'exp', meanMs: 50 } }) },
    payloadBytes: 32,
    timeoutMs: 400,
    ...(adversary === undefined ? {} : { faulty: 1, adversary }),
    ...(untilMs === undefined ? {} : { untilMs }),
  });
  const report = simulation.run();
  expect(report.violations, `SEED=${seed}`).toEqual([]);
  for (const host of simulation.hosts) if (host !== undefined) expect(host.height).toBe(HEIGHTS + 1);
  return report;
}

const FAULTS: readonly (readonly [string, () => Adversary<never>])[] = [
  ['crash', crash],
  ['mute', mute],
  ['twins', twins],
  ['fake-network', fakeNetwork],
  ['equivocate', () => twisted('equivocate', equivocatingLeader as never)],
];

describe('heights that overlap', () => {
  test.each(FAULTS)(
    'keep agreement, order and progress of a stable leader’s PBFT: the leader is faulty, %s',
    (_, fault) => {
      for (const seed of [1, 2, 3])
        run(stableLeader(seed).protocol, { seed, adversary: fault(), untilMs: 30_000 });
    },
  );

  test.each(FAULTS.slice(0, 4))('keep them of the common subset, %s', (_, fault) => {
    const protocol = acsProtocol('first-hand', 'digest') as unknown as Protocol<never>;
    for (const seed of [1, 2]) run(protocol, { seed, adversary: fault(), untilMs: 30_000 });
  });

  test('come out as many at once as the pipeline is deep', () => {
    const links = { delay: { kind: 'const', ms: 100 } } as const;
    const { heights } = run(stableLeader(1).protocol, { seed: 1, links });
    expect(heights.map(({ ms }) => ms)).toEqual(
      Array.from({ length: HEIGHTS }, (_, i) => (i % DEPTH === 0 ? 300 : 0)),
    );
  });

  test.each([1, DEPTH])(
    'are caught up with by a validator that heard nothing for a while, %i at once',
    (pipeline) => {
      const links = {
        delay: { kind: 'exp', meanMs: 50 },
        holdsUntil: (_from: number, to: number, atMs: number) => (to === 0 ? Math.max(atMs, 4000) : atMs),
      } as const;
      const protocol = acsProtocol('first-hand', 'digest') as unknown as Protocol<never>;
      for (const seed of [1, 2, 3]) run(protocol, { seed, pipeline, links });
    },
  );
});

test('a leader that was given up is not waited for at heights that may follow from what it proposed, and is at later ones', () => {
  const givenUp = new GivenUp(DEPTH);
  const [leader, other] = [validatorIndex(2), validatorIndex(1)];
  givenUp.add(leader, 10);
  // Heights 10 to 13 may be under way; 14 to 17 begin after them.
  expect([11, 17, 18].map((height) => givenUp.has(leader, height))).toEqual([true, true, false]);
  expect(givenUp.has(other, 11)).toBe(false);
  givenUp.add(leader, 4);
  expect(givenUp.has(leader, 17)).toBe(true);
});

test('whoever is held and lags is sent no share of a lot beyond its window', () => {
  const simulation = new Simulation({
    n: N,
    seed: 3,
    heights: 1000,
    untilMs: 4000,
    pipeline: DEPTH,
    payloadBytes: 64,
    protocol: finProtocol(),
    schedule: {
      kind: 'links',
      delay: { kind: 'exp', meanMs: 20 },
      holdsUntil: (from, _to, atMs) => (from === 3 && atMs >= 500 && atMs < 3500 ? 3500 : atMs),
    },
  });
  expect(simulation.run().violations).toEqual([]);
  // The others were far enough ahead of what they knew of it.
  expect(simulation.hosts[0]!.height).toBeGreaterThan(2 * PACKET_WINDOW);
});
