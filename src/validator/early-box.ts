import type { Height, ValidatorIndex } from '../params/ids.ts';
import { HEIGHT_WINDOW, MAX_MESSAGE_BYTES, QUEUE_ENTRY_BYTES } from '../params/sizes.ts';
import type { Out } from './out.ts';

/** Bytes of memory kept for one sender: more than what a correct one says in HEIGHT_WINDOW heights takes. */
export const EARLY_BYTES = 4 * MAX_MESSAGE_BYTES;

export interface Early {
  readonly from: ValidatorIndex;
  readonly at: Height;
  /** The frame as it came: what it says takes several times as much memory once it is decoded. */
  readonly frame: Uint8Array;
}

/** What came early as plain data, in the order in which it came. */
export type EarlyBoxState = readonly Early[];

/** Messages for heights that have not begun here, in the order in which they came. */
export class EarlyBox {
  #kept: Early[] = [];
  readonly #bytes = new Map<ValidatorIndex, number>();

  /** May share memory with the box: encode it before the next input. */
  state(): EarlyBoxState {
    return this.#kept;
  }

  /** The box that goes on from there. */
  static restore(state: EarlyBoxState): EarlyBox {
    const box = new EarlyBox();
    for (const early of state) {
      box.#kept.push(early);
      box.#bytes.set(early.from, (box.#bytes.get(early.from) ?? 0) + weightOf(early));
    }
    return box;
  }

  /** @param current the height in progress. A correct sender keeps to the window (SendWindow), so going beyond it is a fault. */
  keep(early: Early, current: Height, out: Out): void {
    const { from, at } = early;
    const total = (this.#bytes.get(from) ?? 0) + weightOf(early);
    if (at > current + HEIGHT_WINDOW || total > EARLY_BYTES) {
      return out.fault(from, 'MESSAGE_TOO_EARLY', { height: at, at: current });
    }
    this.#bytes.set(from, total);
    // A copy, for the frame may be part of a larger buffer.
    this.#kept.push({ ...early, frame: early.frame.slice() });
  }

  /** Takes out what is for heights that have begun. */
  due(current: Height): Early[] {
    const due = this.#kept.filter(({ at }) => at <= current);
    this.#kept = this.#kept.filter(({ at }) => at > current);
    for (const early of due) this.#bytes.set(early.from, this.#bytes.get(early.from)! - weightOf(early));
    return due;
  }
}

const weightOf = ({ frame }: Early): number => frame.length + QUEUE_ENTRY_BYTES;
