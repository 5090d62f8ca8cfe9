import {
  bigintToBytes,
  bytesToBigint,
  compareBytes,
  concatBytes,
  equalBytes,
  toHex,
} from '../../base/bytes.ts';
import { type BatchKernels, NOBLE } from '../../crypto/batch-kernels.ts';
import {
  type DealingName,
  dealingBytes,
  dealingName,
  decodeDealing,
  encodeDealing,
  nameDigest,
  type ProvedDealing,
} from '../../crypto/dealing/encoding.ts';
import type { DealingSession } from '../../crypto/dealing/session.ts';
import { hashBytes } from '../../crypto/hash.ts';
import { r } from '../../params/fields.ts';
import { type ItemId, itemId, type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { MAX_VALIDATORS } from '../../params/sizes.ts';
import type { EpochConfig } from '../epoch-config.ts';
import type { RefusalCode } from '../refusals.ts';
import { checkDealingItem, type DealingItem } from './dealing-item.ts';

/** The name of a dealing with its dealer's signature: enough to show that the dealer signed it, whatever it says. */
export interface SignedName extends DealingName {
  /** Ed25519 of the dealer's network key, 64 bytes. */
  readonly signature: Uint8Array;
}

/** What convicts a dealer: no correct member signs two dealings of a session, or one that does not hold. */
export type DealerFault =
  /** Two dealings, the lower hash first. */
  | { readonly form: 'two'; readonly names: readonly [SignedName, SignedName] }
  /** One that fails what is checked besides proofs: everybody sees it. */
  | { readonly form: 'flawed'; readonly dealing: ProvedDealing; readonly signature: Uint8Array }
  /** One of whose proofs one at least is false; nothing else of it is wrong. */
  | { readonly form: 'refuted'; readonly dealing: ProvedDealing; readonly signature: Uint8Array };

/** Evidence against a dealer of the session in progress; public, by anybody. */
export interface EvidenceItem {
  readonly kind: 'evidence';
  /** Id of the session, F_r. */
  readonly session: bigint;
  /** Its index in the committee that deals. */
  readonly dealer: ValidatorIndex;
  readonly fault: DealerFault;
}

const FORM_BYTES = { two: 1, flawed: 2, refuted: 3 } as const;
const SIGNATURE_BYTES = 64;
const NAME_BYTES = 128;
/** Session 32 ‖ dealer 4 ‖ form 1. */
const HEAD_BYTES = 37;
const RECIPIENT_BYTES = dealingBytes(1) - dealingBytes(0);

/** Bytes of the body of evidence that shows a dealing. @param n its recipients */
const shownBytes = (n: number): number => HEAD_BYTES + SIGNATURE_BYTES + dealingBytes(n);
/** Bytes of an encoded body, at most. */
export const MAX_SHOWN_BYTES = shownBytes(MAX_VALIDATORS);
/** Bytes of the encoded body. */
export const evidenceBytes = ({ fault }: EvidenceItem): number =>
  fault.form === 'two' ? HEAD_BYTES + 2 * NAME_BYTES : shownBytes(fault.dealing.shares.length);

const encodeName = ({ dealt, proofs, signature }: SignedName): Uint8Array =>
  concatBytes(dealt, proofs, signature);

/** Session ‖ dealer ‖ form ‖ two names, or signature and dealing; numbers big-endian. */
export function encodeEvidenceBody({ session, dealer, fault }: EvidenceItem): Uint8Array {
  const head = [
    bigintToBytes(session, 32),
    bigintToBytes(BigInt(dealer), 4),
    Uint8Array.of(FORM_BYTES[fault.form]),
  ];
  return fault.form === 'two'
    ? concatBytes(...head, ...fault.names.map(encodeName))
    : concatBytes(...head, fault.signature, encodeDealing(fault.dealing));
}

/** Reads a body as far as it can be judged without the session. Never throws. */
export function screenEvidence(bytes: Uint8Array): EvidenceItem | RefusalCode {
  if (bytes.length < HEAD_BYTES) return 'ITEM_MALFORMED';
  const session = bytesToBigint(bytes.subarray(0, 32));
  if (session >= r) return 'ITEM_SIGNAL_RANGE';
  const dealer = Number(bytesToBigint(bytes.subarray(32, 36)));
  const fault = readFault(bytes[36]!, bytes.subarray(HEAD_BYTES));
  if (dealer >= MAX_VALIDATORS || fault === undefined) return 'ITEM_MALFORMED';
  return { kind: 'evidence', session, dealer: validatorIndex(dealer), fault };
}

function readFault(form: number, bytes: Uint8Array): DealerFault | undefined {
  if (form === FORM_BYTES.two) {
    if (bytes.length !== 2 * NAME_BYTES) return undefined;
    const names = [readName(bytes.subarray(0, NAME_BYTES)), readName(bytes.subarray(NAME_BYTES))] as const;
    return compareBytes(names[0].dealt, names[1].dealt) < 0 ? { form: 'two', names } : undefined;
  }
  if (form !== FORM_BYTES.flawed && form !== FORM_BYTES.refuted) return undefined;
  const n = (bytes.length - SIGNATURE_BYTES - dealingBytes(0)) / RECIPIENT_BYTES;
  if (!Number.isInteger(n) || n < 1 || n > MAX_VALIDATORS) return undefined;
  const dealing = decodeDealing(bytes.subarray(SIGNATURE_BYTES), n);
  const signature = bytes.slice(0, SIGNATURE_BYTES);
  if (dealing === undefined) return undefined;
  return { form: form === FORM_BYTES.flawed ? 'flawed' : 'refuted', dealing, signature };
}

const readName = (bytes: Uint8Array): SignedName => ({
  dealt: bytes.slice(0, 32),
  proofs: bytes.slice(32, 64),
  signature: bytes.slice(64),
});

/** The hash of all of it: whoever has other evidence against the same dealer has another item of the same key. */
export const evidenceItemId = (item: EvidenceItem): ItemId =>
  itemId(toHex(hashBytes('dealerEvidence', encodeEvidenceBody(item))));

export const signedName = ({
  dealing,
  signature,
}: Pick<DealingItem, 'dealing' | 'signature'>): SignedName => ({
  ...dealingName(dealing),
  signature,
});

/** Evidence of two dealings of one dealer. @returns undefined if both say the same */
export function evidenceOfTwo(
  { session, dealer }: Pick<EvidenceItem, 'session' | 'dealer'>,
  a: SignedName,
  b: SignedName,
): EvidenceItem | undefined {
  const order = compareBytes(a.dealt, b.dealt);
  if (order === 0) return undefined;
  const names = order < 0 ? ([a, b] as const) : ([b, a] as const);
  return { kind: 'evidence', session, dealer, fault: { form: 'two', names } };
}

/** Evidence of a dealing that does not hold. */
export const evidenceOfOne = (
  { session, dealer, dealing, signature }: DealingItem,
  form: 'flawed' | 'refuted',
): EvidenceItem => ({ kind: 'evidence', session, dealer, fault: { form, dealing, signature } });

/** The dealing that evidence shows whole. */
const shownDealing = ({ session, dealer, fault }: EvidenceItem): DealingItem | undefined =>
  fault.form === 'two' ? undefined : { kind: 'dealing', session, dealer, ...fault };

/** Why a dealing that its dealer signed does not hold; a dealing of which that is said convicts its dealer. */
export const isDealersFlaw = (code: RefusalCode): boolean =>
  code !== 'ITEM_SIGNATURE_INVALID' && code !== 'ITEM_DEALING_SESSION';

/**
 * Whether a dealer signed what the evidence shows, and no correct member would have: of a `refuted` dealing still to be shown is that a
 * proof of it is false (`dealingStatements`).
 * @param session of the dealings
 * @param epoch   whose committee dealt
 * @param item    its form checked (screenEvidence), otherwise hostile
 * @returns the code of the first thing wrong. Never throws.
 */
export function checkEvidence(
  session: DealingSession,
  epoch: EpochConfig,
  item: EvidenceItem,
  kernels: BatchKernels = NOBLE,
): RefusalCode | undefined {
  const { fault, dealer } = item;
  if (fault.form === 'two') return checkTwo(session, epoch, dealer, fault.names, kernels);
  const code = checkDealingItem(session, epoch, shownDealing(item)!, kernels);
  if (code !== undefined && !isDealersFlaw(code)) return code;
  return (code === undefined) === (fault.form === 'refuted') ? undefined : 'ITEM_EVIDENCE_FALSE';
}

function checkTwo(
  session: Pick<DealingSession, 'id'>,
  epoch: EpochConfig,
  dealer: ValidatorIndex,
  names: readonly [SignedName, SignedName],
  kernels: BatchKernels,
): RefusalCode | undefined {
  const author = epoch.validators[dealer];
  if (author === undefined) return 'ITEM_DEALING_SESSION';
  if (equalBytes(names[0].dealt, names[1].dealt)) return 'ITEM_EVIDENCE_FALSE';
  const isSigned = names.every((name) =>
    kernels.verifySignature(author.signKey, nameDigest(session, dealer, name), name.signature),
  );
  return isSigned ? undefined : 'ITEM_SIGNATURE_INVALID';
}
