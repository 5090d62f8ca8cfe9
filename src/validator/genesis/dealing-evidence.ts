import { equalBytes } from '../../base/bytes.ts';
import { dealingId, type ProvedDealing } from '../../crypto/dealing/encoding.ts';
import { readSignedDealing } from '../../crypto/dealing/signed.ts';
import { checkDealing, dealingStatements } from '../../crypto/dealing/verify.ts';
import type { ClaimedProof } from '../../ledger/claims.ts';
import type { Height, ValidatorIndex } from '../../params/ids.ts';
import type { PeerFault } from '../faults.ts';
import type { EvidenceRules } from '../shown-evidence.ts';
import { genesisSession } from './judge-generation.ts';

/**
 * Evidence against a dealer of a chain's first keys that convinces anybody who has the genesis: one signed dealing that does not hold, or
 * two different ones. A correct member signs one dealing, and that one holds, so nobody can make such evidence against it.
 */
export interface DealingEvidence {
  readonly kind: 'dealing';
  readonly validator: ValidatorIndex;
  /** That of genesis. */
  readonly height: Height;
  /** One or two. */
  readonly dealings: readonly Uint8Array[];
}

/** @returns what of a fault convinces others; undefined for a fault that only its witness knows of */
export function dealingEvidence({ by, fault, evidence }: PeerFault): DealingEvidence | undefined {
  if (fault === 'DEALING_EQUIVOCATION')
    return { kind: 'dealing', validator: by, height: evidence.height, dealings: evidence.dealings };
  // Nobody signed what is malformed or unsigned.
  if (fault !== 'DEALING_INVALID' || evidence.problem === 'malformed' || evidence.problem === 'unsigned')
    return undefined;
  return { kind: 'dealing', validator: by, height: evidence.height, dealings: [evidence.dealing] };
}

/**
 * Judges such evidence as a stranger does.
 * @param evidence hostile
 * @returns why it convinces nobody; or proofs, one of which must be false for it to convince: none if it convinces as it is. Never throws.
 */
export function judgeDealings(
  { domain, epoch }: EvidenceRules,
  { validator, dealings }: DealingEvidence,
): string | readonly ClaimedProof[] {
  const session = genesisSession(domain.chainHash, epoch);
  const seat = epoch.validators[validator];
  if (session === undefined || seat === undefined) return 'the first epoch has no such validator';
  const read: ProvedDealing[] = [];
  for (const bytes of dealings) {
    const dealing = readSignedDealing(session, validator, seat.signKey, bytes);
    if (typeof dealing === 'string') return 'a dealing is not signed by the validator';
    read.push(dealing);
  }
  const [first, second] = read;
  if (first === undefined || read.length > 2) return 'it shows one dealing or two';
  if (second !== undefined) {
    const [a, b] = [dealingId(session, validator, first), dealingId(session, validator, second)];
    return equalBytes(a, b) ? 'both dealings are one' : [];
  }
  if (checkDealing(session, validator, first, undefined) !== undefined) return [];
  return dealingStatements(session, validator, first).map((signals, i) => ({
    signals,
    proof: first.proofs[i]!,
  }));
}
