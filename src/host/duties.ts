import type { RandomBytes } from '../base/random.ts';
import { type MadeDealing, makeDealing } from '../crypto/dealing/deal.ts';
import type { DealingSession } from '../crypto/dealing/session.ts';
import type { BallotWitness } from '../crypto/identity.ts';
import { type ChainGenesis, chainHash } from '../ledger/chain-genesis.ts';
import { encodeItem } from '../ledger/items.ts';
import { signDealingItem } from '../ledger/rotation/dealing-item.ts';
import { draftRegistration, signRegistration } from '../ledger/rotation/make-registration.ts';
import { type Rotation, sessionInProgress } from '../ledger/rotation/rotation.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { Safe } from './safe.ts';

/** Who owes something, and what it needs for it. */
export interface MemberMeans {
  readonly chain: ChainGenesis;
  /** Its index in the registry, and the Ed25519 seed of its permanent key. */
  readonly member: number;
  readonly rootSecret: Uint8Array;
  /** Where others reach it; empty where all run in one process. */
  readonly address: string;
  readonly safe: Safe;
  /** The last height in which it may have said what it has forgotten since, because a store was lost; 0 if nothing is. */
  readonly forgottenUntil: number;
  /** Uniform; nothing that it gave is used for anything else. */
  readonly random: RandomBytes;
}

/** What a member owes the next epoch: an item, which may lack its proofs. Whoever `finish`es it has made it durable before it is handed out. */
export type Duty =
  /** It was said before, and is said again as it was. */
  | { readonly type: 'again'; readonly item: Uint8Array }
  /** `witness` is to be proved with circuit S1; secret. */
  | {
      readonly type: 'register';
      readonly witness: BallotWitness;
      readonly finish: (proof: Uint8Array) => Uint8Array;
    }
  /** `made` is to be proved with circuit S4r, for each recipient; secret. */
  | {
      readonly type: 'deal';
      readonly made: MadeDealing;
      readonly dealer: ValidatorIndex;
      readonly session: DealingSession;
      readonly finish: (proofs: readonly Uint8Array[]) => Uint8Array;
    };

/**
 * What a member owes the next epoch, by the state of the chain: its registration until the committee is seated, then its dealing if it is
 * of the committee in office. Its secrets, and a finished dealing, are in its safe before the item is handed out.
 * @returns undefined if it owes nothing, or has said it in this epoch's blocks already
 */
export function dutyIn(rotation: Rotation, means: MemberMeans): Duty | undefined {
  const { epoch, registrations, drafted, next, excluded } = rotation;
  const { member } = means;
  if (excluded.includes(member) || next !== undefined) return undefined;
  if (drafted !== undefined) return dealingDuty(rotation, means);
  if (registrations.some(({ registryIndex }) => registryIndex === member)) return undefined;
  return registrationDuty(epoch.epoch + 1, means);
}

function registrationDuty(
  epoch: number,
  { chain, member, rootSecret, address, safe, random }: MemberMeans,
): Duty {
  const item = safe.read('registration', epoch);
  if (item !== undefined) return { type: 'again', item };
  const name = chainHash(chain);
  const drafted = draftRegistration({ chain: name, registryIndex: member, epoch }, address, random);
  return {
    type: 'register',
    witness: drafted.witness,
    finish: (proof) => {
      const bytes = encodeItem(signRegistration(name, drafted, proof, rootSecret));
      // What was drawn before a crash and not said counts for nothing.
      safe.put('registrant', epoch, drafted.secrets);
      safe.put('registration', epoch, bytes);
      return bytes;
    },
  };
}

function dealingDuty(rotation: Rotation, means: MemberMeans): Duty | undefined {
  const { safe, member, random, forgottenUntil } = means;
  const { epoch, dealings, registerUntil } = rotation;
  const seat = epoch.validators.findIndex(({ registryIndex }) => registryIndex === member);
  if (seat < 0 || dealings.some(({ dealer }) => dealer === seat)) return undefined;
  const item = safe.read('dealing', epoch.epoch);
  if (item !== undefined) return { type: 'again', item };
  const keys = safe.read('keys', epoch.epoch);
  // From R + 1 on it may have dealt, and lost that with its store: a second dealing would be evidence against it.
  if (keys === undefined || forgottenUntil > registerUntil) return undefined;
  const session = sessionInProgress(rotation)!;
  const dealer = validatorIndex(seat);
  const made = makeDealing(
    session,
    dealer,
    { decryption: keys.decryptionShare, coin: keys.coinShare },
    random,
  );
  return {
    type: 'deal',
    made,
    dealer,
    session,
    finish: (proofs) => {
      const bytes = encodeItem(
        signDealingItem(session, dealer, { ...made.dealing, proofs }, keys.signSecret),
      );
      safe.put('dealing', epoch.epoch, bytes);
      return bytes;
    },
  };
}
