import { concatBytes } from '../../base/bytes.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { sign, verifySignature } from '../signature.ts';
import { dealingBytes, dealingDigest, decodeDealing, encodeDealing, type ProvedDealing } from './encoding.ts';
import type { DealingSession } from './session.ts';
import type { DealingProblem } from './verify.ts';

/** Why a dealing does not count, by its bytes and the session alone. */
export type DealingFlaw = DealingProblem | 'malformed' | 'unsigned' | 'proof';

const SIGNATURE_BYTES = 64;

/** Bytes of a signed dealing to n recipients. */
export const signedDealingBytes = (n: number): number => dealingBytes(n) + SIGNATURE_BYTES;

/**
 * The dealing and its dealer's signature of `dealingDigest`: what it says, its proofs included, is the dealer's word and nobody else's.
 * @param secret Ed25519 seed, 32 bytes
 */
export const signDealing = (
  session: DealingSession,
  dealer: ValidatorIndex,
  dealing: ProvedDealing,
  secret: Uint8Array,
): Uint8Array => concatBytes(encodeDealing(dealing), sign(secret, dealingDigest(session, dealer, dealing)));

/**
 * @param signKey of the dealer
 * @param bytes   from outside
 * @returns       'malformed' for anything but a signed dealing to the session's recipients, 'unsigned' if its dealer did not sign it for
 *   this session. Degrees, subgroups and proofs are not checked here. Never throws.
 */
export function readSignedDealing(
  session: DealingSession,
  dealer: ValidatorIndex,
  signKey: Uint8Array,
  bytes: Uint8Array,
): ProvedDealing | 'malformed' | 'unsigned' {
  if (bytes.length !== signedDealingBytes(session.n)) return 'malformed';
  const body = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  const dealing = decodeDealing(body, session.n);
  if (dealing === undefined) return 'malformed';
  const digest = dealingDigest(session, dealer, dealing);
  return verifySignature(signKey, digest, bytes.subarray(body.length)) ? dealing : 'unsigned';
}
