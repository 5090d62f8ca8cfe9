import { type BallotId, ballotId, height, type ItemId } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { PROOF_BYTES } from '../params/sizes.ts';
import type { Ballot } from '../validator/ballot.ts';
import { tally } from '../validator/tally.ts';

/** Ballots by different authors; their proofs are not looked at by the tally. */
const ballotsOf = (lists: readonly (readonly ItemId[])[]): (readonly [BallotId, Ballot])[] =>
  lists.map((items, i) => {
    const id = ballotId(i.toString(16).padStart(2, '0').repeat(32));
    const ballot: Ballot = {
      height: height(1),
      items,
      nullifier: BigInt(i + 1),
      y: 1n,
      proof: new Uint8Array(PROOF_BYTES),
    };
    return [id, ballot] as const;
  });

/** All ways to choose so many of the numbers below `count`. */
function* choices(count: number, size: number, from = 0): Generator<number[]> {
  if (size === 0) yield [];
  for (let first = from; first <= count - size && size > 0; first++)
    for (const rest of choices(count, size - 1, first + 1)) yield [first, ...rest];
}

/** What a height accepts, and how it came to that. */
export interface Counted {
  readonly items: readonly ItemId[];
  /** Which correct ballots were counted, by their place in the lists. */
  readonly named: readonly number[];
}

/**
 * What the tally accepts if the adversary chooses which ballots are counted. Each chosen bundle names q ballots of n or more, so the fewest are q,
 * the same for all bundles: those of the censors, who list nothing, and q − censors of the correct ones. Of all these choices it takes the one with the
 * fewest of the victims' items, of equal ones the one with the fewest items. To count more ballots only adds to what is accepted.
 * @param lists of the correct validators whose ballots are there, at least q − censors
 */
export function mostHarmful(
  { n, censors }: { readonly n: number; readonly censors: number },
  lists: readonly (readonly ItemId[])[],
  isVictims: (id: ItemId) => boolean,
): Counted {
  const { f, q } = quorumOf(n);
  const silent = Array.from({ length: censors }, () => []);
  const ballots = ballotsOf([...lists, ...silent]);
  const censored = ballots.slice(lists.length);
  let worst: (Counted & { readonly harm: number }) | undefined;
  for (const named of choices(lists.length, q - censors)) {
    const counted = new Map([...named.map((i) => ballots[i]!), ...censored]);
    const { items } = tally(counted, 1n, new Set(), f);
    const harm = items.filter(isVictims).length * 1e6 + items.length;
    if (worst === undefined || harm < worst.harm) worst = { items, named, harm };
  }
  return { items: worst!.items, named: worst!.named };
}
