import type { Height, ValidatorIndex } from '../params/ids.ts';

/** How far a height has come at one validator. Public: of ballots those that were broadcast, and not whether it has cast its own. */
export interface HeightProgress {
  readonly height: Height;
  /** Public ballots, of which a quorum makes a proposal. */
  readonly ballots: number;
  /** By proposer. */
  readonly proposals: readonly ProposalProgress[];
  /** Items that were ordered; undefined before. */
  readonly ordered: number | undefined;
  /** Whose shares are here: decryption, beacon and the signature of the header. */
  readonly opening: readonly ValidatorIndex[];
  readonly isSettled: boolean;
  /** Whose signature of the settlement is here. */
  readonly signed: readonly ValidatorIndex[];
}

/** What has become of one validator's bundle in the common subset. */
export interface ProposalProgress {
  /** Whether its broadcast needs nothing any more: it was delivered, or nobody wants it. */
  readonly isHere: boolean;
  /** Whether it is valid; undefined before that is known. */
  readonly isValid: boolean | undefined;
  /** Of the binary agreement on it. */
  readonly round: number;
  readonly decided: 0 | 1 | undefined;
}

/** How far the others and the live heights are, as one validator sees it. */
export interface ChainProgress {
  /** The least height that each validator can be at, by what it has said; by index. */
  readonly reached: readonly Height[];
  /** Items that so many validators hold that ballots may list them. */
  readonly listable: number;
  /** Ascending; one is in progress, and the one before it may not be certified. */
  readonly heights: readonly HeightProgress[];
}

/** @param height in progress */
export function progressOf(
  height: Height,
  window: { heights(self: Height): readonly Height[] },
  mempool: { readonly listable: number },
  rounds: ReadonlyMap<Height, { progressed(): HeightProgress }>,
): ChainProgress {
  const heights = [...rounds.values()].map((round) => round.progressed());
  return { reached: window.heights(height), listable: mempool.listable, heights };
}
