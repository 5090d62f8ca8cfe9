import { assert } from '../../base/errors.ts';
import { type BatchKernels, NOBLE } from '../../crypto/batch-kernels.ts';
import { combineDealtKeys } from '../../crypto/dealing/combine.ts';
import type { Dealing } from '../../crypto/dealing/deal.ts';
import { type DealingSession, dealingSession } from '../../crypto/dealing/session.ts';
import { identityCommitment } from '../../crypto/identity.ts';
import { type Height, height, type ValidatorIndex } from '../../params/ids.ts';
import { quorumOf } from '../../params/quorum.ts';
import { type EpochConfig, encryptionKeysOf } from '../epoch-config.ts';
import type { ValidatorKeys } from '../validator-keys.ts';
import type { DealingStatement } from './dealing-item.ts';
import { type EpochDraft, epochOf, seatOf, sessionOf } from './draft.ts';
import type { EvidenceItem } from './evidence-item.ts';
import { canSeat, nextSeats, type SeatingInput } from './next-seats.ts';
import type { RegistrationStatement } from './registration.ts';

/**
 * How one epoch leads to the next, as far as a chain has come: members register until height R, the beacon of R seats the next
 * committee, the old one deals its key shares to it, and with 2f + 1 dealings the next epoch has its keys. All of that comes from
 * ordered items, so everybody who follows the blocks comes to the same. If a part is missing the epoch in office goes on.
 * Plain data, never changed in place. Bounds: MAX_REGISTRY registrations; one dealing of each dealer of either committee.
 */
export interface Rotation {
  /** 32 bytes: the chain. */
  readonly chainHash: Uint8Array;
  /** Who orders the next height. */
  readonly epoch: EpochConfig;
  /**
   * The dealings that made this epoch's key shares, by what they say: who has its encryption key finds its shares in them. None in the
   * first epoch, whose keys are older than the chain: how they were generated its members show (`judgeGeneration`).
   */
  readonly made: readonly CountedDealing[];
  /** R: the last height that orders registrations for the epoch after it. */
  readonly registerUntil: Height;
  /** In the order in which they were ordered, one of each member. */
  readonly registrations: readonly ValidatorKeys[];
  /** The next committee, and the session in which it is dealt to; once R is settled. */
  readonly drafted: DraftedEpoch | undefined;
  /** Dealings of the session by height, then re-check order; once the next epoch is made, those that made it. */
  readonly dealings: readonly CountedDealing[];
  /** The epoch after this one; from the height on that ordered the dealing which completed it. */
  readonly next: EpochConfig | undefined;
  /** Registry indices of those against whom there ever was evidence, ascending: none of them is seated again. */
  readonly excluded: readonly number[];
}

export interface DraftedEpoch {
  readonly draft: EpochDraft;
  /** Id of the session, F_r. */
  readonly session: bigint;
}

/** An ordered dealing, without the proofs that showed it. */
export type CountedDealing = Pick<DealingStatement, 'dealer'> & { readonly dealing: Dealing };

/** Heights after an epoch was made in which its committee is told. */
const NOTICE_HEIGHTS = 2;

const lastRegistration = ({ firstHeight, epochHeights, dealingHeights }: EpochConfig): Height =>
  height(firstHeight + epochHeights - dealingHeights);

/** The rotation as an epoch begins. */
const begun = (rotation: Pick<Rotation, 'chainHash' | 'epoch' | 'made' | 'excluded'>): Rotation => ({
  ...rotation,
  registerUntil: lastRegistration(rotation.epoch),
  registrations: [],
  drafted: undefined,
  dealings: [],
  next: undefined,
});

/** @param chainHash 32 bytes */
export const firstRotation = (chainHash: Uint8Array, epoch: EpochConfig): Rotation =>
  begun({ chainHash, epoch, made: [], excluded: [] });

const sessions = new WeakMap<DraftedEpoch, DealingSession>();

/** The session in which the next committee is dealt to; undefined while there is none. */
export function sessionInProgress({ drafted }: Rotation): DealingSession | undefined {
  if (drafted === undefined) return undefined;
  const known = sessions.get(drafted);
  if (known !== undefined) return known;
  const session = dealingSession(drafted.session, encryptionKeysOf(drafted.draft.seats)!)!;
  sessions.set(drafted, session);
  return session;
}

const seatingOf = ({ epoch, registrations, excluded }: Rotation): SeatingInput => ({
  members: epoch.validators.map(({ registryIndex }) => registryIndex),
  registrations,
  excluded,
});

/** An ordered registration. */
const withRegistration = (rotation: Rotation, registration: RegistrationStatement): Rotation => ({
  ...rotation,
  registrations: [...rotation.registrations, seatOf(registration)],
});

/** An ordered dealing. */
const withDealing = (rotation: Rotation, { dealer, dealing }: DealingStatement): Rotation => ({
  ...rotation,
  dealings: [
    ...rotation.dealings,
    { dealer, dealing: { ephemeral: dealing.ephemeral, shares: dealing.shares } },
  ],
});

/** Evidence of an ordered height. @param secrets identity secrets that equivocations revealed; of others than validators they say nothing */
export function withEvidence(rotation: Rotation, secrets: readonly bigint[]): Rotation {
  const revealed = new Set(secrets.map(identityCommitment));
  const guilty = rotation.epoch.validators.filter((keys) => revealed.has(keys.identityCommitment));
  return guilty.length === 0 ? rotation : withGuilty(rotation, guilty);
}

/** Ordered evidence against a dealer. */
const withConvicted = (rotation: Rotation, { dealer }: Pick<EvidenceItem, 'dealer'>): Rotation =>
  withGuilty(rotation, [rotation.epoch.validators[dealer]!]);

/** An ordered item of the rotation, which passed `checkRotation`. */
export function withItem(
  rotation: Rotation,
  item: RegistrationStatement | DealingStatement | EvidenceItem,
): Rotation {
  if (item.kind === 'registration') return withRegistration(rotation, item);
  return item.kind === 'dealing' ? withDealing(rotation, item) : withConvicted(rotation, item);
}

function withGuilty(rotation: Rotation, guilty: readonly ValidatorKeys[]): Rotation {
  const excluded = new Set([...rotation.excluded, ...guilty.map(({ registryIndex }) => registryIndex)]);
  return { ...rotation, excluded: [...excluded].sort((a, b) => a - b) };
}

/** All items of a height are in: with the dealings of 2f + 1 dealers the next epoch is made, of the first ones in their order. */
export function closed(rotation: Rotation, at: Height, kernels: BatchKernels = NOBLE): Rotation {
  const { epoch, drafted, dealings, next } = rotation;
  const { sharesRequired } = quorumOf(epoch.validators.length);
  if (drafted === undefined || next !== undefined || dealings.length < sharesRequired) return rotation;
  const counted = dealings.slice(0, sharesRequired);
  const { degree } = sessionInProgress(rotation)!;
  const made = new Map<ValidatorIndex, Dealing>(counted.map(({ dealer, dealing }) => [dealer, dealing]));
  const keys = combineDealtKeys('reshare', degree, made, kernels);
  assert(
    keys.decryption.publicKey.equals(epoch.decryptionKey.publicKey) &&
      keys.coin.publicKey.equals(epoch.coinKey.publicKey),
    'new shares are of the old keys: every dealing was bound to its dealer’s old share',
  );
  const firstHeight = height(Math.max(epoch.firstHeight + epoch.epochHeights, at + NOTICE_HEIGHTS));
  return { ...rotation, dealings: counted, next: epochOf(drafted.draft, keys, { ...epoch, firstHeight }) };
}

/**
 * A height is settled, and its beacon known: after R the next committee is seated, or R is put off; before the next epoch's first height
 * that epoch takes over.
 * @param beacon of the height, 64 bytes
 */
export function turned(rotation: Rotation, at: Height, beacon: Uint8Array): Rotation {
  const { chainHash, epoch, registerUntil, drafted, next, dealings, excluded } = rotation;
  if (next !== undefined && at + 1 >= next.firstHeight)
    return begun({ chainHash, epoch: withoutVotes(next, excluded), made: dealings, excluded });
  if (drafted !== undefined || at < registerUntil) return rotation;
  const seats = nextSeats(seatingOf(rotation), beacon);
  if (seats === undefined) return { ...rotation, registerUntil: height(at + epoch.dealingHeights) };
  const draft = { epoch: epoch.epoch + 1, seats };
  const session = sessionOf(chainHash, draft, epoch);
  assert(session !== undefined, 'registered encryption keys are distinct points of the subgroup');
  return { ...rotation, drafted: { draft, session: session.id } };
}

/** Who was found guilty since the committee was seated keeps its shares, and has no vote: it is one of the f. */
function withoutVotes(epoch: EpochConfig, excluded: readonly number[]): EpochConfig {
  if (!epoch.validators.some(({ registryIndex }) => excluded.includes(registryIndex))) return epoch;
  const validators = epoch.validators.map((keys) =>
    excluded.includes(keys.registryIndex) ? { ...keys, identityCommitment: 0n } : keys,
  );
  return { ...epoch, validators };
}

/**
 * Whether heights are to go on though nothing is traded: because the next committee could be seated once R is settled, or because the
 * next epoch is made and has not begun. Either is over after a bounded number of heights, so who is silent delays nothing else.
 */
export const isEpochEventDue = (rotation: Rotation): boolean =>
  rotation.next !== undefined || (rotation.drafted === undefined && canSeat(seatingOf(rotation)));
