import { dealingStatements } from '../crypto/dealing/verify.ts';
import type { ClaimedProof } from '../ledger/claims.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import { decodeItem } from '../ledger/items.ts';
import { type EpochDraft, sessionOf } from '../ledger/rotation/draft.ts';
import { checkEvidence, type EvidenceItem } from '../ledger/rotation/evidence-item.ts';
import type { DraftedEpoch } from '../ledger/rotation/rotation.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import type { PeerFault } from './faults.ts';
import type { EvidenceRules } from './shown-evidence.ts';

/**
 * Evidence against a dealer of a rotation that convinces anybody who knows the committee that deals: two dealings of one session, or one
 * that does not hold. A correct member signs one dealing of the session that its chain comes to, and that one holds, so nobody can make
 * such evidence against it, whatever is said of the session here.
 */
export interface RotationEvidence {
  readonly kind: 'rotation';
  readonly validator: ValidatorIndex;
  /** The first height of the epoch whose committee deals. */
  readonly height: Height;
  /** Who is dealt to: chain, epoch and draft name the session, which the dealer signed. */
  readonly draft: EpochDraft;
  /** As the chain may have ordered it. */
  readonly item: EvidenceItem;
}

/**
 * @param epoch   whose committee deals
 * @param drafted what the chain has drafted
 * @returns what of a fault convinces others; undefined for another fault, or one of another session
 */
export function rotationEvidence(
  fault: PeerFault,
  epoch: EpochConfig,
  drafted: DraftedEpoch | undefined,
): RotationEvidence | undefined {
  if (fault.fault !== 'DEALER_CONVICTED' || fault.evidence.session !== drafted?.session) return undefined;
  const item = decodeItem(fault.evidence.shown);
  if (item?.kind !== 'evidence') return undefined;
  const { draft } = drafted;
  return { kind: 'rotation', validator: fault.by, height: epoch.firstHeight, draft, item };
}

/**
 * Judges such evidence as a stranger does.
 * @param evidence its form checked, otherwise hostile
 * @returns why it convinces nobody; or proofs, one of which must be false for it to convince: none if it convinces as it is. Never throws.
 */
export function judgeRotation(
  { domain, epoch }: EvidenceRules,
  { validator, height, draft, item }: RotationEvidence,
): string | readonly ClaimedProof[] {
  if (height !== epoch.firstHeight) return 'the height is not the first one of the epoch that deals';
  if (draft.epoch !== epoch.epoch + 1) return 'the draft is not of the epoch after the one that deals';
  const session = sessionOf(domain.chainHash, draft, epoch);
  if (session === undefined || session.id !== item.session)
    return 'the session is not that of the chain, the epoch and the draft';
  if (item.dealer !== validator || epoch.validators[validator] === undefined)
    return 'it is not against the validator that it names';
  const problem = checkEvidence(session, epoch, item);
  if (problem === 'ITEM_EVIDENCE_FALSE') return 'what the validator signed is no wrong of this form';
  if (problem !== undefined) return 'a dealing is not signed by the validator for this session';
  if (item.fault.form !== 'refuted') return [];
  const { dealing } = item.fault;
  return dealingStatements(session, validator, dealing).map((signals, i) => ({
    signals,
    proof: dealing.proofs[i]!,
  }));
}
