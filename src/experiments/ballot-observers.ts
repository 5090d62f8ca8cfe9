import { FLUFF, LINK_MS, RESEND_MS, type Setting, type Sight } from './ballot-journeys.ts';

/** Longer walks are too rare to count. */
const HOPS = 60;
/** Moments of the time in which ballots are made, for a mean over them. */
const STARTS = 32;
/** What no rule allows is this unlikely and not impossible: an observer that is certain and wrong could not be scored. */
export const ALMOST_NEVER = 1e-9;
/** Between the time at which f + 1 are asked and the first stem. */
const ASKED_MS = 3 * RESEND_MS;

/** How likely a sight is of a ballot whose author is the validator that it came from, and of a ballot of any other honest one. */
interface Likelihood {
  readonly self: number;
  readonly other: number;
}
const sum = (all: readonly Likelihood[]): Likelihood => ({
  self: all.reduce((total, { self }) => total + self, 0),
  other: all.reduce((total, { other }) => total + other, 0),
});

/**
 * What a sight says of the author of a ballot, by the rules of the stems and the delays of links. A stem walks among h honest validators; at each
 * hop it goes on to another of them, is broadcast, or meets one of c colluders.
 * @see Reiter and Rubin, Crowds, ACM TISSEC 1 (1998), §5, for the geometric argument
 */
export class SightModel {
  readonly #setting: Setting;
  readonly #h: number;
  readonly #p: number;
  /** P(the walk is with its k-th honest holder, who has not broadcast it) before p. */
  readonly #goesOn: number;
  /** P(the k-th holder is the author). */
  readonly #back: readonly number[];
  readonly #isTimed: boolean;

  /** @param isTimed whether it weighs when sights were */
  constructor(setting: Setting, isTimed: boolean) {
    this.#setting = setting;
    this.#h = setting.n - setting.colluders;
    this.#p = FLUFF[setting.way];
    this.#goesOn = ((this.#h - 1) / (setting.n - 1)) * (1 - this.#p);
    this.#isTimed = isTimed;
    const back = [1];
    for (let k = 1; k < HOPS; k++) back.push(this.#h > 1 ? (1 - back[k - 1]!) / (this.#h - 1) : 1);
    this.#back = back;
  }

  /** P(a ballot's sights | each honest validator is its author), up to a factor: a mean over the times at which it may have been made. */
  likelihoods(sights: readonly Sight[]): number[] {
    const { spreadMs } = this.#setting;
    if (spreadMs === 0 || !this.#isTimed) return this.#fromStart(sights, 0);
    const total = new Array<number>(this.#h).fill(0);
    for (let i = 0; i < STARTS; i++) {
      const startMs = (i / STARTS) * spreadMs;
      if (sights.some(({ atMs }) => atMs < startMs)) break;
      for (const [j, weight] of this.#fromStart(sights, startMs).entries()) total[j]! += weight;
    }
    return total;
  }

  #fromStart(all: readonly Sight[], startMs: number): number[] {
    const sights = all.map((sight) => ({ ...sight, atMs: sight.atMs - startMs }));
    const weights = new Array<number>(this.#h).fill(1);
    const weigh = (from: number, { self, other }: Likelihood): void => {
      if (from >= this.#h || self + other === 0) return;
      const least = ALMOST_NEVER * Math.max(self, other);
      for (let j = 0; j < weights.length; j++) weights[j]! *= Math.max(least, j === from ? self : other);
    };
    /** Stems that the colluders swallowed. */
    let swallowed = 0;
    let lastStem: Sight | undefined;
    let firstBroadcast: Sight | undefined;
    for (const sight of sights) {
      const { from, as } = sight;
      if (as === 'asked') weigh(from, { self: 1, other: 0 });
      else if (as === 'stem') {
        if (lastStem === undefined || this.#setting.drops)
          weigh(from, this.#tries('stem', sight.atMs, swallowed, firstBroadcast).seen);
        else if (this.#isTimed) weigh(from, this.#second(sight, lastStem, firstBroadcast));
        lastStem = sight;
        swallowed += Number(this.#setting.drops);
      } else if (swallowed >= 3) {
        // Validators that were asked by the author: it is none of them.
        weigh(from, { self: 0, other: 1 });
      } else if (firstBroadcast === undefined) {
        if (lastStem === undefined || this.#setting.drops)
          weigh(from, this.#tries('broadcast', sight.atMs, swallowed, undefined).seen);
        firstBroadcast = sight;
      }
    }
    return weights;
  }

  /**
   * Of the tries that the author may have made after so many earlier ones: that one of them is seen at this time and the others are not seen yet,
   * and that none is seen yet.
   */
  #tries(
    as: 'stem' | 'broadcast',
    atMs: number,
    earlier: number,
    broadcast: Sight | undefined,
  ): { readonly seen: Likelihood; readonly none: number } {
    if (!this.#isTimed || this.#p === 1) return { seen: this.#density(as, 0), none: 1 };
    const tries: { readonly made: number; readonly afterMs: number; readonly open: number }[] = [];
    for (let k = earlier; k * RESEND_MS <= atMs && k * RESEND_MS < ASKED_MS; k++) {
      const isSure = k === 0 || (k === earlier && this.#setting.drops);
      const made = isSure ? 1 : this.#isTriedAgain(k, broadcast);
      const afterMs = atMs - k * RESEND_MS;
      tries.push({ made, afterMs, open: 1 - made + made * this.#isOpen(afterMs, 1 - this.#p) });
    }
    const none = tries.reduce((product, { open }) => product * open, 1);
    const seen = tries.map(({ made, afterMs, open }) => {
      const { self, other } = this.#density(as, afterMs);
      const factor = (made * none) / open;
      return { self: factor * self, other: factor * other };
    });
    return { seen: sum(seen), none };
  }

  /** A further stem of a ballot that the colluders passed on: a new try, or the walk that has come back, by a validator that says nothing of the author. */
  #second({ atMs }: Sight, last: Sight, broadcast: Sight | undefined): Likelihood {
    const { n, colluders } = this.#setting;
    const { seen, none } = this.#tries('stem', atMs, 1, broadcast);
    // A walk that was broadcast does not come back.
    if (broadcast !== undefined && broadcast.atMs > last.atMs) return seen;
    const x = (atMs - last.atMs) / LINK_MS;
    let term = Math.exp(-x) / LINK_MS;
    let [back, goesOn] = [0, 1];
    for (let k = 0; k < HOPS; k++) {
      term *= x / (k + 1);
      back += goesOn * term;
      goesOn *= this.#goesOn;
    }
    back *= ((1 - this.#p) * colluders * none) / (n - 1) / this.#h;
    const open = this.#isOpen(atMs - last.atMs, this.#goesOn);
    return { self: seen.self * open + back, other: seen.other * open + back };
  }

  /**
   * P(a walk is not seen yet), each of its links as slow as another; the first one leads to an honest validator with probability goesOn / first.
   */
  #isOpen(afterMs: number, first: number): number {
    const x = afterMs / LINK_MS;
    const goesOn = this.#goesOn;
    return Math.exp(-x) + (Math.exp((goesOn - 1) * x) - Math.exp(-x)) / first;
  }

  /** P(the author has not heard its ballot broadcast before it would try for the k-th time). */
  #isTriedAgain(k: number, broadcast: Sight | undefined): number {
    if (broadcast === undefined) return 1;
    const sentMs = broadcast.atMs - LINK_MS / this.#setting.colluders;
    return Math.min(1, Math.exp((sentMs - k * RESEND_MS) / LINK_MS));
  }

  /**
   * A stem is seen after k + 1 links, a broadcast after k ≥ 1 links and the first of c copies. Sums of k links have Erlang's density; with the first of c copies
   * on top it is g_k = (c E_k − g_(k−1)) / (c − 1), from partial fractions, or E_(k+1) where c = 1. Of each holder's validators that may be the author all are equal but one.
   */
  #density(as: 'stem' | 'broadcast', afterMs: number): Likelihood {
    const { colluders: c, n } = this.#setting;
    if (this.#p === 1) return { self: 1, other: 0 };
    const x = afterMs / LINK_MS;
    let erlang = this.#isTimed ? Math.exp(-x) / LINK_MS : 1;
    let withCopy = (c / LINK_MS) * Math.exp(-c * x);
    let [self, other, goesOn] = [0, 0, 1];
    for (let k = 0; k < HOPS; k++) {
      // `erlang` is the density after k + 1 links, `withCopy` after k and a copy.
      const seen = as === 'stem' || c === 1 ? erlang : Math.max(0, withCopy);
      const factor = as === 'stem' ? c / (n - 1) : this.#p / (1 - this.#p);
      const isHere = as === 'stem' || k > 0 ? factor * goesOn * (this.#isTimed ? seen : 1) : 0;
      self += isHere * this.#back[k]!;
      other += (isHere * (1 - this.#back[k]!)) / Math.max(1, this.#h - 1);
      if (c > 1) withCopy = (c * erlang - withCopy) / (c - 1);
      if (this.#isTimed) erlang *= x / (k + 1);
      goesOn *= this.#goesOn;
    }
    return { self, other };
  }
}

/** The first spy's answer: who handed the ballot to the first colluder, any honest validator if that is none. */
export function firstSpy([first]: readonly Sight[], h: number): number[] {
  if (first === undefined || first.from >= h) return new Array<number>(h).fill(1 / h);
  return Array.from({ length: h }, (_, j) => Number(j === first.from));
}

/**
 * Of things of which each validator has one that may carry its mark (a bundle that names a ballot, a list with a canary): how likely marks are by author, if the
 * author's own mark is there with one probability and each other one with another.
 * @param marks for each thing, by validator
 */
export const markLikelihoods = (marks: readonly boolean[], own: number, others: number): number[] =>
  marks.map((is) => Math.max(ALMOST_NEVER, is ? own / others : (1 - own) / (1 - others)));
