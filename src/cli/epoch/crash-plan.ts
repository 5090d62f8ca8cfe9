import { quorumOf } from '../../params/quorum.ts';
import { Prng } from '../../sim/prng.ts';

/** A moment of a run at which validators are dropped. */
export interface Crash {
  /** Inputs of all validators since the height began. */
  readonly tick: number;
  /** How many are dropped at once. */
  readonly size: number;
  /** The part of its next write that the first one leaves behind, 0 up to 1; undefined: it is dropped between two inputs. */
  readonly torn: number | undefined;
}

/** Inputs of all validators in a height, about, over the square of their number. */
const TICKS = 30;

/**
 * Seeded moments of a run at which validators are dropped, `total` of them in all: one, f + 1 or all at once, half of the time
 * inside a write.
 * @returns for each height, from 1, its moments in their order
 */
export function planCrashes(total: number, heights: number, validators: number, seed: number): Crash[][] {
  const prng = new Prng(seed + 2 ** 35);
  const plan: Crash[][] = Array.from({ length: heights }, () => []);
  const sizes = [1, 1, quorumOf(validators).f + 1, validators];
  for (let left = total, k = 0; left > 0; k++) {
    const size = Math.min(left, sizes[prng.below(sizes.length)]!);
    left -= size;
    plan[k % heights]!.push({
      tick: 1 + prng.below(TICKS * validators ** 2),
      size,
      torn: prng.bit() === 0 ? undefined : prng.uint32() / 2 ** 32,
    });
  }
  return plan.map((crashes) => crashes.sort((a, b) => a.tick - b.tick));
}
