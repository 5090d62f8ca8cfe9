import type { ValidatorIndex } from '../params/ids.ts';
import type { Quorum } from '../params/quorum.ts';
import { PACKET_WINDOW } from './peer-windows.ts';

interface Claims {
  readonly digests: Map<ValidatorIndex, string>;
  readonly asked: Set<ValidatorIndex>;
  readonly answered: Set<ValidatorIndex>;
}

/**
 * Takes outputs of heights that others have finished: f + 1 equal claims contain a correct one. Of c claimers of a digest
 * c − f are asked: with l liars among them f + 1 + l claims come in the end, so a correct one is asked, without a clock.
 */
export class Catchup {
  private readonly quorum: Quorum;
  private readonly heights = new Map<number, Claims>();
  private readonly window: number;

  /** @param window heights ahead of the own one that claims are taken of */
  constructor(quorum: Quorum, window: number = PACKET_WINDOW) {
    this.quorum = quorum;
    this.window = window;
  }

  /** A peer says what came out of a height; its first word counts. @returns false beyond the window */
  claim(by: ValidatorIndex, height: number, digest: string, current: number): boolean {
    if (height > current + this.window) return false;
    const claims = this.heights.get(height) ?? { digests: new Map(), asked: new Set(), answered: new Set() };
    this.heights.set(height, claims);
    if (!claims.digests.has(by)) claims.digests.set(by, digest);
    return true;
  }

  /** Whether f + 1 claim the same output. */
  isDone(height: number): boolean {
    return this.certified(height) !== undefined;
  }

  /** Takes out whom to ask for the current height now. */
  asks(height: number): { to: ValidatorIndex; height: number }[] {
    const certified = this.certified(height);
    if (certified === undefined) return [];
    const { asked } = this.heights.get(height)!;
    const next = certified.claimers.filter((by) => !asked.has(by));
    const wanted = certified.claimers.length - this.quorum.f - asked.size;
    return next.slice(0, Math.max(0, wanted)).map((to) => {
      asked.add(to);
      return { to, height };
    });
  }

  /** Whether this peer was asked for this height and has not answered. */
  awaits(from: ValidatorIndex, height: number): boolean {
    const claims = this.heights.get(height);
    return claims?.asked.has(from) === true && !claims.answered.has(from);
  }

  /** Judges the answer of a peer that was asked. @returns whether it is what f + 1 claim */
  answer(from: ValidatorIndex, height: number, digest: string): boolean {
    this.heights.get(height)!.answered.add(from);
    return this.certified(height)?.digest === digest;
  }

  forget(height: number): void {
    this.heights.delete(height);
  }

  private certified(height: number): { digest: string; claimers: ValidatorIndex[] } | undefined {
    const digests = this.heights.get(height)?.digests;
    if (digests === undefined) return undefined;
    const byDigest = new Map<string, ValidatorIndex[]>();
    for (const [by, digest] of digests) {
      const claimers = byDigest.get(digest) ?? [];
      claimers.push(by);
      byDigest.set(digest, claimers);
      if (claimers.length > this.quorum.f) {
        return { digest, claimers: [...digests].filter(([, d]) => d === digest).map(([each]) => each) };
      }
    }
    return undefined;
  }
}
