import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { utf8 } from '../base/bytes.ts';
import { byteList, bytes32, bytes48, bytes64, bytes96, uint32, uint256 } from '../base/codec.ts';
import { r } from '../params/fields.ts';
import { MAX_ADDRESS_BYTES, MAX_VALIDATORS } from '../params/sizes.ts';

/** What a committee knows of one of its validators: a member of the registry, with its keys for one epoch. Public. */
export interface ValidatorKeys {
  /** Its position in the chain's registry. */
  readonly registryIndex: number;
  /** Where peers reach it: visible ASCII; empty where all validators run in one process. */
  readonly address: string;
  /** PK on BabyJubJub, 64 bytes x ‖ y: dealings for this epoch are encrypted to it. */
  readonly encryptionKey: Uint8Array;
  /** BLS12-381, 48 bytes: signs headers and settlements. */
  readonly blsKey: Uint8Array;
  /** 96 bytes, of this member for this epoch: without it a key could be made from the others' keys and sign for all of them. */
  readonly possession: Uint8Array;
  /** Ed25519, 32 bytes: signs bundles, dealings and what else a validator says once. */
  readonly signKey: Uint8Array;
  /**
   * idc = H(validator; isk) in F_r: its leaf of the committee tree. 0, the empty leaf, if evidence against the member was found after
   * its seat was given: it keeps the seat and the key shares, and has no vote.
   */
  readonly identityCommitment: bigint;
}

/** Fields of a validator in every encoding that holds one. */
export const KEY_FIELDS = {
  registryIndex: uint32,
  address: byteList(MAX_ADDRESS_BYTES),
  encryptionKey: bytes64,
  blsKey: bytes48,
  possession: bytes96,
  signKey: bytes32,
  identityCommitment: uint256,
};

/** Validators by index, as encodings hold them. */
export const SeatsType = new ListCompositeType(new ContainerType(KEY_FIELDS), MAX_VALIDATORS);

/** Whether a text can be an address: visible ASCII, at most MAX_ADDRESS_BYTES. */
export const isAddress = (text: string): boolean => /^[!-~]*$/.test(text) && text.length <= MAX_ADDRESS_BYTES;

/** @param bytes from outside. @returns undefined for what is no address */
export function readAddress(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes);
  return isAddress(text) ? text : undefined;
}

/** @returns what the encoding of seats takes */
export const writeSeats = (seats: readonly ValidatorKeys[]): ValueOf<typeof SeatsType> =>
  seats.map((seat) => ({ ...seat, address: utf8(seat.address) }));

/** @returns undefined if an address or an identity commitment is none; whether the keys are keys is for others to say */
export function readSeats(written: ValueOf<typeof SeatsType>): ValidatorKeys[] | undefined {
  const seats: ValidatorKeys[] = [];
  for (const each of written) {
    const address = readAddress(each.address);
    if (address === undefined || each.identityCommitment >= r) return undefined;
    seats.push({ ...each, address });
  }
  return seats;
}
