import { quorumOf } from '../../../params/quorum.ts';
import { Prng } from '../../../sim/prng.ts';

/** What happens to one node, for so many seconds; then it is undone. */
export type Disturbance = Alone | Apart | Slow | WrongClock;

interface OnVictim {
  readonly victim: number;
  readonly forS: number;
}
/** Killed and started again, or stopped and continued. */
interface Alone extends OnVictim {
  readonly kind: 'kill' | 'stop';
}
/** Its links to some of the others. */
interface Apart extends OnVictim {
  readonly kind: 'cut' | 'half-open';
  readonly peers: readonly number[];
}
interface Slow extends OnVictim {
  readonly kind: 'slow';
  readonly peers: readonly number[];
  readonly delayMs: number;
}
interface WrongClock extends OnVictim {
  readonly kind: 'clock';
  readonly offsetS: number;
}

/** Disturbances that begin together. The next step waits until all are undone and everybody has caught up. */
export interface ChaosStep {
  readonly disturbances: readonly Disturbance[];
  /** Nothing happens for so long after it. */
  readonly calmS: number;
}

/** Disturbances that take their victim away from the others. */
const AWAY = ['kill', 'stop', 'cut', 'half-open'] as const;
/** Those that leave it with the others. */
const BESIDE = ['slow', 'clock'] as const;
export const DISTURBANCES = [...AWAY, ...BESIDE];
/** Steps of a round: each kind, and killing and stopping of more. */
export const ROUND_STEPS = DISTURBANCES.length + 2;
type Away = (typeof AWAY)[number];

/** A stream that is silent for 10 s is given up (`../../../net/README.md`): what stands still stands longer. */
const STANDING_S = { from: 13, to: 22 };
const SHORT_S = { from: 4, to: 15 };
const CALM_S = { from: 4, to: 10 };
const MOST_SLOW_MS = 1_500;
const OFFSETS_S = [-86_400, -600, -30, 30, 600, 86_400];

interface Dealt {
  readonly kind: Away | (typeof BESIDE)[number];
  /** How many it happens to at once. */
  readonly size: number;
}

/**
 * Seeded torture of a committee of which one node lies: each step has what takes nodes away, what leaves them there, or both. In every
 * round of steps each kind comes once to as few nodes as leave n − f correct ones, and killing and stopping once to more than that.
 * @param validators at least 4
 * @param liar       never a victim but where all are killed
 */
export function planChaos(seed: number, validators: number, liar: number, steps: number): ChaosStep[] {
  const prng = new Prng(seed + 2 ** 36);
  const { f } = quorumOf(validators);
  const spare = f - 1;
  const correct = Array.from({ length: validators }, (_, i) => i).filter((i) => i !== liar);
  const between = ({ from, to }: { readonly from: number; readonly to: number }): number =>
    from + prng.below(to - from + 1);
  const shuffled = <T>(values: readonly T[]): T[] => {
    const left = [...values];
    return values.map(() => left.splice(prng.below(left.length), 1)[0]!);
  };
  const disturbanceOf = (kind: Dealt['kind'], victim: number): Disturbance => {
    const others = shuffled(correct.filter((i) => i !== victim));
    const peers = [...others.slice(0, 1 + prng.below(others.length)), liar];
    if (kind === 'kill') return { kind, victim, forS: between(SHORT_S) };
    if (kind === 'stop') return { kind, victim, forS: between(STANDING_S) };
    if (kind === 'cut') return { kind, victim, peers, forS: between(SHORT_S) };
    if (kind === 'half-open') return { kind, victim, peers, forS: between(STANDING_S) };
    if (kind === 'slow')
      return { kind, victim, peers, forS: between(STANDING_S), delayMs: 50 + prng.below(MOST_SLOW_MS) };
    return { kind, victim, forS: between(STANDING_S), offsetS: OFFSETS_S[prng.below(OFFSETS_S.length)]! };
  };
  const round = (): Dealt[] =>
    shuffled([
      ...AWAY.map((kind) => ({ kind, size: Math.max(1, spare) })),
      ...BESIDE.map((kind) => ({ kind, size: 1 })),
      ...(['kill', 'stop'] as const).map((kind) => ({
        kind,
        size: spare + 1 + prng.below(validators - spare),
      })),
    ]);
  const deck: Dealt[] = [];
  return Array.from({ length: steps }, () => {
    if (deck.length === 0) deck.push(...round());
    const { kind, size } = deck.pop()!;
    const order = shuffled(correct);
    const disturbances = order.slice(0, size).map((victim) => disturbanceOf(kind, victim));
    if (kind === 'kill' && size === validators)
      disturbances.push({ kind, victim: liar, forS: between(SHORT_S) });
    const beside = order[size];
    if (isAway(kind) && beside !== undefined && prng.chance(0.4))
      disturbances.push(disturbanceOf(BESIDE[prng.bit()]!, beside));
    return { disturbances, calmS: between(CALM_S) };
  });
}

const isAway = (kind: Dealt['kind']): kind is Away => (AWAY as readonly string[]).includes(kind);
