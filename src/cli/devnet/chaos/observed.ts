/** What was seen of a committee under torture, and what is to be said of it. Pure. */

/** From a moment on so many correct nodes were up: running, reachable, and caught up since they were last away. */
export interface UpSince {
  readonly atMs: number;
  readonly correctUp: number;
}

/** A height was certified at the first correct node. */
export interface FirstCertified {
  readonly height: number;
  readonly atMs: number;
}

/** What of a batch is judged. */
export interface JudgedBatch {
  readonly id: string;
  readonly lastHeight: number;
  /** The height that was verified when 2f + 1 of them had said so. */
  readonly heldSince: number | undefined;
  /** Heights at which correct nodes said that it was ordered. */
  readonly saidAt: ReadonlySet<number>;
  /** The height of the verified chain that ordered it. */
  readonly orderedAt: number | undefined;
}

/**
 * The longest time without a certified height while enough correct nodes were up all the time, ms.
 * @param up      ascending
 * @param heights ascending
 */
export function longestGapMs(
  up: readonly UpSince[],
  heights: readonly FirstCertified[],
  enough: number,
  endMs: number,
): number {
  let longest = 0;
  for (const [k, { atMs, correctUp }] of up.entries()) {
    if (correctUp < enough || (up[k - 1]?.correctUp ?? 0) >= enough) continue;
    const over = up.slice(k).find((each) => each.correctUp < enough);
    const untilMs = over?.atMs ?? endMs;
    const within = heights.map((each) => each.atMs).filter((ms) => ms > atMs && ms < untilMs);
    const moments = [atMs, ...within, untilMs];
    for (let i = 1; i < moments.length; i++) longest = Math.max(longest, moments[i]! - moments[i - 1]!);
  }
  return longest;
}

/** A batch that 2f + 1 correct nodes hold with more heights than this left in its window has to be ordered. */
const PROMPT_HEIGHTS = 3;

/**
 * Batches that were lost: a correct node said of one that it was ordered, and the chain did not order it there; or 2f + 1 correct nodes
 * held it, which makes it listable for each of them and keeps it, and no height of the rest of its window ordered it.
 * @param endHeight up to which the chain was verified
 */
export const lostBatches = (batches: readonly JudgedBatch[], endHeight: number): readonly JudgedBatch[] =>
  batches.filter(({ heldSince, lastHeight, saidAt, orderedAt }) => {
    if ([...saidAt].some((at) => at !== orderedAt)) return true;
    const isDue = heldSince !== undefined && heldSince + PROMPT_HEIGHTS < lastHeight;
    return isDue && lastHeight <= endHeight && orderedAt === undefined;
  });
