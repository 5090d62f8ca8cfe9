import { ByteVectorType, ContainerType, VectorBasicType } from '@chainsafe/ssz';
import { bigintToBytes, bytesToBigint, concatBytes, toHex, utf8 } from '../base/bytes.ts';
import { bytes64, codec, uint32, uint64, uint256 } from '../base/codec.ts';
import { assert } from '../base/errors.ts';
import { decodePoint, isIdentity, isInSubgroup, type Point, pointFromAffine } from '../crypto/babyjub.ts';
import { hashBytes, hashToField } from '../crypto/hash.ts';
import type { ReserveTable } from '../market/reserve.ts';
import { r } from '../params/fields.ts';
import { type Height, height, type ItemId, itemId } from '../params/ids.ts';
import { CIPHERTEXT_WORDS, MAX_INSTRUMENTS, MAX_ITEM_BYTES, PROOF_BYTES } from '../params/sizes.ts';
import { type ActionItem, type ActionStatement, encodeActionBody, screenAction } from './actions.ts';
import { type DepositItem, type DepositStatement, encodeDepositBody, screenDeposit } from './deposits.ts';
import type { RefusalCode } from './refusals.ts';
import { dealingMarks } from './rotation/check-rotation.ts';
import {
  type DealingItem,
  type DealingStatement,
  dealingItemBytes,
  encodeDealingBody,
  screenDealing,
} from './rotation/dealing-item.ts';
import {
  type EvidenceItem,
  encodeEvidenceBody,
  evidenceBytes,
  MAX_SHOWN_BYTES,
  screenEvidence,
} from './rotation/evidence-item.ts';
import {
  encodeRegistrationBody,
  keyNames,
  type RegistrationItem,
  type RegistrationStatement,
  screenRegistration,
} from './rotation/registration.ts';

/** What a sealed batch states; public, all of it bound by the proof and by the item's id. */
export interface BatchStatement {
  readonly kind: 'batch';
  /** The batch may be ordered at fromHeight … toHeight. */
  readonly fromHeight: Height;
  readonly toHeight: Height;
  /** Height whose settled state gave the reserve table. */
  readonly tableHeight: Height;
  /** A recent root of the note tree, F_r. */
  readonly noteRoot: bigint;
  /** 0 ≤ fee < 2^64, units. */
  readonly fee: bigint;
  /** nf of the note spent, F_r. */
  readonly nullifier: bigint;
  /** The change note, F_r: the next leaf of the tree. */
  readonly changeCommitment: bigint;
  /** U = [r]B, 64 bytes x ‖ y. */
  readonly U: Uint8Array;
  /** Three words of F_r under the seal's pads. */
  readonly ct: readonly [bigint, bigint, bigint];
  /** The seal's tag, F_r. */
  readonly tag: bigint;
}

export interface BatchItem extends BatchStatement {
  /** Groth16 proof of S2, 256 bytes; re-randomisable, so it identifies nothing. */
  readonly proof: Uint8Array;
}

/** What can be ordered: a sealed batch, an account action, a deposit of the bridge, a member's registration, a dealing of key shares, evidence against a dealer. */
export type Item = BatchItem | ActionItem | DepositItem | RegistrationItem | DealingItem | EvidenceItem;

/** An item without what shows that it is valid. */
export type Statement =
  | BatchStatement
  | ActionStatement
  | DepositStatement
  | RegistrationStatement
  | DealingStatement
  | EvidenceItem;

/** First byte on the wire. */
const KIND_BYTES = { batch: 1, action: 2, deposit: 3, registration: 4, dealing: 5, evidence: 6 } as const;

/** Bytes of an encoded item of any kind, at most. */
export const LARGEST_ITEM_BYTES = 1 + MAX_SHOWN_BYTES;
const BatchType = new ContainerType({
  fromHeight: uint32,
  toHeight: uint32,
  tableHeight: uint32,
  noteRoot: uint256,
  fee: uint64,
  nullifier: uint256,
  changeCommitment: uint256,
  U: bytes64,
  ct: new VectorBasicType(uint256, CIPHERTEXT_WORDS),
  tag: uint256,
  proof: new ByteVectorType(PROOF_BYTES),
});
const batchCodec = codec(BatchType, BatchType.fixedSize!);

/** @returns the kind byte and the SSZ body, whose size the kind fixes. */
export function encodeItem(item: Item): Uint8Array {
  return concatBytes(Uint8Array.of(KIND_BYTES[item.kind]), encodeBody(item));
}

function encodeBody(item: Item): Uint8Array {
  switch (item.kind) {
    case 'batch':
      return batchCodec.encode({ ...item, ct: [...item.ct] });
    case 'action':
      return encodeActionBody(item);
    case 'deposit':
      return encodeDepositBody(item);
    case 'registration':
      return encodeRegistrationBody(item);
    case 'dealing':
      return encodeDealingBody(item);
    case 'evidence':
      return encodeEvidenceBody(item);
  }
}

/**
 * Reads an outsider's bytes as far as they can be judged without state or a proof.
 * @param bytes from outside, any length
 * @returns the item, or the code of the first thing wrong: ITEM_MALFORMED, ITEM_SIGNAL_RANGE, ITEM_POINT_IDENTITY,
 *   ITEM_POINT_ORDER, ITEM_AMOUNT_ZERO, ITEM_DESTINATION. Subgroups of a registration's or dealing's points are checked later. A batch's U is then in the subgroup and not O. The proof shows that
 *   too; but shares of a point of small order would tell something of the key, so nobody trusts one proof system alone. Never
 *   throws.
 */
export function screenItem(bytes: Uint8Array): { readonly item: Item } | { readonly code: RefusalCode } {
  const item = screenBody(bytes[0], bytes.subarray(1));
  if (typeof item === 'string') return { code: item };
  if (item.kind !== 'batch' || isOfPrimeOrder(item.U)) return { item };
  return { code: 'ITEM_POINT_ORDER' };
}

/** Verdicts on points that are remembered, at most: a batch is screened when it is submitted, when it is admitted, and when peers send it. */
const MAX_POINTS = 1_024;
const points = new Map<string, boolean>();

/** A verdict depends on nothing but the 64 bytes. @param U of a point of the curve */
function isOfPrimeOrder(U: Uint8Array): boolean {
  const name = toHex(U);
  const known = points.get(name);
  if (known !== undefined) return known;
  const verdict = isInSubgroup(decodePoint(U)!);
  if (points.size === MAX_POINTS) points.clear();
  points.set(name, verdict);
  return verdict;
}

function screenBody(kind: number | undefined, bytes: Uint8Array): Item | RefusalCode {
  switch (kind) {
    case KIND_BYTES.batch:
      return screenBatch(bytes);
    case KIND_BYTES.action:
      return screenAction(bytes);
    case KIND_BYTES.deposit:
      return screenDeposit(bytes);
    case KIND_BYTES.registration:
      return screenRegistration(bytes);
    case KIND_BYTES.dealing:
      return screenDealing(bytes);
    case KIND_BYTES.evidence:
      return screenEvidence(bytes);
    default:
      return 'ITEM_MALFORMED';
  }
}

function screenBatch(bytes: Uint8Array): BatchItem | RefusalCode {
  const body = batchCodec.decode(bytes);
  if (body === undefined) return 'ITEM_MALFORMED';
  const { noteRoot, nullifier, changeCommitment, U, ct, tag } = body;
  const [x, y] = coordinates(U);
  if ([noteRoot, nullifier, changeCommitment, x, y, ...ct, tag].some((signal) => signal >= r)) {
    return 'ITEM_SIGNAL_RANGE';
  }
  const point = pointFromAffine(x, y);
  if (point === undefined) return 'ITEM_MALFORMED';
  if (isIdentity(point)) return 'ITEM_POINT_IDENTITY';
  return {
    ...body,
    kind: 'batch',
    fromHeight: height(body.fromHeight),
    toHeight: height(body.toHeight),
    tableHeight: height(body.tableHeight),
    ct: [ct[0]!, ct[1]!, ct[2]!],
  };
}

/** The form alone, for what somebody screened before: U may lie outside the subgroup. @returns undefined for anything else. Never throws. */
export function decodeItem(bytes: Uint8Array): Item | undefined {
  const item = screenBody(bytes[0], bytes.subarray(1));
  return typeof item === 'string' ? undefined : item;
}

function coordinates(U: Uint8Array): readonly [bigint, bigint] {
  return [bytesToBigint(U.subarray(0, 32)), bytesToBigint(U.subarray(32))];
}

/** What a batch's context names. */
export interface ContextOf {
  /** 32 bytes: the chain. */
  readonly chainHash: Uint8Array;
  /** The market's name. */
  readonly market: string;
  readonly fromHeight: Height;
  readonly toHeight: Height;
  readonly tableHeight: Height;
}

/**
 * The public signal that binds a proof and a seal to one chain, market, window and table height.
 * tableHeight is in it because tables of two heights may be equal: without it two copies of one id could name
 * different table heights, and validators that hold different copies would re-check them differently.
 * @returns an element of F_r
 */
export function contextOf({ chainHash, market, fromHeight, toHeight, tableHeight }: ContextOf): bigint {
  assert(chainHash.length === 32, 'a chain hash has 32 bytes');
  const heights = [fromHeight, toHeight, tableHeight].map((h) => bigintToBytes(BigInt(h), 4));
  return hashToField('context', chainHash, ...heights, utf8(market));
}

/** What the verifier adds to a batch's own signals. */
export interface BatchVerifierInputs {
  readonly context: bigint;
  /** 8·Y: the encryption key with its cofactor cleared. */
  readonly Y8: Point;
  /** The reserve table of the batch's table height. */
  readonly table: ReserveTable;
}

/**
 * S2's 45 public signals in the circuit's order: nullifier, changeCommitment, U, ct, tag, noteRoot, Y8, context, fee,
 * the table's buy column, its sell column.
 */
export function batchSignals(batch: BatchStatement, { context, Y8, table }: BatchVerifierInputs): bigint[] {
  assert(
    table.buyPpm.length === MAX_INSTRUMENTS && table.sellUnits.length === MAX_INSTRUMENTS,
    'a reserve table has a row for each of sixteen instruments',
  );
  const key = Y8.toAffine();
  return [
    batch.nullifier,
    batch.changeCommitment,
    ...coordinates(batch.U),
    ...batch.ct,
    batch.tag,
    batch.noteRoot,
    key.x,
    key.y,
    context,
    batch.fee,
    ...table.buyPpm,
    ...table.sellUnits,
  ];
}

/**
 * What an item uses up, and no other item ever may: a batch its note, an action its account's sequence number, a
 * deposit its number. Only who owns it can make an item of the key.
 */
export function keyOf(item: Statement): string {
  switch (item.kind) {
    case 'batch':
      return `note ${item.nullifier}`;
    case 'action':
      return `account ${item.account} ${item.sequence}`;
    case 'deposit':
      return `deposit ${item.nonce}`;
    case 'registration':
      return `register ${item.epoch} ${item.registryIndex}`;
    case 'dealing':
      return `dealing ${item.session} ${item.dealer}`;
    case 'evidence':
      return `evidence ${item.session} ${item.dealer}`;
  }
}

/** Why an item loses to one before it that uses the same key up. */
export const KEY_USED = {
  batch: 'ITEM_NULLIFIER_SPENT',
  action: 'ITEM_SEQUENCE',
  deposit: 'ITEM_DEPOSIT_USED',
  registration: 'ITEM_REGISTERED',
  dealing: 'ITEM_DEALT',
  evidence: 'ITEM_EXCLUDED',
} as const satisfies Record<Statement['kind'], RefusalCode>;

/** What else of an item no other item may repeat: the keys that it registers, the randomness and the commitments that it deals. */
export function marksOf(item: Statement): readonly string[] {
  switch (item.kind) {
    case 'registration':
      return keyNames(item).map((name) => `key ${name}`);
    case 'dealing':
      return dealingMarks(item.dealing);
    default:
      return [];
  }
}

/**
 * The room that an item takes in a ballot and in a height, in units of MAX_ITEM_BYTES: a dealing to 100 recipients takes 11. What a batch
 * brings into a block of a large committee (its validators' shares, at worst) is no less.
 */
export function roomOf(item: Statement): number {
  if (item.kind === 'dealing')
    return Math.ceil(dealingItemBytes(item.dealing.shares.length) / MAX_ITEM_BYTES);
  return item.kind === 'evidence' ? Math.ceil(evidenceBytes(item) / MAX_ITEM_BYTES) : 1;
}

/** What may take more than one place in a height. */
export const isLarge = ({ kind }: Statement): boolean => kind === 'dealing' || kind === 'evidence';

/** The proofs that an item brings, in the order of its claim's statements. */
export function proofsOf(item: Item): readonly Uint8Array[] {
  if (item.kind === 'dealing') return item.dealing.proofs;
  if (item.kind === 'evidence') return item.fault.form === 'refuted' ? item.fault.dealing.proofs : [];
  return item.kind === 'deposit' ? [] : [item.proof];
}

/** The note that an item brings into the tree, if it does. */
export function noteOf(item: Statement): bigint | undefined {
  if (item.kind === 'batch') return item.changeCommitment;
  return item.kind === 'action' && item.action === 'shield' ? item.commitment : undefined;
}

/**
 * The name of a batch or an action: the hash of its statement, never of its proof bytes.
 * @param signals all public signals, each below 2^256, encoded as 32 bytes big-endian
 */
export function itemIdOf(signals: readonly bigint[]): ItemId {
  return itemId(toHex(hashBytes('itemId', ...signals.map((signal) => bigintToBytes(signal, 32)))));
}
