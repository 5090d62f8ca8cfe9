/** Constraints that wait to be looked at. Those of a lower level come first; each waits once in a level. */
export class WorkQueue {
  private levels: { list: number[]; head: number }[];
  private readonly isWaiting: readonly Uint8Array[];

  /** @param size constraints that there are */
  constructor(size: number, levels: number) {
    this.isWaiting = Array.from({ length: levels }, () => new Uint8Array(size));
    this.levels = this.empty();
  }
  private empty(): typeof this.levels {
    return this.isWaiting.map(() => ({ list: [], head: 0 }));
  }
  push(level: number, index: number): void {
    const waiting = this.isWaiting[level]!;
    if (waiting[index] === 1) return;
    waiting[index] = 1;
    this.levels[level]!.list.push(index);
  }
  /** Takes out the first. */
  next(): { readonly level: number; readonly index: number } | undefined {
    for (const [level, own] of this.levels.entries()) {
      const index = own.list[own.head];
      if (index === undefined) continue;
      own.head++;
      if (own.head === own.list.length) [own.list, own.head] = [[], 0];
      this.isWaiting[level]![index] = 0;
      return { level, index };
    }
    return undefined;
  }
  /** Forgets what waits. */
  clear(): void {
    this.mark(0);
    this.levels = this.empty();
  }
  /** Runs something with nothing waiting at first; afterwards what waited before waits again, and nothing else. */
  apart(run: () => void): void {
    const kept = this.levels;
    this.mark(0);
    this.levels = this.empty();
    run();
    this.mark(0);
    this.levels = kept;
    this.mark(1);
  }
  private mark(value: 0 | 1): void {
    for (const [level, { list, head }] of this.levels.entries())
      for (let at = head; at < list.length; at++) this.isWaiting[level]![list[at]!] = value;
  }
}
