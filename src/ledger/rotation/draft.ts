import { ContainerType, type ValueOf } from '@chainsafe/ssz';
import { bigintToBytes } from '../../base/bytes.ts';
import { codec, uint32 } from '../../base/codec.ts';
import type { PerKey } from '../../crypto/dealing/session.ts';
import { type DealingSession, dealingSession } from '../../crypto/dealing/session.ts';
import { hashBytes, hashToField } from '../../crypto/hash.ts';
import type { ThresholdKey } from '../../crypto/threshold-key.ts';
import { type EpochConfig, encryptionKeysOf, epochHash } from '../epoch-config.ts';
import { readSeats, SeatsType, type ValidatorKeys, writeSeats } from '../validator-keys.ts';
import type { RegistrationStatement } from './registration.ts';

/** Who is to run an epoch: fixed before its keys are dealt, so that nobody chooses a seat or a key after seeing a dealing. Public. */
export interface EpochDraft {
  readonly epoch: number;
  /** By validator index. */
  readonly seats: readonly ValidatorKeys[];
}

/** A draft as encodings hold it. */
export const DraftType = new ContainerType({ epoch: uint32, seats: SeatsType });
const draftCodec = codec(DraftType);

export const writeDraft = ({ epoch, seats }: EpochDraft): ValueOf<typeof DraftType> => ({
  epoch,
  seats: writeSeats(seats),
});

/** @returns undefined if a seat is none; whether the keys are keys was the registrations' to show */
export function readDraft(written: ValueOf<typeof DraftType>): EpochDraft | undefined {
  const seats = readSeats(written.seats);
  return seats && { epoch: written.epoch, seats };
}

/** @returns the canonical encoding. @throws {BaseError} CODEC_INPUT for more than MAX_VALIDATORS seats */
export const encodeDraft = (draft: EpochDraft): Uint8Array => draftCodec.encode(writeDraft(draft));

/** @returns undefined for anything but the canonical encoding of a draft. Never throws. */
export function decodeDraft(bytes: Uint8Array): EpochDraft | undefined {
  const written = draftCodec.decode(bytes);
  return written && readDraft(written);
}

/** @returns 32 bytes */
export const draftHash = (draft: EpochDraft): Uint8Array => hashBytes('draft', encodeDraft(draft));

/** The part of a registration that its validator's seat keeps. */
export function seatOf(registration: RegistrationStatement): ValidatorKeys {
  const { registryIndex, address, encryptionKey, blsKey, possession, signKey, identityCommitment } =
    registration;
  return { registryIndex, address, encryptionKey, blsKey, possession, signKey, identityCommitment };
}

/**
 * The session in which the draft's keys are dealt: id = hash of (chain, epoch, draft, epoch before) in F_r. Dealings of one session mean
 * nothing in another.
 * @param chainHash 32 bytes
 * @param previous  the epoch whose committee deals; none at genesis, where the draft's own seats deal
 * @returns undefined if the seats' encryption keys cannot be dealt to (checked registrations always can)
 */
export function sessionOf(
  chainHash: Uint8Array,
  draft: EpochDraft,
  previous: EpochConfig | undefined,
): DealingSession | undefined {
  const keys = encryptionKeysOf(draft.seats);
  const before = previous === undefined ? new Uint8Array() : epochHash(previous);
  const epoch = bigintToBytes(BigInt(draft.epoch), 4);
  return (
    keys && dealingSession(hashToField('dealingSession', chainHash, epoch, draftHash(draft), before), keys)
  );
}

/** The epoch that a draft and its dealt keys make. */
export function epochOf(
  { epoch, seats }: EpochDraft,
  keys: PerKey<ThresholdKey>,
  times: Pick<EpochConfig, 'firstHeight' | 'epochHeights' | 'dealingHeights'>,
): EpochConfig {
  const { firstHeight, epochHeights, dealingHeights } = times;
  return {
    epoch,
    firstHeight,
    epochHeights,
    dealingHeights,
    validators: seats,
    decryptionKey: keys.decryption,
    coinKey: keys.coin,
  };
}
