import { type LinkOptions, Links } from './links.ts';
import type { Prng } from './prng.ts';

/**
 * Who decides which message is next: links in virtual time, or an adversary that knows no time. All of them deliver
 * everything in the end.
 */
export type ScheduleOptions =
  | ({ readonly kind: 'links' } & LinkOptions)
  | { readonly kind: 'random' }
  | { readonly kind: 'fifo' }
  | { readonly kind: 'lifo' }
  /** All there is for the lowest validator first. */
  | { readonly kind: 'lowest-first' }
  /** One validator hears and is heard only when there is nothing else. */
  | { readonly kind: 'targeted'; readonly target: number };

export interface Schedule {
  /** Whether keys are milliseconds. */
  readonly timed: boolean;
  /** The key of a delivery: the least is next. `nowMs` is when it leaves, if keys are time. */
  key(from: number, to: number, bytes: number, nowMs: number): number;
}

/** Larger than any sequence number. */
const LATER = 2 ** 40;

export function openSchedule(n: number, options: ScheduleOptions, prng: Prng): Schedule {
  if (options.kind === 'links') {
    const links = new Links(n, options, prng);
    return { timed: true, key: (from, to, bytes, nowMs) => links.arrival(from, to, bytes, nowMs) };
  }
  let sent = 0;
  const key = (from: number, to: number): number => {
    sent += 1;
    switch (options.kind) {
      case 'random':
        return prng.uint32();
      case 'fifo':
        return sent;
      case 'lifo':
        return -sent;
      case 'lowest-first':
        return to * LATER + sent;
      case 'targeted':
        return prng.uint32() + (from === options.target || to === options.target ? LATER : 0);
    }
  };
  return { timed: false, key };
}
