import { randomBytes } from 'node:crypto';
import { dutyIn, type MemberMeans } from '../host/duties.ts';
import type { Rotation } from '../ledger/rotation/rotation.ts';
import type { ProofService } from './proof-service.ts';

/** A member as a process, which proves what it owes elsewhere. */
export interface OwnDuty extends Omit<MemberMeans, 'random'> {
  /** The height that comes next. */
  readonly height: number;
  readonly proofs: Pick<ProofService, 'prove' | 'proveDealing'>;
  /** Whether this epoch is still the member's newest one: nothing is kept for one that it has left. */
  readonly isCurrent: (epoch: number) => boolean;
}

/**
 * The item that a member owes the next epoch now, proved: its registration in the second half of the time for it, then its dealing.
 * @returns undefined if it owes none, or the epoch was over before it was proved
 */
export async function ownDuty(rotation: Rotation, own: OwnDuty): Promise<Uint8Array | undefined> {
  const { epoch, drafted, registerUntil } = rotation;
  // Nobody needs a registration earlier, and each makes a height.
  if (drafted === undefined && 2 * own.height < epoch.firstHeight + registerUntil) return undefined;
  const duty = dutyIn(rotation, { ...own, random: (n) => Uint8Array.from(randomBytes(n)) });
  if (duty === undefined || duty.type === 'again') return duty?.item;
  const { proofs, isCurrent } = own;
  if (duty.type === 'register') {
    const proof = await proofs.prove(duty.witness);
    return isCurrent(epoch.epoch) ? duty.finish(proof) : undefined;
  }
  const proved = await proofs.proveDealing(duty.made);
  return isCurrent(epoch.epoch) ? duty.finish(proved.proofs) : undefined;
}
