/** What binary agreement is about. */
export type Bit = 0 | 1;

/** A non-empty set of bits as a mask: 1 = {0}, 2 = {1}, 3 = {0, 1}. */
export type BitSet = 1 | 2 | 3;
export const BOTH: BitSet = 3;

/** {b}. */
export const only = (b: Bit): BitSet => (b === 0 ? 1 : 2);
/** The bit of a set of one; undefined for {0, 1} and for no set. */
export const single = (set: number): Bit | undefined => (set === 1 ? 0 : set === 2 ? 1 : undefined);

/** Kinds of votes in the order of their wire numbers. */
export const VOTE_KINDS = ['bval', 'aux', 'conf', 'term', 'first'] as const;
export type VoteKind = (typeof VOTE_KINDS)[number];

/**
 * One vote of one agreement: BVAL(r, b), AUX(r, b), CONF(r, S), TERM(b, r), FIRST (round 0, {1}). `values` is {b} or S.
 * One shape for all kinds, and the shape of a group in a frame, so that handling a group makes no object a vote.
 */
export interface Vote {
  readonly kind: VoteKind;
  readonly round: number;
  readonly values: BitSet;
}
