import {
  type FollowedChain,
  type FoundView,
  type FromChain,
  type PageProblem,
  SEEN_HEIGHTS,
  type SeenHeight,
  type VerifiedState,
} from '../worker/messages.ts';

/** All that the chain worker has told so far. What it holds of heights was verified in this browser. */
export interface ChainSeen {
  readonly chain: FollowedChain | undefined;
  /** Ascending, at most `SEEN_HEIGHTS`. */
  readonly heights: readonly SeenHeight[];
  readonly state: VerifiedState | undefined;
  /** How far the node says that the chain is. */
  readonly certified: number;
  /** The last one. Nothing takes a lie back; any other problem ends with a height that is verified, or when the node has nothing more to show. */
  readonly fault: NonNullable<Extract<FromChain, { kind: 'fault' }>['fault']> | undefined;
  readonly failed: PageProblem | undefined;
  readonly found: { readonly text: string; readonly found: FoundView | null } | undefined;
}

export const BEFORE_ANY: ChainSeen = {
  chain: undefined,
  heights: [],
  state: undefined,
  certified: 0,
  fault: undefined,
  failed: undefined,
  found: undefined,
};

/** What is known after one more message of the chain worker. */
export function absorb(seen: ChainSeen, message: FromChain): ChainSeen {
  switch (message.kind) {
    case 'chain':
      return { ...seen, chain: message.chain, failed: undefined };
    case 'verified': {
      const { heights, state } = message;
      const known = seen.heights.filter(({ height }) => !heights.some((each) => each.height === height));
      const all = [...known, ...heights].sort((a, b) => a.height - b.height).slice(-SEEN_HEIGHTS);
      const fault = seen.fault?.isLie ? seen.fault : undefined;
      return { ...seen, heights: all, state, fault, certified: Math.max(seen.certified, state.height) };
    }
    case 'said':
      return { ...seen, certified: message.certified };
    case 'fault':
      if (message.fault === null)
        return seen.fault === undefined || seen.fault.isLie ? seen : { ...seen, fault: undefined };
      // Whoever lied is no better for being out of reach.
      return seen.fault?.isLie && !message.fault.isLie ? seen : { ...seen, fault: message.fault };
    case 'failed':
      return { ...seen, failed: message.problem };
    case 'found':
      return { ...seen, found: { text: message.text, found: message.found } };
  }
}
