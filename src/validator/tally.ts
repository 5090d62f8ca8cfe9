import { recoverIdentitySecret } from '../crypto/identity.ts';
import type { Evidence } from '../ledger/evidence.ts';
import type { BallotId, ItemId } from '../params/ids.ts';
import { type Ballot, ballotMessage } from './ballot.ts';

export interface Tally {
  /** Items with ≥ f + 1 endorsements, ascending. */
  readonly items: readonly ItemId[];
  /** Nullifiers that counted. */
  readonly counted: number;
  /** Ascending by nullifier. */
  readonly evidence: readonly Evidence[];
}

/**
 * Counts the ballots that the ACS output names. A nullifier with two messages voids both; an item with ≥ f + 1 endorsements
 * is accepted, so an honest validator holds it, and an item that every honest validator lists always is.
 * @param ballots union over the output's bundles, their evidence included; ids are of these ballots
 * @param scope   of the height
 * @param voided  nullifiers of identity secrets that earlier heights revealed
 * @param f       Byzantine validators tolerated
 */
export function tally(
  ballots: ReadonlyMap<BallotId, Ballot>,
  scope: bigint,
  voided: ReadonlySet<bigint>,
  f: number,
): Tally {
  const byNullifier = new Map<bigint, BallotId[]>();
  for (const [id, ballot] of ballots) {
    if (voided.has(ballot.nullifier)) continue;
    byNullifier.set(ballot.nullifier, [...(byNullifier.get(ballot.nullifier) ?? []), id]);
  }
  const evidence: Evidence[] = [];
  const endorsements = new Map<ItemId, number>();
  let counted = 0;
  for (const [nullifier, ids] of byNullifier) {
    if (ids.length === 1) {
      counted += 1;
      for (const item of ballots.get(ids[0]!)!.items)
        endorsements.set(item, (endorsements.get(item) ?? 0) + 1);
    } else {
      const [a, b] = ids.sort();
      const identitySecret = secretOf(ballots.get(a!)!, ballots.get(b!)!, scope);
      if (identitySecret !== undefined) evidence.push({ nullifier, ballots: [a!, b!], identitySecret });
    }
  }
  const items = [...endorsements].filter(([, count]) => count >= f + 1).map(([item]) => item);
  evidence.sort((a, b) => (a.nullifier < b.nullifier ? -1 : 1));
  return { items: items.sort(), counted, evidence };
}

/** isk from two different ballots of one nullifier; undefined if both carry one message. */
export function secretOf(a: Ballot, b: Ballot, scope: bigint): bigint | undefined {
  return recoverIdentitySecret(
    { x: ballotMessage(scope, a.items), y: a.y },
    { x: ballotMessage(scope, b.items), y: b.y },
  );
}
