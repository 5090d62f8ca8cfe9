import type { ItemId } from '../params/ids.ts';

/** A victim's batch, and what became of it. */
interface Victim {
  readonly id: ItemId;
  readonly fromMs: number;
  /** Heights that f + 1 correct validators had when it was handed in. */
  heightsBefore: number;
  waitMs: number | undefined;
  waitHeights: number | undefined;
}

/** How long batches wait, from the time at which they are handed in until f + 1 correct validators have a height that includes them. */
export class BatchWaits {
  readonly victims: readonly Victim[];
  #heights = 0;

  constructor(batches: readonly { readonly id: ItemId; readonly fromMs: number }[]) {
    this.victims = batches.map((batch) => ({
      ...batch,
      heightsBefore: 0,
      waitMs: undefined,
      waitHeights: undefined,
    }));
  }

  /** f + 1 correct validators have the next height. @returns whether all batches are in */
  ordered(included: readonly ItemId[], nowMs: number): boolean {
    this.#heights += 1;
    for (const victim of this.victims) {
      if (victim.fromMs > nowMs) victim.heightsBefore = this.#heights;
      else if (victim.waitMs === undefined && included.includes(victim.id)) {
        victim.waitMs = nowMs - victim.fromMs;
        victim.waitHeights = this.#heights - victim.heightsBefore;
      }
    }
    return this.victims.every(({ waitMs }) => waitMs !== undefined);
  }
}
