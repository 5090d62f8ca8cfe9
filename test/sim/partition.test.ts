import { describe, expect, test } from 'vitest';
import type { AcsMessage } from '../../src/consensus/acs/frame.ts';
import { acsProtocol } from '../../src/consensus/protocol.ts';
import { twisted } from '../../src/sim/adversaries/adversaries.ts';
import { ACS_TWISTS } from '../../src/sim/adversaries/twists.ts';
import { PACKET_WINDOW } from '../../src/sim/peer-windows.ts';
import { Simulation } from '../../src/sim/simulation.ts';

const MiB = 2 ** 20;
const protocol = acsProtocol('first-hand', 'digest');

/** Runs n validators of whom one is alone until the others are 110 heights ahead; looks at everybody's memory all the while. */
function apart(n: number, payloadBytes: number, liars: boolean) {
  const heights = 120;
  const alone = 1;
  const simulation = new Simulation<AcsMessage>({
    n,
    seed: 5,
    heights,
    payloadBytes,
    protocol,
    schedule: {
      kind: 'links',
      delay: { kind: 'const', ms: 100 },
      partitions: [{ fromMs: 0, toMs: 100_000, side: [alone] }],
    },
    ...(liars ? { faulty: 1, adversary: twisted('random', ACS_TWISTS.random) } : {}),
  });
  simulation.start();
  let mostEarly = 0;
  let mostWithheld = 0;
  let behind = 0;
  for (let steps = 0; simulation.step(); steps++) {
    if (steps % 8 > 0) continue;
    simulation.hosts.forEach((host, i) => {
      if (host === undefined) return;
      const status = host.status();
      mostEarly = Math.max(mostEarly, ...status.earlyBytes);
      if (i !== alone) mostWithheld = Math.max(mostWithheld, status.withheld);
    });
    behind = Math.max(behind, simulation.hosts[0]!.height - simulation.hosts[alone]!.height);
  }
  return { report: simulation.report(), mostEarly, mostWithheld, behind, simulation };
}

describe('a validator that was alone for more than 100 heights', () => {
  test.each([
    [4, false],
    [7, true],
  ])('catches up when the wall falls; memory is bounded: %i validators, beside a liar: %s', (n, liars) => {
    const { report, mostEarly, mostWithheld, behind } = apart(n, 1000, liars);
    expect(report.violations).toEqual([]);
    expect(behind).toBeGreaterThanOrEqual(100);
    // What waits at a sender is of at most two heights; what waits at a receiver, of at most a window of them.
    expect(mostWithheld).toBeLessThan(2 * n * 20);
    expect(mostEarly).toBeLessThan(MiB);
  });

  test('is told of heights in windows, and takes none but what f + 1 claim', () => {
    const { report, simulation } = apart(4, 20, false);
    expect(report.violations).toEqual([]);
    const last = report.heights.at(-1)!;
    expect(last.outputs).toBeGreaterThanOrEqual(3);
    expect(simulation.hosts[1]!.status().earlyBytes).toEqual([0, 0, 0, 0]);
  });
});

test('a validator with nothing to propose learns as much, window by window: it says where it is', () => {
  const { violations } = new Simulation<AcsMessage>({
    n: 4,
    seed: 1,
    heights: 3 * PACKET_WINDOW,
    payloadBytes: 20,
    protocol,
    idle: [3],
    schedule: {
      kind: 'links',
      delay: { kind: 'const', ms: 100 },
      partitions: [{ fromMs: 0, toMs: 90_000, side: [3] }],
    },
  }).run();
  expect(violations).toEqual([]);
});

test('nobody says anything when nobody has anything to propose', () => {
  for (const n of [1, 2, 3, 4, 7]) {
    const schedule = { kind: 'links', delay: { kind: 'const', ms: 100 } } as const;
    const idle = Array.from({ length: n }, (_, i) => i);
    const options = { n, seed: 1, heights: 5, payloadBytes: 20, protocol, schedule, idle };
    const { messages, events } = new Simulation(options).run();
    expect({ messages, events }).toEqual({ messages: 0, events: 0 });
  }
});
