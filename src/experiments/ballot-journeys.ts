import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { Links } from '../sim/links.ts';
import type { Prng } from '../sim/prng.ts';
import { authorRoutes, relayRoute, STEM_TRIES } from '../validator/dissemination.ts';

export type Way = 'direct' | 'stem 1/2' | 'stem 1/4' | 'stem 1/8';
/** Chance that a ballot is broadcast at a hop. */
export const FLUFF: Readonly<Record<Way, number>> = {
  direct: 1,
  'stem 1/2': 1 / 2,
  'stem 1/4': 1 / 4,
  'stem 1/8': 1 / 8,
};
export interface Setting {
  readonly way: Way;
  readonly n: number;
  /** The last validators, who tell one another all that they see, and when. */
  readonly colluders: number;
  /** Whether they swallow what comes on a stem, and what they are asked to broadcast. */
  readonly drops: boolean;
  /** Ballots are made at times that are uniform over so long. */
  readonly spreadMs: number;
}

/** Mean delay of a link. */
export const LINK_MS = 50;
/** An author that has not heard its ballot broadcast tries again after so long. */
export const RESEND_MS = 500;

/** What colluders saw of one ballot: who handed it to the first of them, in which way and when. A broadcast comes to all; the first copy counts. */
export interface Sight {
  readonly from: number;
  readonly as: 'stem' | 'broadcast' | 'asked';
  readonly atMs: number;
}
export interface Journey {
  readonly author: number;
  /** By time. */
  readonly sights: readonly Sight[];
  /** When the last honest validator has it in public; from the author's first sending, ms. */
  readonly publicMs: number;
  /** When each validator has it in public, ms. */
  readonly publicAt: Float64Array;
  readonly stems: number;
}

/** A committee over exponential links; ballots go their way by the validators' own rules. */
export class GossipCommittee {
  readonly #setting: Setting;
  readonly #f: number;
  readonly #honest: number;
  readonly #prng: Prng;
  readonly #links: Links;

  constructor(setting: Setting, prng: Prng) {
    this.#setting = setting;
    this.#f = quorumOf(setting.n).f;
    this.#honest = setting.n - setting.colluders;
    this.#prng = prng;
    this.#links = new Links(setting.n, { delay: { kind: 'exp', meanMs: LINK_MS } }, prng);
  }

  readonly #random = (bytes: number): Uint8Array => this.#prng.bytes(bytes);

  /** One ballot of each honest validator, in their order. */
  height(): Journey[] {
    return Array.from({ length: this.#honest }, (_, author) =>
      this.#journey(author, (this.#prng.below(1 << 20) / (1 << 20)) * this.#setting.spreadMs),
    );
  }

  /** The validators' own rule for 1/4; for other probabilities the same rule with another toss. */
  #relay(self: number): ValidatorIndex | 'all' {
    const { way, n } = this.#setting;
    if (way === 'stem 1/4') return relayRoute(n, validatorIndex(self), this.#random).to;
    return this.#prng.chance(FLUFF[way]) ? 'all' : (this.#routes(self, 0)[0]!.to as ValidatorIndex);
  }

  #routes(self: number, attempt: number) {
    const { way, n } = this.#setting;
    const strategy = way === 'direct' ? 'direct' : 'stem';
    return authorRoutes(strategy, attempt, { n, f: this.#f, self: validatorIndex(self) }, this.#random);
  }

  #arrival(from: number, to: number, atMs: number): number {
    return this.#links.arrival(from, to, 400, atMs);
  }

  #journey(author: number, startMs: number): Journey {
    const { n, drops } = this.#setting;
    const isColluder = (i: number): boolean => i >= this.#honest;
    const sights: Sight[] = [];
    const publicAt = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    const broadcasters = new Set<number>();
    const broadcast = (from: number, atMs: number): void => {
      if (broadcasters.has(from)) return;
      broadcasters.add(from);
      let first = Number.POSITIVE_INFINITY;
      for (let to = 0; to < n; to++) {
        const at = this.#arrival(from, to, atMs);
        publicAt[to] = Math.min(publicAt[to]!, at);
        if (isColluder(to)) first = Math.min(first, at);
      }
      if (isColluder(n - 1)) sights.push({ from, as: 'broadcast', atMs: first });
    };
    const walk = (to: ValidatorIndex, atMs: number): void => {
      let [from, next, at]: [number, ValidatorIndex | 'all', number] = [author, to, atMs];
      while (next !== 'all') {
        at = this.#arrival(from, next, at);
        if (isColluder(next) && !isColluder(from)) sights.push({ from, as: 'stem', atMs: at });
        if (isColluder(next) && drops) return;
        // Who has broadcast a ballot does nothing more with it.
        if (broadcasters.has(next)) return;
        from = next;
        next = this.#relay(from);
      }
      broadcast(from, at);
    };
    let stems = 0;
    for (let attempt = 0; attempt <= STEM_TRIES; attempt++) {
      const atMs = startMs + attempt * RESEND_MS;
      if (publicAt[author]! <= atMs) break;
      for (const { to, kind } of this.#routes(author, attempt)) {
        if (to === 'all') broadcast(author, atMs);
        else if (kind === 'stem') {
          stems += 1;
          walk(to, atMs);
        } else {
          const at = this.#arrival(author, to, atMs);
          if (isColluder(to)) sights.push({ from: author, as: 'asked', atMs: at });
          if (!isColluder(to) || !drops) broadcast(to, at);
        }
      }
    }
    sights.sort((a, b) => a.atMs - b.atMs);
    const lastMs = publicAt.subarray(0, this.#honest).reduce((max, at) => Math.max(max, at), 0);
    return { author, sights, publicMs: lastMs - startMs, publicAt, stems };
  }
}
