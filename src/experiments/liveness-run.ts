import { assert } from '../base/errors.ts';
import { quorumOf } from '../params/quorum.ts';
import { crash } from '../sim/adversaries/adversaries.ts';
import { type Leaderless, type Led, runUnderHold } from './leader-hold.ts';

const PROTOCOLS = [
  'acs',
  'pbft, leaders in turn',
  'pbft, stable leader',
  'fin',
  'alea',
  'hotstuff, stable leader',
] as const;
export const LIVENESS_HOLDS = ['0.5 s', '2 s', '8 s', 'unbounded'] as const;
type Hold = (typeof LIVENESS_HOLDS)[number];
/** A protocol and what it runs under. */
export interface LivenessPoint {
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly timeoutDelays: number | null;
  readonly pipeline: number;
  readonly situation: 'calm' | 'held' | 'others held' | 'partition' | 'f crashed';
  readonly hold: 'none' | Hold;
  readonly n: number;
  readonly [column: string]: string | number | null;
}
export interface LivenessFound {
  readonly heightsPerS: number;
  readonly longestGapMs: number;
  readonly afterMs: number | null;
  readonly [column: string]: number | null;
}

export const LIVENESS_LINK_MS = 50;
export const LIVENESS_ATTACK_S = { from: 3, to: 12 };
/** When a run is over: what comes after the attack is asked of partitions only. */
const END_S = 12;
const END_AFTER_PARTITION_S = 18;
/** Rates leave out the first second of the attack, in which what was on its way before arrives. */
export const RATE_S = LIVENESS_ATTACK_S.to - LIVENESS_ATTACK_S.from - 1;
/** More heights than time allows. */
const HEIGHTS = 2000;
const BOUND_MS: Readonly<Record<Hold, number>> = {
  '0.5 s': 500,
  '2 s': 2000,
  '8 s': 8000,
  unbounded: (LIVENESS_ATTACK_S.to - LIVENESS_ATTACK_S.from) * 1000,
};

const endMsOf = ({ situation }: LivenessPoint): number =>
  1000 * (situation === 'partition' ? END_AFTER_PARTITION_S : END_S);

function commitTimes(point: LivenessPoint, seed: number): number[] {
  const { protocol, timeoutDelays, pipeline, situation, hold, n } = point;
  const { f } = quorumOf(n);
  const window = { fromMs: LIVENESS_ATTACK_S.from * 1000, toMs: LIVENESS_ATTACK_S.to * 1000 };
  const boundMs = hold === 'none' ? 0 : BOUND_MS[hold];
  const { report, quorumMs } = runUnderHold({
    protocol: protocol.split(',')[0] as Leaderless | Led,
    leaders: protocol.endsWith('stable leader') ? 'stable' : 'in turn',
    n,
    seed,
    heights: HEIGHTS,
    pipeline,
    untilMs: endMsOf(point),
    timeoutMs: (timeoutDelays ?? 0) * LIVENESS_LINK_MS,
    payloadBytes: 256,
    delay: { kind: 'exp', meanMs: LIVENESS_LINK_MS },
    // Neither side has a quorum.
    partitions:
      situation === 'partition'
        ? [{ ...window, side: Array.from({ length: Math.floor(n / 2) }, (_, i) => i) }]
        : [],
    attack:
      situation === 'held'
        ? { ...window, boundMs, slotMs: boundMs }
        : situation === 'others held'
          ? { ...window, sparesLeaders: true }
          : undefined,
    faulty: situation === 'f crashed' ? f : 0,
    adversary: crash,
  });
  assert(report.violations.length === 0, `no property is broken: ${JSON.stringify(report.violations[0])}`);
  return [...quorumMs];
}

/** Runs one point. */
export function livenessRun(point: LivenessPoint, seed: number): LivenessFound[] {
  const times = commitTimes(point, seed);
  const bounds = [0, ...times, endMsOf(point)];
  const first = times.find((at) => at >= LIVENESS_ATTACK_S.to * 1000) ?? endMsOf(point);
  const [from, to] = [(LIVENESS_ATTACK_S.from + 1) * 1000, LIVENESS_ATTACK_S.to * 1000];
  const heights = times.filter((at) => at >= from && at < to).length;
  return [
    {
      heightsPerS: heights / RATE_S,
      longestGapMs: Math.round(Math.max(...bounds.slice(1).map((at, i) => at - bounds[i]!))),
      afterMs: point.situation === 'partition' ? Math.round(first - LIVENESS_ATTACK_S.to * 1000) : null,
    },
  ];
}
