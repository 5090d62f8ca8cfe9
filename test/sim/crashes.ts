import type { AcsMessage } from '../../src/consensus/acs/frame.ts';
import { acsProtocol } from '../../src/consensus/protocol.ts';
import type { WriteFate } from '../../src/sim/host-log.ts';
import type { ScheduleOptions } from '../../src/sim/schedule.ts';
import type { SimulationOptions } from '../../src/sim/simulation.ts';
import { MonitoredSimulation } from './vote-monitor.ts';

export const FATES: readonly WriteFate[] = ['nothing', 'torn', 'all'];
export const CRASH_SCHEDULES: readonly ScheduleOptions[] = [
  { kind: 'links', delay: { kind: 'const', ms: 100 } },
  { kind: 'links', delay: { kind: 'exp', meanMs: 100 } },
  { kind: 'random' },
  { kind: 'lifo' },
];

type Deaths = ReadonlyMap<number, ReadonlyMap<number, WriteFate>>;
export const crashOptions = (
  deaths: Deaths,
  more: Partial<SimulationOptions<AcsMessage>> = {},
): SimulationOptions<AcsMessage> => ({
  n: 4,
  seed: 1,
  heights: 2,
  payloadBytes: 20,
  protocol: acsProtocol('first-hand', 'digest'),
  schedule: CRASH_SCHEDULES[0]!,
  deaths,
  ...more,
});

/** Writes of a validator's log when nobody dies. */
export function writesOf(i: number, more: Partial<SimulationOptions<AcsMessage>> = {}): number {
  const simulation = new MonitoredSimulation(crashOptions(new Map(), more));
  simulation.run();
  return simulation.logs[i]!.writes;
}

/** What is wrong with a run in which validators die: nothing, it is hoped. */
export function flaws(deaths: Deaths, more: Partial<SimulationOptions<AcsMessage>> = {}): string[] {
  const simulation = new MonitoredSimulation(crashOptions(deaths, more));
  const { violations } = simulation.run();
  const { equivocations } = simulation;
  const broken = violations.map(
    ({ property, height, node, detail }) => `${property} ${height}/${node}: ${detail}`,
  );
  return [...broken, ...equivocations.map((what) => `equivocation: ${what}`)];
}

/** Deaths of validator `i` at one write. */
export const death = (i: number, write: number, fate: WriteFate): Deaths =>
  new Map([[i, new Map([[write, fate]])]]);
