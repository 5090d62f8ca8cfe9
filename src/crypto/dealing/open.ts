import { bigintToBytes, concatBytes, utf8 } from '../../base/bytes.ts';
import type { RandomBytes } from '../../base/random.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { decodePoint, encodePoint, isIdentity, multiply } from '../babyjub.ts';
import { proveDleq, verifyDleq } from '../dleq.ts';
import { hashBytes } from '../hash.ts';
import { seededRandom } from '../random.ts';
import type { Dealing } from './deal.ts';
import { dealingId } from './encoding.ts';
import { decryptShares, randomnessPoint } from './encrypted-share.ts';
import { type DealingSession, dealingContext, type PerKey } from './session.ts';

/**
 * A recipient's two shares of one dealing: D = [sk]·(R' + [2^251]B), E = 8·D = [k]·PK8.
 * @param dealing one that `checkDealing` and the proofs let pass
 * @param secret  sk of the recipient's encryption key, 1 ≤ sk < l
 * @returns       secret; undefined if a share does not belong to its commitment. With a valid proof of the recipient's statement
 *   that says that statement S4r has been proved falsely: `proveMismatch` shows it to everybody, and nobody is blamed for it alone
 * @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE
 */
export function openDealing(
  session: DealingSession,
  dealer: ValidatorIndex,
  dealing: Dealing,
  recipient: ValidatorIndex,
  secret: bigint,
): PerKey<bigint> | undefined {
  const D = multiply(randomnessPoint(dealing.ephemeral), secret);
  return decryptShares(D, dealingContext(session, dealer, recipient), dealing.shares[recipient]!);
}

const MISMATCH_BYTES = 128;

/** The mismatch of one dealing and recipient: the DLEQ proof is about these alone. */
const mismatchContext = (
  session: DealingSession,
  dealer: ValidatorIndex,
  dealing: Dealing,
  recipient: ValidatorIndex,
): Uint8Array =>
  hashBytes('dealingAlarm', dealingId(session, dealer, dealing), bigintToBytes(BigInt(recipient), 4));

/**
 * Shows everybody that a dealing gives its recipient no shares: D = [sk]R with a DLEQ proof of log_B PK = log_R D. It opens both
 * shares of this one dealing to all, so it is published for a mismatch only, and never where the proof of the recipient's statement was
 * not verified: D for R + [a]B, less [a]PK, is D for R, so an answer for any R' would open other dealings.
 * @param secret sk; the proof does not reveal it
 * @param random called with n = 64; a repeated nonce reveals sk
 * @returns      D ‖ proof, 64 bytes each, or undefined if the dealing opens: then there is nothing to show
 */
export function proveMismatch(
  session: DealingSession,
  dealer: ValidatorIndex,
  dealing: Dealing,
  recipient: ValidatorIndex,
  secret: bigint,
  random: RandomBytes,
): Uint8Array | undefined {
  if (openDealing(session, dealer, dealing, recipient, secret) !== undefined) return undefined;
  const H = randomnessPoint(dealing.ephemeral);
  const D = multiply(H, secret);
  const statement = { A: session.encryptionKeys[recipient]!, pairs: [{ H, D }] };
  const context = mismatchContext(session, dealer, dealing, recipient);
  return concatBytes(encodePoint(D), proveDleq(secret, statement, context, random));
}

/**
 * Whether bytes from anybody show that a dealing gives its recipient no shares. If the proof of that recipient's statement is
 * valid as well, the proving key of S4r is broken or forged, and no dealing made with it can be trusted: an alarm for all.
 * @returns false for anything else. Never throws.
 */
export function isMismatch(
  session: DealingSession,
  dealer: ValidatorIndex,
  dealing: Dealing,
  recipient: ValidatorIndex,
  bytes: Uint8Array,
): boolean {
  const [A, encrypted] = [session.encryptionKeys[recipient], dealing.shares[recipient]];
  if (A === undefined || encrypted === undefined || bytes.length !== MISMATCH_BYTES) return false;
  const D = decodePoint(bytes.subarray(0, 64));
  const H = randomnessPoint(dealing.ephemeral);
  if (D === undefined || isIdentity(H)) return false;
  const context = mismatchContext(session, dealer, dealing, recipient);
  if (!verifyDleq({ A, pairs: [{ H, D }] }, context, bytes.subarray(64))) return false;
  return decryptShares(D, dealingContext(session, dealer, recipient), encrypted) === undefined;
}

/** A dealing of which every proof holds and that gives its recipient no shares. */
export interface Mismatch {
  readonly dealer: ValidatorIndex;
  readonly recipient: ValidatorIndex;
  /** What `proveMismatch` shows: it opens this one dealing to all. */
  readonly shown: Uint8Array;
}

/**
 * A recipient's shares of all dealings that make the keys.
 * @param dealings as `openDealing` takes them
 * @param secret   sk of the recipient's encryption key
 * @param seed     of the recipient's nonces, 32 bytes, secret
 * @returns        secret; or the first dealing that does not open, for everybody to see
 */
export function openDealings(
  session: DealingSession,
  dealings: ReadonlyMap<ValidatorIndex, Dealing>,
  recipient: ValidatorIndex,
  secret: bigint,
  seed: Uint8Array,
): ReadonlyMap<ValidatorIndex, PerKey<bigint>> | Mismatch {
  const opened = new Map<ValidatorIndex, PerKey<bigint>>();
  for (const [dealer, dealing] of dealings) {
    const shares = openDealing(session, dealer, dealing, recipient, secret);
    if (shares === undefined) {
      const context = mismatchContext(session, dealer, dealing, recipient);
      const random = seededRandom(hashBytes('nonce', seed, utf8('alarm'.padEnd(16)), context));
      const shown = proveMismatch(session, dealer, dealing, recipient, secret, random)!;
      return { dealer, recipient, shown };
    }
    opened.set(dealer, shares);
  }
  return opened;
}
