import { counted, listed } from '../shell/format.ts';
import type { Health, HeardHeight, Peer, Progress } from './node-answers.ts';

/** The steps of a height in their order, as people read them. */
export const HEIGHT_STEPS = [
  { name: 'items', title: 'Items announced' },
  { name: 'ballots', title: 'Ballots' },
  { name: 'subset', title: 'Common subset' },
  { name: 'opening', title: 'Opening' },
  { name: 'settlement', title: 'Settlement' },
  { name: 'certificate', title: 'Certificate' },
] as const;
export type StepName = (typeof HEIGHT_STEPS)[number]['name'];

/** Where a height is that is not certified yet, by the word of one node, and what it waits for there. */
export interface Stand {
  readonly height: number;
  /** Its place in `HEIGHT_STEPS`. */
  readonly at: number;
  /** How much of the stage is there, as a sentence. */
  readonly there: string;
  /** What may keep it from getting further, as far as the node knows. */
  readonly why: string | undefined;
  /** Whether it cannot get further as long as that holds. */
  readonly isStopped: boolean;
}

/** What the node says of itself and the others. */
export interface Situation {
  readonly progress: Progress;
  readonly health: Health;
  readonly peers: readonly Peer[];
  /** Index of this node's validator, and how many signatures make a quorum. */
  readonly quorum: number;
}

/** @param height of the list in `progress` */
export function standOf(height: HeardHeight, situation: Situation): Stand {
  const { quorum, progress } = situation;
  const { proposals, ballots, ordered, opening, isSettled, signed } = height;
  const at = stageAt(height, situation);
  const undecided = proposals.flatMap(({ decided }, j) => (decided === null ? [j] : []));
  const missing = (has: readonly number[]): number[] =>
    proposals.flatMap((_, i) => (has.includes(i) ? [] : [i]));
  const there: Readonly<Record<StepName, string>> = {
    items:
      progress.listable === 0
        ? 'Nothing that enough validators hold is waiting to be ordered.'
        : `${counted(progress.listable, 'item is', 'items are')} held by enough validators to be listed.`,
    ballots: `${ballots} of ${quorum} anonymous ballots are public.`,
    subset: `Bundles are here of ${listed(proposals.flatMap(({ isHere }, j) => (isHere ? [j] : [])))}; not decided yet: ${listed(undecided)}.`,
    opening: `${counted(ordered ?? 0, 'item is', 'items are')} ordered; ${opening.length} of ${quorum} decryption shares are here, none yet of ${listed(missing(opening))}.`,
    settlement: isSettled ? 'The height is settled here.' : 'The opened orders are being settled.',
    certificate: `${signed.length} of ${quorum} signatures of the result are here, none yet of ${listed(missing(signed))}.`,
  };
  return { height: height.height, at, there: there[HEIGHT_STEPS[at]!.name], ...whyOf(situation) };
}

function stageAt(
  { ballots, proposals, ordered, opening, isSettled }: HeardHeight,
  { progress, quorum }: Situation,
) {
  if (isSettled) return 5;
  if (ordered !== null) return opening.length < quorum ? 3 : 4;
  if (proposals.some(({ isHere, decided }) => isHere || decided !== null)) return 2;
  return ballots > 0 || progress.listable > 0 ? 1 : 0;
}

/** What keeps this node, or a quorum, from getting further, as far as the node knows. */
function whyOf({ health, peers, quorum }: Situation): Pick<Stand, 'why' | 'isStopped'> {
  const down = peers.filter(({ isUp }) => !isUp).map(({ index }) => index);
  if (peers.length + 1 - down.length < quorum) {
    const are = down.length === 1 ? 'is' : 'are';
    const why = `Too few validators are reached: ${listed(down)} of ${peers.length + 1} ${are} not, and ${quorum} are needed.`;
    return { why, isStopped: true };
  }
  if (!health.ok) return { why: health.why, isStopped: true };
  const why = `Validators that are not reached: ${listed(down)}. The others are enough.`;
  return { why: down.length === 0 ? undefined : why, isStopped: false };
}
