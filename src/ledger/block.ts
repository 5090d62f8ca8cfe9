import { BitArray, BitListType, ContainerType, ListBasicType, ListCompositeType } from '@chainsafe/ssz';
import { fromHex, toHex, utf8 } from '../base/bytes.ts';
import { byteList, bytes32, bytes64, bytes96, codec, uint8, uint32, uint64 } from '../base/codec.ts';
import { assert } from '../base/errors.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { hashBytes } from '../crypto/hash.ts';
import { type Height, height, type ItemId, itemId, validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import {
  MAX_EVIDENCE_BYTES,
  MAX_INSTRUMENTS,
  MAX_MESSAGE_BYTES,
  MAX_ORDERED_ITEMS,
  MAX_VALIDATORS,
} from '../params/sizes.ts';
import { type BatchItem, decodeItem, encodeItem, type Item, LARGEST_ITEM_BYTES } from './items.ts';
import type { OpeningShares } from './opening.ts';
import type { RefusedItem } from './ordering-state.ts';
import { REFUSALS, type RefusalCode } from './refusals.ts';

/** What a quorum signs when a height is ordered; nothing in it waits for the height's own decryption. */
export interface Header {
  /** 32 bytes: the chain. */
  readonly chainHash: Uint8Array;
  /** 32 bytes: its epoch. */
  readonly epochHash: Uint8Array;
  readonly height: Height;
  /** Hash of the header before; the chain's own at height 1. 32 bytes. */
  readonly parent: Uint8Array;
  /** Root of the ids that passed the re-check, in its order. 32 bytes. */
  readonly acceptedRoot: Uint8Array;
  readonly evidenceRoot: Uint8Array;
  /** Ordering state from which this height starts: after closing height − 1, its shields known. 32 bytes. */
  readonly orderingRoot: Uint8Array;
  /** State after settling height − 1. 32 bytes. */
  readonly stateRoot: Uint8Array;
  /** Receipts of settling height − 1. 32 bytes. */
  readonly receiptsRoot: Uint8Array;
  /** One for each oracle feed: units per 1 underlying, then ppm a year; below 2^64. */
  readonly medians: readonly bigint[];
  /** Median time of those prices, unix seconds. */
  readonly oracleTimeS: bigint;
  /** Block time, unix seconds. */
  readonly timeS: bigint;
}

/** A height as a late node replays it: it needs no key shares, each K is checked by its batch's tag. */
export interface Block {
  readonly header: Header;
  /** The accepted items in re-check order. */
  readonly items: readonly Item[];
  /** K of each batch among them, in their order, 64 bytes x ‖ y; NO_KEY for one that the right K does not open. */
  readonly keys: readonly Uint8Array[];
  /** What shows that such batches are unreadable: sharesRequired validators' shares, ascending. None if all were opened. */
  readonly shares: readonly OpeningShares[];
  /** Ordered, but lost at the re-check. */
  readonly refused: readonly RefusedItem[];
  /** Encoded pieces of evidence, sorted by the validator that collects them. */
  readonly evidence: readonly Uint8Array[];
  /** 64 bytes. */
  readonly beacon: Uint8Array;
  readonly certificate: Certificate;
}

/** Oracle feeds of a market: the index and at most one volatility an instrument. */
const MAX_FEEDS = 1 + MAX_INSTRUMENTS;
const MAX_CODE_BYTES = 32;

/** Encoding of a header; `headerOf` brands what it reads. */
export const HeaderType = new ContainerType({
  chainHash: bytes32,
  epochHash: bytes32,
  height: uint32,
  parent: bytes32,
  acceptedRoot: bytes32,
  evidenceRoot: bytes32,
  orderingRoot: bytes32,
  stateRoot: bytes32,
  receiptsRoot: bytes32,
  medians: new ListBasicType(uint64, MAX_FEEDS),
  oracleTimeS: uint64,
  timeS: uint64,
});
const IdsType = new ListCompositeType(bytes32, MAX_ORDERED_ITEMS);
const EvidenceType = new ListCompositeType(byteList(MAX_EVIDENCE_BYTES), MAX_VALIDATORS);
const BlockType = new ContainerType({
  header: HeaderType,
  items: new ListCompositeType(byteList(LARGEST_ITEM_BYTES), MAX_ORDERED_ITEMS),
  keys: new ListCompositeType(bytes64, MAX_ORDERED_ITEMS),
  shares: new ListCompositeType(
    new ContainerType({
      validator: uint8,
      shares: new ListCompositeType(bytes64, MAX_ORDERED_ITEMS),
      dleq: bytes64,
    }),
    quorumOf(MAX_VALIDATORS).sharesRequired,
  ),
  refused: new ListCompositeType(
    new ContainerType({ id: bytes32, code: byteList(MAX_CODE_BYTES) }),
    MAX_ORDERED_ITEMS,
  ),
  evidence: EvidenceType,
  beacon: bytes64,
  signers: new BitListType(MAX_VALIDATORS),
  signature: bytes96,
});
const SettlementType = new ContainerType({
  chainHash: bytes32,
  epochHash: bytes32,
  height: uint32,
  stateRoot: bytes32,
  receiptsRoot: bytes32,
});

/**
 * Bytes of an encoded block, at most. With all of its lists full it is shorter: 67 validators' shares of 192 batches take 0.83 MB, the
 * batches 0.11 MB, and all the rest less than 0.05 MB.
 */
export const MAX_BLOCK_BYTES = MAX_MESSAGE_BYTES - 4096;

const headerCodec = codec(HeaderType, HeaderType.maxSize);
const idsCodec = codec(IdsType, IdsType.maxSize);
const evidenceCodec = codec(EvidenceType, EvidenceType.maxSize);
const blockCodec = codec(BlockType, MAX_BLOCK_BYTES);
const settlementCodec = codec(SettlementType, SettlementType.maxSize);

const idBytes = (id: ItemId): Uint8Array => fromHex(id)!;

/** A header as its encoding holds it. */
export const headerOf = (fields: Omit<Header, 'height'> & { readonly height: number }): Header => ({
  ...fields,
  height: height(fields.height),
});

/** Hash of the header's encoding, 32 bytes: what validators sign at ordering, and the next header's parent. */
export function headerHash(header: Header): Uint8Array {
  return hashBytes('header', headerCodec.encode({ ...header, medians: [...header.medians] }));
}

/** @param ids in re-check order, at most MAX_ORDERED_ITEMS. @returns SSZ hash_tree_root, 32 bytes */
export const acceptedRoot = (ids: readonly ItemId[]): Uint8Array => idsCodec.root(ids.map(idBytes));

/** @param evidence encoded pieces, at most MAX_EVIDENCE_BYTES each. @returns SSZ hash_tree_root, 32 bytes */
export const evidenceRoot = (evidence: readonly Uint8Array[]): Uint8Array =>
  evidenceCodec.root([...evidence]);

/** What a settlement certificate vouches for. */
export interface SettlementStatement {
  readonly chainHash: Uint8Array;
  readonly epochHash: Uint8Array;
  readonly height: Height;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
}

/** Hash of a settled height's roots, 32 bytes: what validators sign at settlement. */
export const settlementHash = (statement: SettlementStatement): Uint8Array =>
  hashBytes('settlement', settlementCodec.encode(statement));

/** @returns the canonical encoding, at most MAX_BLOCK_BYTES. */
export function encodeBlock(block: Block): Uint8Array {
  assert(block.keys.length === batchesIn(block.items), 'a block has one K for each batch');
  assert(block.items.length <= MAX_ORDERED_ITEMS, 'a height orders a bounded number of items');
  const signers = block.certificate.signers;
  return blockCodec.encode({
    header: { ...block.header, medians: [...block.header.medians] },
    items: block.items.map(encodeItem),
    keys: [...block.keys],
    shares: block.shares.map((each) => ({ ...each, shares: [...each.shares] })),
    refused: block.refused.map(({ id, code }) => ({ id: idBytes(id), code: utf8(code) })),
    evidence: [...block.evidence],
    beacon: block.beacon,
    signers: BitArray.fromBoolArray([...signers]),
    signature: block.certificate.signature,
  });
}

/**
 * Reads the form of a block from outside; whether it follows from the one before and its certificate holds is for
 * the caller to check.
 * @returns undefined unless the encoding is canonical, every item passes its screening and every batch has a K. Never throws.
 */
export function decodeBlock(bytes: Uint8Array): Block | undefined {
  const body = blockCodec.decode(bytes);
  if (body === undefined) return undefined;
  const items: Item[] = [];
  for (const encoded of body.items) {
    const item = decodeItem(encoded);
    if (item === undefined) return undefined;
    items.push(item);
  }
  if (body.keys.length !== batchesIn(items)) return undefined;
  const refused: RefusedItem[] = [];
  for (const { id, code } of body.refused) {
    const known = CODES.get(toHex(code));
    if (known === undefined) return undefined;
    refused.push({ id: itemId(toHex(id)), code: known });
  }
  const { keys, evidence, beacon, signature } = body;
  const shares = body.shares.map((each) => ({ ...each, validator: validatorIndex(each.validator) }));
  return {
    header: headerOf(body.header),
    items,
    keys,
    shares,
    refused,
    evidence,
    beacon,
    certificate: { signers: body.signers.toBoolArray(), signature },
  };
}

/** Of each batch of a block, by the nullifier that only it has there: the batch, and its K. */
export function openableBatches({
  items,
  keys,
}: Pick<Block, 'items' | 'keys'>): Map<bigint, { readonly batch: BatchItem; readonly key: Uint8Array }> {
  const batches = items.filter((item) => item.kind === 'batch');
  return new Map(batches.map((batch, i) => [batch.nullifier, { batch, key: keys[i]! }]));
}

const batchesIn = (items: readonly Item[]): number => items.filter(({ kind }) => kind === 'batch').length;

/** Hex of a code's bytes → the code. */
const CODES: ReadonlyMap<string, RefusalCode> = new Map(
  (Object.keys(REFUSALS) as RefusalCode[]).map((code) => [toHex(utf8(code)), code]),
);
