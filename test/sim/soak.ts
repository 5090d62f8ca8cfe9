import { usedHeapMiB } from '../../src/cli/heap.ts';
import type { AcsMessage } from '../../src/consensus/acs/frame.ts';
import { acsProtocol } from '../../src/consensus/protocol.ts';
import type { Violation } from '../../src/sim/report.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import type { Adversary } from '../../src/sim/world.ts';

const LOOKS = 40;

interface Soak {
  readonly violations: readonly Violation[];
  /** MiB in use, the mean over the second and over the last quarter of the heights: one look depends on the moment. */
  readonly early: number;
  readonly late: number;
}

/** Many heights over exponential links, beside one faulty validator; the heap is looked at on the way. */
export function soak(n: number, heights: number, adversary: Adversary<AcsMessage>): Soak {
  const simulation = new Simulation<AcsMessage>({
    n,
    seed: 1,
    heights,
    payloadBytes: 1000,
    protocol: acsProtocol('first-hand', 'digest'),
    schedule: { kind: 'links', delay: { kind: 'exp', meanMs: 100 } },
    faulty: 1,
    adversary,
  });
  simulation.start();
  const heap: number[] = [];
  while (simulation.step()) {
    const reached = simulation.hosts[0]?.height ?? 0;
    if (reached >= ((heap.length + 1) * heights) / LOOKS) heap.push(usedHeapMiB());
  }
  const mean = (from: number): number =>
    heap.slice(from, from + LOOKS / 4).reduce((sum, mib) => sum + mib, 0) / (LOOKS / 4);
  const { violations } = simulation.report();
  return { violations, early: mean(LOOKS / 4), late: mean((3 * LOOKS) / 4) };
}
