import { bigintToBytes, bytesToBigint, concatBytes } from '../../base/bytes.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { PROOF_BYTES } from '../../params/sizes.ts';
import { decodePoint, encodePoint, type Point } from '../babyjub.ts';
import { hashBytes, isInField } from '../hash.ts';
import type { Dealing } from './deal.ts';
import type { EncryptedShares } from './encrypted-share.ts';
import type { DealingSession } from './session.ts';

/** A dealing as it is sent: with one proof of S4r for each recipient. */
export interface ProvedDealing extends Dealing {
  /** PROOF_BYTES each, by recipient; whether they hold is for the verifier of proofs to say. */
  readonly proofs: readonly Uint8Array[];
}

const POINT_BYTES = 64;
const WORD_BYTES = 32;
const SHARES_BYTES = 2 * POINT_BYTES + 2 * WORD_BYTES;
const RECIPIENT_BYTES = SHARES_BYTES + PROOF_BYTES;

/** Bytes of what a dealing to n recipients says, without its proofs. */
export const dealtBytes = (n: number): number => POINT_BYTES + n * SHARES_BYTES;

/** Bytes of a dealing to n recipients: R', and for each A, A', c, c' and a proof. */
export const dealingBytes = (n: number): number => POINT_BYTES + n * RECIPIENT_BYTES;

const encodeShares = ({ commitments, ciphertexts }: EncryptedShares): Uint8Array =>
  concatBytes(
    encodePoint(commitments.decryption),
    encodePoint(commitments.coin),
    bigintToBytes(ciphertexts.decryption, WORD_BYTES),
    bigintToBytes(ciphertexts.coin, WORD_BYTES),
  );

/** R' ‖ for each recipient A ‖ A' ‖ c ‖ c': what is kept of a dealing once its proofs have been verified. */
export const encodeDealt = ({ ephemeral, shares }: Dealing): Uint8Array =>
  concatBytes(encodePoint(ephemeral), ...shares.map(encodeShares));

/** @returns undefined as `decodeDealing`. @param n recipients of the session */
export function decodeDealt(bytes: Uint8Array, n: number): Dealing | undefined {
  if (bytes.length !== dealtBytes(n)) return undefined;
  const ephemeral = decodePoint(bytes.subarray(0, POINT_BYTES));
  const shares = Array.from({ length: n }, (_, i) => decodeShares(bytes, POINT_BYTES + i * SHARES_BYTES));
  if (ephemeral === undefined || !shares.every((one) => one !== undefined)) return undefined;
  return { ephemeral, shares };
}

/** A ‖ A' ‖ c ‖ c' at a place of the bytes. */
function decodeShares(bytes: Uint8Array, at: number): EncryptedShares | undefined {
  const pointAt = (from: number): Point | undefined => decodePoint(bytes.subarray(from, from + POINT_BYTES));
  const wordAt = (from: number): bigint => bytesToBigint(bytes.subarray(from, from + WORD_BYTES));
  const [decryption, coin] = [pointAt(at), pointAt(at + POINT_BYTES)];
  const words = { decryption: wordAt(at + 2 * POINT_BYTES), coin: wordAt(at + 2 * POINT_BYTES + WORD_BYTES) };
  if (decryption === undefined || coin === undefined) return undefined;
  if (!isInField(words.decryption) || !isInField(words.coin)) return undefined;
  return { commitments: { decryption, coin }, ciphertexts: words };
}

/** R' ‖ for each recipient A ‖ A' ‖ c ‖ c' ‖ proof: points as x ‖ y, numbers of 32 bytes big-endian. */
export function encodeDealing({ ephemeral, shares, proofs }: ProvedDealing): Uint8Array {
  const recipients = shares.map((one, i) => concatBytes(encodeShares(one), proofs[i]!));
  return concatBytes(encodePoint(ephemeral), ...recipients);
}

/**
 * @param bytes from outside
 * @param n     recipients of the session
 * @returns     undefined for anything but the one encoding of a dealing to n recipients: another length, a coordinate or a
 *   ciphertext that is not below r, a point off the curve. Neither subgroups, degrees nor proofs are checked here.
 */
export function decodeDealing(bytes: Uint8Array, n: number): ProvedDealing | undefined {
  if (bytes.length !== dealingBytes(n)) return undefined;
  const ephemeral = decodePoint(bytes.subarray(0, POINT_BYTES));
  if (ephemeral === undefined) return undefined;
  const shares: EncryptedShares[] = [];
  const proofs: Uint8Array[] = [];
  for (let i = 0; i < n; i++) {
    const at = POINT_BYTES + i * RECIPIENT_BYTES;
    const one = decodeShares(bytes, at);
    if (one === undefined) return undefined;
    shares.push(one);
    proofs.push(Uint8Array.from(bytes.subarray(at + SHARES_BYTES, at + RECIPIENT_BYTES)));
  }
  return { ephemeral, shares, proofs };
}

/** What names a dealing, 32 bytes each: shown with a signature it tells that the dealer signed, and needs no dealing. */
export interface DealingName {
  /** SHA-256(tag ‖ all but the proofs). */
  readonly dealt: Uint8Array;
  /** SHA-256(tag ‖ proofs). */
  readonly proofs: Uint8Array;
}

const dealtHash = (dealing: Dealing): Uint8Array => hashBytes('dealt', encodeDealt(dealing));

export const dealingName = (dealing: ProvedDealing): DealingName => ({
  dealt: dealtHash(dealing),
  proofs: hashBytes('dealingProofs', ...dealing.proofs),
});

const idOf = (
  session: Pick<DealingSession, 'id'>,
  dealer: ValidatorIndex,
  { dealt }: Pick<DealingName, 'dealt'>,
): Uint8Array =>
  hashBytes('dealingId', bigintToBytes(session.id, WORD_BYTES), bigintToBytes(BigInt(dealer), 4), dealt);

/**
 * What a dealing is called by: SHA-256(tag ‖ session ‖ dealer ‖ hash of all but the proofs). Anybody can make other proofs of one
 * statement, so two dealings that differ in them only are the same; two of one dealer and session with different ids are evidence
 * against it.
 * @returns 32 bytes
 */
export const dealingId = (
  session: Pick<DealingSession, 'id'>,
  dealer: ValidatorIndex,
  dealing: Dealing,
): Uint8Array => idOf(session, dealer, { dealt: dealtHash(dealing) });

/** What a dealer signs of a dealing of this name. @returns 32 bytes */
export const nameDigest = (
  session: Pick<DealingSession, 'id'>,
  dealer: ValidatorIndex,
  name: DealingName,
): Uint8Array => hashBytes('dealingDigest', idOf(session, dealer, name), name.proofs);

/**
 * What a dealer signs: SHA-256(tag ‖ id ‖ hash of the proofs). The proofs are in it, so that a false one convicts its dealer, and nobody
 * can put another in its place; who forwards a dealing forwards its bytes.
 * @returns 32 bytes
 */
export const dealingDigest = (
  session: Pick<DealingSession, 'id'>,
  dealer: ValidatorIndex,
  dealing: ProvedDealing,
): Uint8Array => nameDigest(session, dealer, dealingName(dealing));
