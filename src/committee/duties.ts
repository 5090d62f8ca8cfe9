import type { RandomBytes } from '../base/random.ts';
import { makeDealing } from '../crypto/dealing/deal.ts';
import { dealingStatements } from '../crypto/dealing/verify.ts';
import type { BallotWitness } from '../crypto/identity.ts';
import type { Safe } from '../host/safe.ts';
import { type ChainGenesis, chainHash } from '../ledger/chain-genesis.ts';
import { encodeItem } from '../ledger/items.ts';
import { signDealingItem } from '../ledger/rotation/dealing-item.ts';
import { draftRegistration, signRegistration } from '../ledger/rotation/make-registration.ts';
import { type Rotation, sessionInProgress } from '../ledger/rotation/rotation.ts';
import { validatorIndex } from '../params/ids.ts';

/** What a member needs of the outside for what it owes the next epoch. */
export interface DutyMeans {
  readonly chain: ChainGenesis;
  /** Its index in the registry, and the Ed25519 seed of its permanent key. */
  readonly member: number;
  readonly rootSecret: Uint8Array;
  readonly safe: Safe;
  /** Uniform; nothing that it gave is used for anything else. */
  readonly random: RandomBytes;
  readonly proveBallot: (witness: BallotWitness) => Uint8Array;
  /** A proof of S4r for each of the statements, which hold. */
  readonly proveDealing: (statements: readonly (readonly bigint[])[]) => readonly Uint8Array[];
}

/**
 * The item that a member owes the next epoch, by the state of the chain: its registration until the committee is seated, then its dealing
 * if it is of the committee in office. What it said once it says again. Its secrets, and a finished dealing, are durable before it is
 * handed out.
 * @returns undefined if it owes none
 */
export function dutyOf(rotation: Rotation, means: DutyMeans): Uint8Array | undefined {
  const { epoch, registrations, drafted, next, excluded } = rotation;
  const { member } = means;
  if (excluded.includes(member) || next !== undefined) return undefined;
  if (drafted !== undefined) return dealingOf(rotation, means);
  if (registrations.some(({ registryIndex }) => registryIndex === member)) return undefined;
  return registrationFor(epoch.epoch + 1, means);
}

function registrationFor(epoch: number, means: DutyMeans): Uint8Array {
  const { chain, member, rootSecret, safe, random, proveBallot } = means;
  const said = safe.read('registration', epoch);
  if (said !== undefined) return said;
  const drafted = draftRegistration({ chain: chainHash(chain), registryIndex: member, epoch }, '', random);
  const item = signRegistration(chainHash(chain), drafted, proveBallot(drafted.witness), rootSecret);
  const bytes = encodeItem(item);
  // What was drawn before a crash and not said counts for nothing.
  safe.put('registrant', epoch, drafted.secrets);
  safe.put('registration', epoch, bytes);
  return bytes;
}

function dealingOf(
  rotation: Rotation,
  { safe, member, random, proveDealing }: DutyMeans,
): Uint8Array | undefined {
  const { epoch, dealings } = rotation;
  const seat = epoch.validators.findIndex(({ registryIndex }) => registryIndex === member);
  if (seat < 0 || dealings.some(({ dealer }) => dealer === seat)) return undefined;
  const said = safe.read('dealing', epoch.epoch);
  if (said !== undefined) return said;
  const keys = safe.read('keys', epoch.epoch);
  if (keys === undefined) return undefined;
  const session = sessionInProgress(rotation)!;
  const dealer = validatorIndex(seat);
  const shares = { decryption: keys.decryptionShare, coin: keys.coinShare };
  const { dealing } = makeDealing(session, dealer, shares, random);
  const proofs = proveDealing(dealingStatements(session, dealer, dealing));
  const item = encodeItem(signDealingItem(session, dealer, { ...dealing, proofs }, keys.signSecret));
  safe.put('dealing', epoch.epoch, item);
  return item;
}
