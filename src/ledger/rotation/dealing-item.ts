import { bigintToBytes, bytesToBigint, concatBytes, toHex } from '../../base/bytes.ts';
import { type BatchKernels, NOBLE } from '../../crypto/batch-kernels.ts';
import type { Dealing } from '../../crypto/dealing/deal.ts';
import {
  dealingBytes,
  dealingDigest,
  dealingId,
  decodeDealing,
  encodeDealing,
  type ProvedDealing,
} from '../../crypto/dealing/encoding.ts';
import type { DealingSession } from '../../crypto/dealing/session.ts';
import { checkDealing, type DealingProblem } from '../../crypto/dealing/verify.ts';
import { sign } from '../../crypto/signature.ts';
import { r } from '../../params/fields.ts';
import { type ItemId, itemId, type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { MAX_VALIDATORS } from '../../params/sizes.ts';
import type { EpochConfig } from '../epoch-config.ts';
import type { RefusalCode } from '../refusals.ts';

/** A member of the committee deals its shares of both keys to the next one. */
export interface DealingStatement {
  readonly kind: 'dealing';
  /** Id of the session, F_r. */
  readonly session: bigint;
  /** Its index in the committee that deals. */
  readonly dealer: ValidatorIndex;
  readonly dealing: Dealing;
}

export interface DealingItem extends DealingStatement {
  readonly dealing: ProvedDealing;
  /** Ed25519 of the dealer's network key over `dealingDigest`, 64 bytes. */
  readonly signature: Uint8Array;
}

/** Session 32 ‖ dealer 4 ‖ signature 64. */
const HEAD_BYTES = 100;
/** Bytes that each recipient adds. */
const RECIPIENT_BYTES = dealingBytes(1) - dealingBytes(0);
/** Bytes of an encoded dealing's body. @param n recipients */
export const dealingItemBytes = (n: number): number => HEAD_BYTES + dealingBytes(n);
/** Bytes of an encoded dealing's body, at most. */
export const MAX_DEALING_BYTES = dealingItemBytes(MAX_VALIDATORS);

/** Session ‖ dealer ‖ signature ‖ `encodeDealing`; numbers big-endian. */
export const encodeDealingBody = ({ session, dealer, signature, dealing }: DealingItem): Uint8Array =>
  concatBytes(
    bigintToBytes(session, 32),
    bigintToBytes(BigInt(dealer), 4),
    signature,
    encodeDealing(dealing),
  );

/** Reads a dealing's body as far as it can be judged without its session: how many recipients it has its length says. Never throws. */
export function screenDealing(bytes: Uint8Array): DealingItem | RefusalCode {
  const n = (bytes.length - HEAD_BYTES - dealingBytes(0)) / RECIPIENT_BYTES;
  if (!Number.isInteger(n) || n < 1 || n > MAX_VALIDATORS) return 'ITEM_MALFORMED';
  const session = bytesToBigint(bytes.subarray(0, 32));
  if (session >= r) return 'ITEM_SIGNAL_RANGE';
  const dealer = Number(bytesToBigint(bytes.subarray(32, 36)));
  const dealing = decodeDealing(bytes.subarray(HEAD_BYTES), n);
  if (dealer >= MAX_VALIDATORS || dealing === undefined) return 'ITEM_MALFORMED';
  const signature = bytes.slice(36, HEAD_BYTES);
  return { kind: 'dealing', session, dealer: validatorIndex(dealer), dealing, signature };
}

/** A dealing's name, `dealingId`; neither proofs nor signature are in it. */
export const dealingItemId = ({ session, dealer, dealing }: DealingStatement): ItemId =>
  itemId(toHex(dealingId({ id: session }, dealer, dealing)));

/** @param signSecret of the dealer's network key in the committee that deals. @returns the item that is sent */
export function signDealingItem(
  session: Pick<DealingSession, 'id'>,
  dealer: ValidatorIndex,
  dealing: ProvedDealing,
  signSecret: Uint8Array,
): DealingItem {
  const signature = sign(signSecret, dealingDigest(session, dealer, dealing));
  return { kind: 'dealing', session: session.id, dealer, dealing, signature };
}

const PROBLEM_CODES = {
  recipients: 'ITEM_DEALING_RECIPIENTS',
  ephemeral: 'ITEM_POINT_IDENTITY',
  subgroup: 'ITEM_POINT_ORDER',
  degree: 'ITEM_DEALING_DEGREE',
  binding: 'ITEM_DEALING_BINDING',
} as const satisfies Record<DealingProblem, RefusalCode>;

/** Whether its dealer signed a dealing. @param epoch whose committee deals */
export function isSignedByDealer(
  epoch: EpochConfig,
  { session, dealer, dealing, signature }: DealingItem,
  kernels: BatchKernels = NOBLE,
): boolean {
  const author = epoch.validators[dealer];
  const digest = dealingDigest({ id: session }, dealer, dealing);
  return author !== undefined && kernels.verifySignature(author.signKey, digest, signature);
}

/**
 * Everything that is checked of a dealing besides its proofs of S4r and what depends on the state: the dealer's signature, that all
 * commitments lie on polynomials of the session's degree, and that these share the dealer's own shares of the keys.
 * @param epoch whose committee deals
 * @param item  of this session, its form checked (screenDealing), otherwise hostile
 * @returns the code of the first thing wrong. Never throws.
 */
export function checkDealingItem(
  session: DealingSession,
  epoch: EpochConfig,
  item: DealingItem,
  kernels: BatchKernels = NOBLE,
): RefusalCode | undefined {
  const { dealer, dealing } = item;
  if (item.session !== session.id || epoch.validators[dealer] === undefined) return 'ITEM_DEALING_SESSION';
  if (!isSignedByDealer(epoch, item, kernels)) return 'ITEM_SIGNATURE_INVALID';
  const old = {
    decryption: epoch.decryptionKey.shareKeys[dealer]!,
    coin: epoch.coinKey.shareKeys[dealer]!,
  };
  const problem = checkDealing(session, dealer, dealing, old, kernels);
  return problem && PROBLEM_CODES[problem];
}
