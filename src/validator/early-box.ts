import type { Height, ValidatorIndex } from '../params/ids.ts';
import { HEIGHT_WINDOW, MAX_MESSAGE_BYTES } from '../params/sizes.ts';
import type { RoundMessage } from './messages.ts';
import type { Out } from './out.ts';

/** Bytes kept for one sender: more than a correct one says in HEIGHT_WINDOW heights. */
const EARLY_BYTES = 4 * MAX_MESSAGE_BYTES;

export interface Early {
  readonly from: ValidatorIndex;
  readonly message: RoundMessage;
  readonly at: Height;
  /** Length of the frame. */
  readonly bytes: number;
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
      box.#bytes.set(early.from, (box.#bytes.get(early.from) ?? 0) + early.bytes);
    }
    return box;
  }

  /** @param current the height in progress. A correct sender keeps to the window (SendWindow), so going beyond it is a fault. */
  keep(early: Early, current: Height, out: Out): void {
    const { from, at, bytes } = early;
    const total = (this.#bytes.get(from) ?? 0) + bytes;
    if (at > current + HEIGHT_WINDOW || total > EARLY_BYTES) {
      return out.fault(from, 'MESSAGE_TOO_EARLY', { height: at, at: current });
    }
    this.#bytes.set(from, total);
    this.#kept.push(early);
  }

  /** Takes out what is for heights that have begun. */
  due(current: Height): Early[] {
    const due = this.#kept.filter(({ at }) => at <= current);
    this.#kept = this.#kept.filter(({ at }) => at > current);
    for (const { from, bytes } of due) this.#bytes.set(from, this.#bytes.get(from)! - bytes);
    return due;
  }
}
