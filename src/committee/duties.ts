import { dealingStatements } from '../crypto/dealing/verify.ts';
import type { BallotWitness } from '../crypto/identity.ts';
import { dutyIn, type MemberMeans } from '../host/duties.ts';
import type { Rotation } from '../ledger/rotation/rotation.ts';

/** What a member needs of the outside for what it owes the next epoch. */
export interface DutyMeans extends Omit<MemberMeans, 'address'> {
  readonly proveBallot: (witness: BallotWitness) => Uint8Array;
  /** A proof of S4r for each of the statements, which hold. */
  readonly proveDealing: (statements: readonly (readonly bigint[])[]) => readonly Uint8Array[];
}

/** The item that a member owes the next epoch, with proofs that are there at once. @returns undefined if it owes none */
export function dutyOf(rotation: Rotation, means: DutyMeans): Uint8Array | undefined {
  const duty = dutyIn(rotation, { ...means, address: '' });
  if (duty === undefined) return undefined;
  if (duty.type === 'again') return duty.item;
  if (duty.type === 'register') return duty.finish(means.proveBallot(duty.witness));
  const { session, dealer, made } = duty;
  return duty.finish(means.proveDealing(dealingStatements(session, dealer, made.dealing)));
}
