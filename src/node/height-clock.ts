/**
 * Moments of a height in the order in which one waits for them: the first item comes, something is listable, the own ballot is cast and
 * proved, q ballots are here, the height is ordered, and settled.
 */
const MOMENTS = ['item', 'votable', 'cast', 'proved', 'proposed', 'ordered', 'settled'] as const;
export type Moment = (typeof MOMENTS)[number];

/** What lies between a moment and the one before it. */
export const HEIGHT_PARTS = ['spread', 'gather', 'prove', 'ballots', 'agree', 'settle'] as const;
export type HeightPart = (typeof HEIGHT_PARTS)[number];

/** How long the parts of a height take at one validator. They add up to the time from the first item to the settlement. */
export class HeightClock {
  readonly #onPart: (part: HeightPart, ms: number) => void;
  readonly #at = new Map<Moment, number>();

  constructor(onPart: (part: HeightPart, ms: number) => void) {
    this.#onPart = onPart;
  }

  /** Only the first of its kind in a height counts. */
  mark(moment: Moment): void {
    const at = this.#at;
    if (moment === 'item' && at.has('cast')) return;
    if (!at.has(moment)) at.set(moment, performance.now());
    if (moment === 'settled') this.#tell();
  }

  /** Another height: what was marked of the one before is forgotten. */
  began(): void {
    this.#at.clear();
  }

  /** A height without items, or whose block was taken, tells nothing. What came later than what follows it was not waited for. */
  #tell(): void {
    const at = this.#at;
    const [first, last] = [at.get('item'), at.get('settled')!];
    if (first === undefined || !at.has('votable') || !at.has('ordered')) return;
    let next = last;
    for (let i = MOMENTS.length - 2; i >= 0; i--) {
      const before = Math.max(first, Math.min(next, at.get(MOMENTS[i]!) ?? next));
      this.#onPart(HEIGHT_PARTS[i]!, next - before);
      next = before;
    }
  }
}
