import { assert } from '../base/errors.ts';
import { itemId } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { MAX_BALLOT_ITEMS, MAX_LISTED_IN_VAIN } from '../params/sizes.ts';
import { twisted } from '../sim/adversaries/adversaries.ts';
import { Prng } from '../sim/prng.ts';
import { runUnderHold } from './leader-hold.ts';
import { LedBatches } from './led-batches.ts';
import { ListedBatches } from './listed-batches.ts';
import type { ListRule } from './mempool-committee.ts';
import { mostHarmful } from './most-harmful.ts';
import { splitHeights, type VariantTrader } from './split-variants.ts';
import { mean } from './statistics.ts';

export const HOLDS = ['none', '0.5 s', '2 s', '8 s', 'unbounded'] as const;
export type Hold = (typeof HOLDS)[number];
type Ordering = 'acs' | 'pbft, leaders in turn' | 'pbft, stable leader';
export interface CensorshipPoint {
  readonly part: 'one height' | 'in time' | 'variants';
  readonly protocol: Ordering;
  readonly n: number;
  readonly censors: number;
  readonly holders: number;
  readonly lists: 'none' | 'given' | ListRule;
  readonly requestDelays: number | null;
  readonly censor: 'leaves out' | 'is slow';
  readonly hold: Hold;
  readonly trader: VariantTrader;
  readonly [column: string]: string | number | null;
}
export interface CensorshipFound {
  readonly heights: number;
  readonly endorsements: number | null;
  readonly neverIn: number;
  readonly meanWaitS: number | null;
  readonly longestWaitS: number | null;
  readonly longestWaitHeights: number | null;
  readonly leaderChanges: number | null;
  readonly emptyHeights: number | null;
  readonly traderAccepted: number | null;
  readonly traderProofs: number | null;
  readonly [column: string]: number | null;
}
const NOTHING = {
  endorsements: null,
  meanWaitS: null,
  longestWaitS: null,
  longestWaitHeights: null,
  leaderChanges: null,
  emptyHeights: null,
  traderAccepted: null,
  traderProofs: null,
};

export const MEAN_MS = 50;
/** The time-out of a view, in mean delays; that of a request is an axis. */
export const TIMEOUT_DELAYS = 20;
export const END_S = 30;
export const FIRST_S = 2;
/** Batches of victims in one run, one after the other. */
export const VICTIMS = 4;
const APART_MS = 400;
/** More heights than time allows. */
const HEIGHTS = 2000;
const BOUND_MS: Readonly<Record<Hold, number>> = {
  none: 0,
  '0.5 s': 500,
  '2 s': 2000,
  '8 s': 8000,
  unbounded: END_S * 1000,
};
export const LIST_RULES: readonly ListRule[] = ['held by 2f + 1', 'held by f + 1', 'held'];
export const TRADERS: readonly VariantTrader[] = ['none', 'lasting variants', 'renewed variants'];
/** Heights with a trader: thrice as many as until what is listed in vain goes last. */
export const TRADER_HEIGHTS = 3 * MAX_LISTED_IN_VAIN;

/** Holders are interchangeable here: the adversary's choice is how many there are and which ballots are named. */
function oneHeight({ n, censors, holders }: CensorshipPoint): CensorshipFound[] {
  const victim = itemId('11'.repeat(32));
  const lists = Array.from({ length: n - censors }, (_, i) => (i < holders ? [victim] : []));
  const { items, named } = mostHarmful({ n, censors }, lists, (id) => id === victim);
  const endorsements = named.filter((i) => i < holders).length;
  return [{ ...NOTHING, heights: 1, endorsements, neverIn: items.includes(victim) ? 0 : 1 }];
}

function variants({ n, censors, lists, trader }: CensorshipPoint): CensorshipFound[] {
  const setting = { n, liars: censors, rule: lists as ListRule, trader, heights: TRADER_HEIGHTS };
  const heights = splitHeights(
    setting,
    (correct, isHonest) => mostHarmful({ n, censors }, correct, isHonest).items,
  );
  const waits = heights.flatMap(({ honest }, h) => honest.map((came) => h + 2 - came));
  const empty = heights.filter(({ honest, traders }) => honest.length + traders === 0).length;
  return [
    {
      ...NOTHING,
      heights: heights.length,
      neverIn: 1 - waits.length / heights.length,
      longestWaitHeights: waits.length < heights.length ? null : Math.max(...waits),
      emptyHeights: empty / heights.length,
      traderAccepted: heights.reduce((sum, { traders }) => sum + traders, 0),
      traderProofs: trader === 'none' ? 0 : heights.length * MAX_BALLOT_ITEMS * (n - censors),
    },
  ];
}

function inTime(point: CensorshipPoint, seed: number): CensorshipFound[] {
  const { protocol, n, censors, holders: count, hold, requestDelays } = point;
  const { f } = quorumOf(n);
  const prng = new Prng(seed + 2 ** 34);
  const correct = n - censors;
  // Those that would lead last after a censor.
  const holders = Array.from({ length: count }, (_, i) => correct - count + i);
  const timesMs = Array.from(
    { length: VICTIMS },
    (_, i) => FIRST_S * 1000 + i * APART_MS + (prng.below(1 << 20) / (1 << 20)) * APART_MS,
  );
  const handedIn = { n, censors, holders, timesMs, meanMs: MEAN_MS };
  const timeoutMs = TIMEOUT_DELAYS * MEAN_MS;
  const leading = {
    requestMs: requestDelays === null ? undefined : requestDelays * MEAN_MS,
    timeoutMs,
    censor: point.censor,
  };
  let batches: ListedBatches | LedBatches | undefined;
  const { report, outputs } = runUnderHold({
    protocol: protocol === 'acs' ? 'acs' : 'pbft',
    leaders: protocol === 'pbft, stable leader' ? 'stable' : 'in turn',
    // The f censors follow one another, so that all of them have to be voted out.
    firstLeader: correct % n,
    n,
    seed,
    heights: HEIGHTS,
    untilMs: END_S * 1000,
    timeoutMs,
    payloadBytes: 64,
    delay: { kind: 'exp', meanMs: MEAN_MS },
    attack:
      hold === 'none'
        ? undefined
        : {
            fromMs: 0,
            toMs: END_S * 1000,
            boundMs: BOUND_MS[hold],
            spares: (validator) => validator >= correct,
            holds: (validator) => validator >= correct - f && validator < correct,
          },
    faulty: censors,
    // Censors follow the protocol to the letter; what they leave out is no fault.
    adversary: () => twisted('censor', (message) => [message]),
    onlooker: (view) => {
      batches =
        protocol === 'acs'
          ? new ListedBatches(handedIn, point.lists as ListRule, view, prng)
          : new LedBatches(handedIn, leading, view, prng);
      return batches;
    },
  });
  assert(report.violations.length === 0, `no property is broken: ${JSON.stringify(report.violations[0])}`);
  const { victims } = batches!.waits;
  const ins = victims.filter(({ waitMs }) => waitMs !== undefined);
  const isAll = ins.length === victims.length;
  return [
    {
      ...NOTHING,
      heights: outputs.size,
      neverIn: 1 - ins.length / victims.length,
      meanWaitS: ins.length === 0 ? null : mean(ins.map(({ waitMs }) => waitMs! / 1000)),
      longestWaitS: isAll ? Math.max(...ins.map(({ waitMs }) => waitMs! / 1000)) : null,
      longestWaitHeights: isAll ? Math.max(...ins.map(({ waitHeights }) => waitHeights!)) : null,
      leaderChanges:
        protocol === 'pbft, stable leader' && batches instanceof LedBatches ? batches.changes : null,
    },
  ];
}

export function run(point: CensorshipPoint, seed: number): CensorshipFound[] {
  if (point.part === 'one height') return oneHeight(point);
  return point.part === 'variants' ? variants(point) : inTime(point, seed);
}
