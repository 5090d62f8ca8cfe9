import { assert } from '../base/errors.ts';
import type { Prng } from './prng.ts';
import { oneWayMs } from './wan-latency.ts';

/** One-way delay of a link; `wan`: validator i sits in region i mod 10 of the world (wan-latency.ts), ±10 % at random. */
export type Delay =
  | { readonly kind: 'const'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'exp'; readonly meanMs: number }
  | { readonly kind: 'wan' };

/** A delay, or one-way milliseconds from row to column: validator i sits in row i mod their number; ±10 % at random. */
export type LinkDelay = Delay | { readonly kind: 'matrix'; readonly ms: readonly (readonly number[])[] };

/** Validators of one group hear nobody else until the wall falls; what was sent meanwhile arrives after it. */
export interface Partition {
  readonly fromMs: number;
  readonly toMs: number;
  /** Validators on one side; the rest are on the other. */
  readonly side: readonly number[];
}

export interface LinkOptions {
  readonly delay: LinkDelay;
  /** An adversary's hand on a link. @returns when it lets go of what is sent at `atMs`, not before */
  readonly holdsUntil?: (from: number, to: number, atMs: number) => number;
  /** Probability, below 1, that a transmission is lost; it is sent again after RESEND_MS, until it gets through. */
  readonly loss?: number;
  /** Bytes a millisecond that one validator can send, above 0. */
  readonly bandwidth?: number;
  /** One after the other. */
  readonly partitions?: readonly Partition[];
}

/** A lost transmission is noticed and repeated after so long. */
const RESEND_MS = 300;
const WORLD_MS = oneWayMs('world');

/** When a message of one validator reaches another. Every number comes from the seed. */
export class Links {
  private readonly options: LinkOptions;
  private readonly prng: Prng;
  private readonly freeAt: Float64Array;

  constructor(n: number, options: LinkOptions, prng: Prng) {
    const { loss = 0, bandwidth = 1, partitions = [] } = options;
    assert(loss >= 0 && loss < 1 && bandwidth > 0, 'a link lets everything through in the end');
    assert(
      partitions.every(({ fromMs, toMs }, i) => toMs >= fromMs && fromMs >= (partitions[i - 1]?.toMs ?? 0)),
      'partitions follow one another',
    );
    this.options = options;
    this.prng = prng;
    this.freeAt = new Float64Array(n);
  }

  /** @returns virtual ms at which it arrives; oneself is reached at once */
  arrival(from: number, to: number, bytes: number, nowMs: number): number {
    if (from === to) return nowMs;
    const { loss = 0, bandwidth, partitions = [], holdsUntil } = this.options;
    let at = nowMs;
    if (bandwidth !== undefined) {
      at = Math.max(at, this.freeAt[from]!) + bytes / bandwidth;
      this.freeAt[from] = at;
    }
    while (loss > 0 && this.prng.chance(loss)) at += RESEND_MS;
    for (const { fromMs, toMs, side } of partitions) {
      if (at >= fromMs && at < toMs && side.includes(from) !== side.includes(to)) at = toMs;
    }
    if (holdsUntil !== undefined) at = Math.max(at, holdsUntil(from, to, at));
    return at + this.delayMs(from, to);
  }

  private delayMs(from: number, to: number): number {
    const { delay } = this.options;
    switch (delay.kind) {
      case 'const':
        return delay.ms;
      case 'uniform':
        return delay.fromMs + this.uniform() * (delay.toMs - delay.fromMs);
      case 'exp':
        return -delay.meanMs * Math.log(1 - this.uniform());
      case 'wan':
      case 'matrix': {
        const ms = delay.kind === 'wan' ? WORLD_MS : delay.ms;
        return ms[from % ms.length]![to % ms.length]! * (0.9 + 0.2 * this.uniform());
      }
    }
  }

  private uniform(): number {
    return this.prng.uint32() / 2 ** 32;
  }
}
