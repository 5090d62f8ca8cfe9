import { assert } from '../base/errors.ts';
import { quorumOf } from '../params/quorum.ts';
import { crash } from '../sim/adversaries/adversaries.ts';
import type { LinkDelay } from '../sim/links.ts';
import { Prng } from '../sim/prng.ts';
import { oneWayMs } from '../sim/wan-latency.ts';
import type { RunContext } from './define.ts';
import { type Attack, type HeldRun, runUnderHold } from './leader-hold.ts';
import { mean } from './statistics.ts';

export const WITHOUT_LEADER = ['first-hand', 'bkr', 'bkr over avid', 'fin', 'alea'] as const;
export const WITH_LEADER = ['pbft', 'hotstuff'] as const;
/** Whom the adversary of the network holds: where there is a leader, who leads or others; else f after f, or the same f. */
export type Attacker = 'none' | 'leaders' | 'others' | 'in turn' | 'the same';

export interface WideAreaPoint {
  readonly protocol: (typeof WITHOUT_LEADER)[number] | (typeof WITH_LEADER)[number];
  readonly leaders: 'none' | 'in turn' | 'stable';
  readonly timeoutMs: number | null;
  readonly n: number;
  readonly situation: 'calm' | 'f crashed' | 'attack';
  readonly attacker: Attacker;
  readonly [column: string]: string | number | null;
}
export interface WideAreaFound {
  readonly heightMs: number | null;
  readonly proposals: number | null;
  readonly bytes: number | null;
  readonly bytesPerProposal: number | null;
  readonly leastIncluded: number | null;
  readonly gapMs: number;
  readonly heightsPerS: number | null;
  readonly [column: string]: number | null;
}
export type WideAreaRow = WideAreaPoint & WideAreaFound & { readonly seed: number };

export const PAYLOAD_BYTES = 4096;
export const ATTACK_S = { from: 2, to: 12 };
/** The first second of an attack, in which what was on its way before arrives, is not counted. */
const COUNTED_S = ATTACK_S.to - ATTACK_S.from - 1;
/** No message is held longer; where f after f validators are held, the next ones are after so long. */
export const BOUND_S = 2;
/** More heights than an attack allows. */
const MANY = 1000;

/** Ten cloud regions in an order that the seed draws: validator i sits in the region of place i mod 10. */
export function committeeOf(seed: number): LinkDelay {
  const ms = oneWayMs('world');
  const prng = new Prng(seed + 2 ** 35);
  const order = ms.map((_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return { kind: 'matrix', ms: order.map((from) => order.map((to) => ms[from]![to]!)) };
}

/** Heights of a run without an attack: the first one, which all begin at once, and with leaders that take turns a turn of all of them. */
export const heightsOf = ({ leaders, n }: Pick<WideAreaPoint, 'leaders' | 'n'>): number =>
  leaders === 'in turn' ? n + 1 : 5;

function attackOf({ attacker }: WideAreaPoint, f: number): Attack | undefined {
  if (attacker === 'none') return undefined;
  return {
    fromMs: ATTACK_S.from * 1000,
    toMs: ATTACK_S.to * 1000,
    boundMs: BOUND_S * 1000,
    slotMs: BOUND_S * 1000,
    ...(attacker === 'others' ? { sparesLeaders: true } : {}),
    ...(attacker === 'the same' ? { holds: (validator: number) => validator < f } : {}),
  };
}

function runOf(point: WideAreaPoint, seed: number, { erasure }: RunContext): HeldRun {
  const { protocol, leaders, timeoutMs, n, situation } = point;
  const { f } = quorumOf(n);
  const isAttack = situation === 'attack';
  const run = runUnderHold({
    protocol: protocol === 'first-hand' ? 'acs' : protocol,
    erasure,
    leaders: leaders === 'stable' ? 'stable' : 'in turn',
    n,
    seed,
    heights: isAttack ? MANY : heightsOf(point),
    untilMs: isAttack ? ATTACK_S.to * 1000 : Number.POSITIVE_INFINITY,
    timeoutMs: timeoutMs ?? 0,
    payloadBytes: PAYLOAD_BYTES,
    delay: committeeOf(seed),
    attack: attackOf(point, f),
    faulty: situation === 'f crashed' ? f : 0,
    adversary: crash,
  });
  const [broken] = run.report.violations;
  assert(broken === undefined, `no property is broken: ${JSON.stringify(broken)}`);
  return run;
}

/** Of a run whose heights are all over: of each but the first one. */
function costsOf(point: WideAreaPoint, { report, outputs, quorumMs }: HeldRun) {
  const heights = report.heights.slice(1);
  const last = report.heights.length - 1;
  const correct = point.n - (point.situation === 'f crashed' ? quorumOf(point.n).f : 0);
  const included = Array.from({ length: correct }, (_, i) =>
    mean(
      heights.map(({ height }) =>
        outputs.get(height)!.some(({ proposer }) => Number(proposer) === i) ? 1 : 0,
      ),
    ),
  );
  const [bytes, proposals] = [
    mean(heights.map(({ bytesPerNode }) => bytesPerNode)),
    mean(heights.map((height) => height.outputs)),
  ];
  return {
    heightMs: (quorumMs[last]! - quorumMs[0]!) / last,
    proposals,
    bytes: Math.round(bytes),
    bytesPerProposal: Math.round(bytes / proposals),
    leastIncluded: Math.min(...included),
  };
}

export function wideArea(point: WideAreaPoint, seed: number, context: RunContext): WideAreaFound[] {
  const run = runOf(point, seed, context);
  const isAttack = point.situation === 'attack';
  const times = [0, ...run.quorumMs, ...(isAttack ? [ATTACK_S.to * 1000] : [])];
  const counted = run.quorumMs.filter((at) => at >= (ATTACK_S.from + 1) * 1000).length;
  const nothing = {
    heightMs: null,
    proposals: null,
    bytes: null,
    bytesPerProposal: null,
    leastIncluded: null,
  };
  return [
    {
      ...(isAttack ? nothing : costsOf(point, run)),
      gapMs: Math.round(Math.max(...times.slice(1).map((at, i) => at - times[i]!))),
      heightsPerS: isAttack ? counted / COUNTED_S : null,
    },
  ];
}
