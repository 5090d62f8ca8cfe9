import type { RandomBytes } from '../base/random.ts';
import { type MadeDealing, makeDealing } from '../crypto/dealing/deal.ts';
import type { ProvedDealing } from '../crypto/dealing/encoding.ts';
import type { DealingSession, PerKey } from '../crypto/dealing/session.ts';
import { dealingStatements } from '../crypto/dealing/verify.ts';
import { encodeItem } from '../ledger/items.ts';
import { signDealingItem } from '../ledger/rotation/dealing-item.ts';
import { type Rotation, sessionInProgress } from '../ledger/rotation/rotation.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import type { DealerStage, DealingAttack } from './dealing-attacks.ts';

/** A Byzantine member of the committee in office, and what it has. */
export interface Misdealer {
  readonly attack: DealingAttack;
  readonly self: ValidatorIndex;
  /** Its shares of both keys. */
  readonly shares: PerKey<bigint>;
  readonly signSecret: Uint8Array;
  readonly random: RandomBytes;
  /** What others have dealt so far. */
  readonly others: readonly ProvedDealing[];
  /** A proof of S4r for each of the statements, which hold. */
  readonly proveDealing: (statements: readonly (readonly bigint[])[]) => readonly Uint8Array[];
}

/** What a Byzantine member hands to the validators as its dealing to the next committee: encoded items. */
export interface Misdealing {
  readonly toAll: Uint8Array;
  /** Another one, which the first validator gets in its place. */
  readonly toFirst: Uint8Array | undefined;
}

/**
 * What a Byzantine member deals in a rotation.
 * @returns undefined if it deals nothing now
 */
export function misdealingOf(rotation: Rotation, dealer: Misdealer): Misdealing | undefined {
  const session = sessionInProgress(rotation);
  if (session === undefined) return undefined;
  const { attack, self, signSecret } = dealer;
  const stage = stageOf(session, rotation, dealer);
  const dealing = attack.deal(stage);
  if (dealing === undefined) return undefined;
  const encoded = (each: ProvedDealing): Uint8Array =>
    encodeItem(signDealingItem(session, self, each, signSecret));
  const second = attack.second?.(stage);
  return { toAll: encoded(dealing), toFirst: second && encoded(second) };
}

function stageOf(
  session: DealingSession,
  { next }: Rotation,
  { self, shares, random, others, proveDealing }: Misdealer,
): DealerStage {
  const prove = ({ dealing }: MadeDealing, where: DealingSession): ProvedDealing => ({
    ...dealing,
    proofs: proveDealing(dealingStatements(where, self, dealing)),
  });
  const honest = (): ProvedDealing => prove(makeDealing(session, self, shares, random), session);
  return {
    session,
    self,
    random,
    secrets: () => shares,
    isOver: next !== undefined,
    others: () => others,
    honest,
    another: honest,
    prove,
  };
}
