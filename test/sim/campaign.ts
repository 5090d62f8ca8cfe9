import type { AcsMessage } from '../../src/consensus/acs/frame.ts';
import { ACS_NAMES, acsProtocol } from '../../src/consensus/protocol.ts';
import type { ErasureCode } from '../../src/consensus/rbc/erasure.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import {
  badShares,
  crash,
  fakeNetwork,
  invalidProposal,
  mute,
  twins,
  twisted,
} from '../../src/sim/adversaries/adversaries.ts';
import { flood } from '../../src/sim/adversaries/flood.ts';
import { ACS_TWISTS } from '../../src/sim/adversaries/twists.ts';
import { MEASURED_CPU } from '../../src/sim/cpu.ts';
import type { LinkOptions } from '../../src/sim/links.ts';
import { Prng } from '../../src/sim/prng.ts';
import type { ScheduleOptions } from '../../src/sim/schedule.ts';
import { Simulation, type SimulationOptions } from '../../src/sim/simulation.ts';
import type { Adversary } from '../../src/sim/world.ts';

export const CAMPAIGN_SIZES = [1, 2, 3, 4, 5, 7, 10] as const;

const SINGLE: Readonly<Record<string, () => Adversary<AcsMessage>>> = {
  crash,
  mute,
  twins,
  'fake-network': fakeNetwork,
  'bad-shares': badShares,
  'invalid-proposal': invalidProposal,
  flood: () => flood(60),
  ...Object.fromEntries(
    Object.entries(ACS_TWISTS).map(([name, twist]) => [name, () => twisted<AcsMessage>(name, twist)]),
  ),
};

/** Every faulty validator is something else. */
function mixed(prng: Prng): Adversary<AcsMessage> {
  const kinds = Object.values(SINGLE).filter((make) => make().proposesInvalid !== true);
  return {
    name: 'mixed',
    floods: true,
    open: (world, self) => kinds[prng.below(kinds.length)]!().open(world, self),
  };
}

/** What the last f validators are; `none`: all are correct. */
export const ADVERSARIES = ['none', ...Object.keys(SINGLE), 'mixed'];

/** Links with a faulty phase that ends: losses all the way, walls that fall after a while, narrow pipes, slow processors. */
function badLinks(n: number, prng: Prng): LinkOptions {
  const side = Array.from({ length: n }, (_, i) => i).filter(() => prng.bit() === 1);
  const alone = [prng.below(n)];
  return {
    delay: prng.bit() === 1 ? { kind: 'wan' } : { kind: 'uniform', fromMs: 1, toMs: 200 },
    loss: prng.below(5) / 10,
    bandwidth: 1 + prng.below(1000),
    partitions: [
      { fromMs: prng.below(300), toMs: 300 + prng.below(3000), side },
      { fromMs: 3300, toMs: 3300 + prng.below(9000), side: alone },
    ],
  };
}

export function scheduleOf(n: number, prng: Prng): ScheduleOptions {
  const kinds: readonly (() => ScheduleOptions)[] = [
    () => ({ kind: 'random' }),
    () => ({ kind: 'random' }),
    () => ({ kind: 'fifo' }),
    () => ({ kind: 'lifo' }),
    () => ({ kind: 'lowest-first' }),
    () => ({ kind: 'targeted', target: prng.below(n) }),
    () => ({ kind: 'links', delay: { kind: 'exp', meanMs: 100 } }),
    () => ({ kind: 'links', delay: { kind: 'const', ms: 100 } }),
    () => ({ kind: 'links', ...badLinks(n, prng) }),
    () => ({ kind: 'links', ...badLinks(n, prng) }),
  ];
  return kinds[prng.below(kinds.length)]!();
}

/** One run of the campaign: protocol, broadcast, delivery and heights follow from the seed. */
export interface Cell {
  readonly n: number;
  readonly adversary: string;
  readonly seed: number;
}

export function optionsOf({ n, adversary, seed }: Cell, erasure: ErasureCode): SimulationOptions<AcsMessage> {
  const prng = new Prng(seed * 64 + ADVERSARIES.indexOf(adversary) + 2 ** 40);
  // Shards cost ten times as much to simulate.
  const rbc = prng.below(16) === 0 ? 'avid' : 'digest';
  const acs = ACS_NAMES[prng.bit()];
  const common = {
    n,
    seed,
    protocol: acsProtocol(acs, rbc, erasure),
    schedule: scheduleOf(n, prng),
    heights: rbc === 'digest' && prng.below(n > 5 ? 8 : 3) === 0 ? 2 + prng.below(2) : 1,
    payloadBytes: 10 + prng.below(50),
    ...(prng.below(8) === 0 ? { cpu: MEASURED_CPU } : {}),
  };
  if (adversary === 'none') return common;
  const plays = adversary === 'mixed' ? mixed(prng) : SINGLE[adversary]!();
  return { ...common, faulty: quorumOf(n).f, adversary: plays };
}

/** @returns what is broken, with the command that runs just this again; nothing if all holds */
export function runCell(cell: Cell, erasure: ErasureCode): string[] {
  const options = optionsOf(cell, erasure);
  const { violations } = new Simulation(options).run();
  if (violations.length === 0) return [];
  const { n, adversary, seed } = cell;
  const { schedule, protocol } = options;
  return [
    `SEED=${seed} ${protocol.name} ${JSON.stringify(schedule)}`,
    ...violations
      .slice(0, 5)
      .map(({ property, height, node, detail }) => `${property} ${height}/${node}: ${detail}`),
    `Repeat it with: CELL=${n}:${adversary}:${seed} npx vitest run test/sim/campaign.test.ts`,
  ];
}

/** Adversaries that there is something to play for: without faulty validators all are the same. */
export const adversariesOf = (n: number): readonly string[] => (quorumOf(n).f === 0 ? ['none'] : ADVERSARIES);
