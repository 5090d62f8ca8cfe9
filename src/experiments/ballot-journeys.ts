import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { Links } from '../sim/links.ts';
import { Prng } from '../sim/prng.ts';
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
  readonly colluders: number;
}

const LINK_MS = 50;
const RESEND_MS = 500;

/** What colluders saw of one ballot: who handed it to them, in which way, in which try. */
export interface Sight {
  readonly from: number;
  readonly as: 'stem' | 'broadcast' | 'asked';
}
export interface Journey {
  readonly author: number;
  readonly sights: readonly Sight[];
  /** When the last honest validator has it in public; from the author's first sending, ms. */
  readonly publicMs: number;
  readonly stems: number;
}

/** A committee whose last validators collude, over exponential links; ballots go their way by the validators' own rules. */
export class GossipCommittee {
  readonly n: number;
  readonly f: number;
  readonly honest: number;
  private readonly prng: Prng;
  private readonly links: Links;
  private readonly way: Way;

  constructor({ n, colluders, way }: Setting, seed: number) {
    this.n = n;
    this.f = quorumOf(n).f;
    this.honest = n - colluders;
    this.way = way;
    this.prng = new Prng(seed);
    this.links = new Links(n, { delay: { kind: 'exp', meanMs: LINK_MS } }, new Prng(seed + 2 ** 35));
  }

  private readonly random = (bytes: number): Uint8Array => this.prng.bytes(bytes);

  author(): number {
    return this.prng.below(this.honest);
  }

  below(n: number): number {
    return this.prng.below(n);
  }

  /** The validators' own rule for 1/4; for other probabilities the same rule with another toss. */
  private relay(self: ValidatorIndex): ValidatorIndex | 'all' {
    if (this.way === 'stem 1/4') return relayRoute(this.n, self, this.random).to;
    if (this.prng.chance(FLUFF[this.way])) return 'all';
    return this.first(self, 0).to as ValidatorIndex;
  }

  private first(self: ValidatorIndex, attempt: number) {
    return this.routes(self, attempt)[0]!;
  }

  private routes(self: ValidatorIndex, attempt: number) {
    const strategy = this.way === 'direct' ? 'direct' : 'stem';
    return authorRoutes(strategy, attempt, { n: this.n, f: this.f, self }, this.random);
  }

  arrival(from: number, to: number, atMs: number): number {
    return this.links.arrival(from, to, 400, atMs);
  }

  private broadcastMs(from: number, atMs: number): number {
    let last = atMs;
    for (let to = 0; to < this.honest; to++) last = Math.max(last, this.arrival(from, to, atMs));
    return last;
  }

  /** One ballot's way out. @param drops whether colluders swallow what comes on a stem */
  journey(author: number, drops: boolean): Journey {
    const self = validatorIndex(author);
    const sights: Sight[] = [];
    const isColluder = (i: number): boolean => i >= this.honest;
    let stems = 0;
    for (let attempt = 0; ; attempt++) {
      let atMs = attempt * RESEND_MS;
      const routes = this.routes(self, attempt);
      if (routes[0]!.kind === 'ballot') {
        if (this.honest < this.n) sights.push({ from: author, as: 'broadcast' });
        return { author, sights, publicMs: this.broadcastMs(author, atMs), stems };
      }
      if (attempt >= STEM_TRIES) {
        // f + 1 are asked to broadcast; one is honest, and colluders among them know that authors ask.
        if (routes.some(({ to }) => isColluder(to as number))) sights.push({ from: author, as: 'asked' });
        const times = routes
          .filter(({ to }) => !isColluder(to as number))
          .map(({ to }) => this.broadcastMs(to as number, this.arrival(author, to as number, atMs)));
        return { author, sights, publicMs: Math.min(...times), stems };
      }
      stems += 1;
      let [at, next]: [number, ValidatorIndex | 'all'] = [author, routes[0]!.to];
      let isSeen = false;
      while (next !== 'all') {
        atMs = this.arrival(at, next, atMs);
        if (isColluder(next) && !isSeen) {
          sights.push({ from: at, as: 'stem' });
          isSeen = true;
        }
        at = next;
        if (isColluder(at) && drops) break;
        next = this.relay(validatorIndex(at));
      }
      if (next !== 'all') continue;
      if (!isSeen && this.honest < this.n && !isColluder(at)) sights.push({ from: at, as: 'broadcast' });
      return { author, sights, publicMs: this.broadcastMs(at, atMs), stems };
    }
  }
}
