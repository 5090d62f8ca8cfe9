import type { ValidatorIndex } from '../../params/ids.ts';

/**
 * The leaders that one validator has given up, where several heights are under way at once and whoever proposed what a height decided leads
 * the one that begins after it. What a leader proposed before it was given up may still be decided, and then it leads again: at those
 * heights, and no further, it is not waited for a second time.
 */
export class GivenUp {
  private readonly pipeline: number;
  private readonly until = new Map<ValidatorIndex, number>();

  /** @param pipeline heights under way at once */
  constructor(pipeline: number) {
    this.pipeline = pipeline;
  }

  /** No decision came of it in time at this height. Heights up to `pipeline` − 1 later may be under way, and as many follow from them. */
  add(leader: ValidatorIndex, height: number): void {
    this.until.set(leader, Math.max(this.until.get(leader) ?? 0, height + 2 * this.pipeline - 1));
  }

  /** Whether a height need not wait for this leader. */
  has(leader: ValidatorIndex, height: number): boolean {
    return height <= (this.until.get(leader) ?? 0);
  }
}
