import { identityCommitment } from '../crypto/identity.ts';
import type { ClaimedProof } from '../ledger/claims.ts';
import type { EpochConfig, EpochDomain } from '../ledger/epoch-config.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import { type Ballot, ballotIdOf, ballotMessage, ballotScope, ballotSignals } from './ballot.ts';
import { committeeTree } from './context.ts';
import type { PeerFault } from './faults.ts';
import { isSignedWord, type WordKind, type WordPair, wordPair } from './signed-word.ts';
import { secretOf } from './tally.ts';

/**
 * Evidence that convinces anybody who has the chain's genesis: what one validator said twice, in two ways, where the rules allow it once.
 * No correct validator says any of it, also not after a crash, so nobody can make such evidence against one.
 */
export type ShownEvidence = {
  /** Whom it is against. */
  readonly validator: ValidatorIndex;
  readonly height: Height;
} & (
  | { readonly kind: WordKind; readonly words: WordPair }
  /** Two ballots of one nullifier, the lower id first. They reveal their author's identity secret. */
  | { readonly kind: 'ballot'; readonly ballots: readonly [Ballot, Ballot] }
);

/** Whose evidence it is judged by. */
export interface EvidenceRules {
  readonly domain: EpochDomain;
  readonly epoch: EpochConfig;
}

/** @returns what of a fault convinces others; undefined for a fault that only its witness knows of */
export function shownEvidence(fault: PeerFault): ShownEvidence | undefined {
  const { by: validator } = fault;
  switch (fault.fault) {
    case 'BALLOT_EQUIVOCATION':
      return { kind: 'ballot', validator, height: fault.evidence.height, ballots: fault.evidence.copies };
    case 'BUNDLE_EQUIVOCATION':
      return { kind: 'bundle', validator, height: fault.evidence.height, words: fault.evidence.words };
    case 'FINISH_EQUIVOCATION':
      return { kind: 'finish', validator, height: fault.evidence.height, words: fault.evidence.words };
    case 'SETTLED_EQUIVOCATION':
      return { kind: 'settled', validator, height: fault.evidence.height, words: fault.evidence.words };
    default:
      return undefined;
  }
}

/**
 * Judges evidence as a stranger does, by the epoch's public keys alone.
 * @param evidence its form checked, otherwise hostile
 * @returns why it convinces nobody; or the proofs of S1 that must verify for it to convince, none for signed messages. Never throws.
 */
export function judgeEvidence(
  rules: EvidenceRules,
  evidence: ShownEvidence,
): string | readonly ClaimedProof[] {
  const seat = rules.epoch.validators[evidence.validator];
  if (seat === undefined) return 'the epoch has no such validator';
  if (evidence.height < rules.epoch.firstHeight) return 'the height is before the epoch';
  if (evidence.kind === 'ballot') return judgeBallots(rules, evidence.height, evidence.ballots, seat);
  const { kind, height, words } = evidence;
  const pair = wordPair(...words);
  if (pair === undefined || pair[0] !== words[0]) return 'the messages are one, or in the wrong order';
  for (const word of words)
    if (!isSignedWord(seat.signKey, rules.domain, kind, height, word))
      return 'a signature is not the validator’s over this message';
  return [];
}

function judgeBallots(
  { domain, epoch }: EvidenceRules,
  height: Height,
  ballots: readonly [Ballot, Ballot],
  seat: EpochConfig['validators'][number],
): string | readonly ClaimedProof[] {
  const scope = ballotScope(domain, height);
  const [a, b] = ballots;
  if (ballots.some((ballot) => ballot.height !== height)) return 'a ballot is of another height';
  if (a.nullifier !== b.nullifier) return 'the ballots have two nullifiers, so they may have two authors';
  if (ballots.some(({ items }) => ballotMessage(scope, items) === 0n))
    return 'a ballot’s message hashes to 0';
  if (ballotIdOf(a, scope) >= ballotIdOf(b, scope)) return 'the ballots are one, or in the wrong order';
  const secret = secretOf(a, b, scope);
  if (secret === undefined) return 'both ballots say the same';
  if (identityCommitment(secret) !== seat.identityCommitment) return 'the ballots are another validator’s';
  const { root } = committeeTree(epoch.validators.map((each) => each.identityCommitment));
  return ballots.map((ballot) => ({ signals: ballotSignals(ballot, root, scope), proof: ballot.proof }));
}
