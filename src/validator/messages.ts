import { BooleanType, ByteListType, ByteVectorType, ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { bytes32, bytes64, bytes96, type Codec, codec, uint8, uint32, uint64 } from '../base/codec.ts';
import {
  type Certification,
  decodeCertification,
  encodeCertification,
  MAX_CERTIFIED_BLOCK_BYTES,
} from '../ledger/certified-block.ts';
import { LARGEST_ITEM_BYTES } from '../ledger/items.ts';
import {
  type BallotId,
  ballotId,
  type Height,
  height,
  type ItemId,
  type ItemKey,
  itemId,
  itemKey,
} from '../params/ids.ts';
import {
  ITEM_KEY_BYTES,
  MAX_BUNDLE_BALLOTS,
  MAX_HELD_ITEMS,
  MAX_MESSAGE_BYTES,
  MAX_ORDERED_ITEMS,
  MAX_VALIDATORS,
  NONCE_BYTES,
} from '../params/sizes.ts';
import { type Ballot, decodeBallot, encodeBallot } from './ballot.ts';
import type { Bid } from './bid.ts';

/** What validators say to each other. The transport authenticates the sender; the bytes are hostile. */
export type Message =
  /** Answer to a pull of items. */
  | { readonly kind: 'item'; readonly bytes: Uint8Array }
  /** A ballot for everyone (broadcast, fluffed, or an answer to a pull). */
  | { readonly kind: 'ballot'; readonly ballot: Ballot }
  /** A ballot on its stem: pass it on, or fluff it. */
  | { readonly kind: 'stem'; readonly ballot: Ballot }
  /** Please broadcast this ballot. */
  | { readonly kind: 'fluff'; readonly ballot: Ballot }
  /** Send me these ballots of this height. */
  | { readonly kind: 'pullBallots'; readonly height: Height; readonly ids: readonly BallotId[] }
  /** Send me these items, which you announced or a height ordered. */
  | { readonly kind: 'pullItems'; readonly ids: readonly ItemId[] }
  /** These items I hold from now on, and none of these keys any more; if it is whole, nothing that it does not say. */
  | {
      readonly kind: 'announce';
      readonly isWhole: boolean;
      /** Ascending by id, of distinct keys. */
      readonly held: readonly Bid[];
      /** Ascending. */
      readonly withdrawn: readonly ItemKey[];
    }
  /** A frame of the height's ACS. */
  | { readonly kind: 'acs'; readonly height: Height; readonly bytes: Uint8Array }
  /** A share of the coin of one ABA instance and round. */
  | {
      readonly kind: 'coin';
      readonly height: Height;
      readonly instance: number;
      readonly round: number;
      readonly share: Uint8Array;
    }
  /** Only after the ACS output: BLS share over the header, beacon share, decryption shares with one DLEQ. */
  | {
      readonly kind: 'finish';
      readonly height: Height;
      readonly signature: Uint8Array;
      readonly beacon: Uint8Array;
      readonly shares: readonly Uint8Array[];
      readonly dleq: Uint8Array;
      /** Ed25519 over all the rest, `signed-word.ts`: two of one height convince anybody. 64 bytes. */
      readonly word: Uint8Array;
    }
  /** BLS share over (height, state root, receipts root). */
  | {
      readonly kind: 'settled';
      readonly height: Height;
      readonly signature: Uint8Array;
      /** As in `finish`. */
      readonly word: Uint8Array;
    }
  /** Both certificates of a height. It also says that the sender is past that height. */
  | { readonly kind: 'cert'; readonly certification: Certification }
  /** Send me the certified block of this height. */
  | { readonly kind: 'pullBlock'; readonly height: Height }
  /** Answer to `pullBlock`: an encoded certified block, still to be judged. */
  | { readonly kind: 'block'; readonly height: Height; readonly bytes: Uint8Array }
  /** I am at this height: send me what is kept back for me, and the newest CERT if it is past this height. */
  | { readonly kind: 'at'; readonly height: Height }
  /** My store was lost: what is the highest certificate that you hold? The nonce tells an answer from one to an older question. */
  | { readonly kind: 'askNewest'; readonly nonce: Uint8Array }
  /** Answer to `askNewest`: both certificates of the last height certified here; undefined before height 1 is. */
  | {
      readonly kind: 'newest';
      readonly nonce: Uint8Array;
      readonly certification: Certification | undefined;
    };

type Kind = Message['kind'];
const KINDS: readonly Kind[] = [
  'item',
  'ballot',
  'stem',
  'fluff',
  'pullBallots',
  'pullItems',
  'acs',
  'coin',
  'finish',
  'settled',
  'cert',
  'pullBlock',
  'block',
  'at',
  'announce',
  'askNewest',
  'newest',
];

const pullBallots = codec(
  new ContainerType({ height: uint32, ids: new ListCompositeType(bytes32, MAX_BUNDLE_BALLOTS) }),
);
const pullItems = codec(new ContainerType({ ids: new ListCompositeType(bytes32, MAX_ORDERED_ITEMS) }));
const keyBytes = new ByteVectorType(ITEM_KEY_BYTES);
const announceCodec = codec(
  new ContainerType({
    isWhole: new BooleanType(),
    held: new ListCompositeType(
      new ContainerType({ key: keyBytes, fee: uint64, id: bytes32 }),
      MAX_HELD_ITEMS,
    ),
    withdrawn: new ListCompositeType(keyBytes, MAX_HELD_ITEMS),
  }),
);
const acsCodec = codec(
  new ContainerType({ height: uint32, bytes: new ByteListType(MAX_MESSAGE_BYTES) }),
  MAX_MESSAGE_BYTES,
);
const coinCodec = codec(
  new ContainerType({ height: uint32, instance: uint8, round: uint32, share: new ByteVectorType(128) }),
  137,
);
const finishCodec = codec(
  new ContainerType({
    height: uint32,
    signature: bytes96,
    beacon: new ByteVectorType(128),
    shares: new ListCompositeType(bytes64, MAX_ORDERED_ITEMS),
    dleq: bytes64,
    word: bytes64,
  }),
  512 + 64 * MAX_ORDERED_ITEMS,
);
const settledCodec = codec(new ContainerType({ height: uint32, signature: bytes96, word: bytes64 }), 164);
const heightCodec = codec(new ContainerType({ height: uint32 }), 4);
const blockCodec = codec(
  new ContainerType({ height: uint32, bytes: new ByteListType(MAX_CERTIFIED_BLOCK_BYTES) }),
);

/** One kind byte, then the body: an item as it is, a ballot's encoding, or SSZ. @throws {BaseError} CODEC_INPUT if a list exceeds its limit: our bug. */
export function encodeMessage(message: Message): Uint8Array {
  return concatBytes(Uint8Array.of(KINDS.indexOf(message.kind)), encodeBody(message));
}

/** A message that its author signs. */
export type WordMessage = Extract<Message, { word: unknown }>;
const NO_WORD = new Uint8Array(64);

/** What is signed of it: its encoding without the signature. */
export const wordBody = (message: WordMessage): Uint8Array => encodeBody({ ...message, word: NO_WORD });

function encodeBody(m: Message): Uint8Array {
  switch (m.kind) {
    case 'item':
      return m.bytes;
    case 'ballot':
    case 'stem':
    case 'fluff':
      return encodeBallot(m.ballot);
    case 'pullBallots':
      return pullBallots.encode({ height: m.height, ids: m.ids.map((id) => fromHex(id)!) });
    case 'pullItems':
      return pullItems.encode({ ids: m.ids.map((id) => fromHex(id)!) });
    case 'announce':
      return announceCodec.encode({
        isWhole: m.isWhole,
        held: m.held.map(({ key, fee, id }) => ({ key: fromHex(key)!, fee, id: fromHex(id)! })),
        withdrawn: m.withdrawn.map((key) => fromHex(key)!),
      });
    case 'acs':
      return acsCodec.encode({ height: m.height, bytes: m.bytes });
    case 'coin':
      return coinCodec.encode({ height: m.height, instance: m.instance, round: m.round, share: m.share });
    case 'finish':
      return finishCodec.encode({ ...m, shares: [...m.shares] });
    case 'settled':
      return settledCodec.encode({ height: m.height, signature: m.signature, word: m.word });
    case 'cert':
      return encodeCertification(m.certification);
    case 'askNewest':
      return m.nonce;
    case 'newest':
      return m.certification === undefined
        ? m.nonce
        : concatBytes(m.nonce, encodeCertification(m.certification));
    case 'block':
      return blockCodec.encode({ height: m.height, bytes: m.bytes });
    case 'pullBlock':
    case 'at':
      return heightCodec.encode({ height: m.height });
  }
}

/**
 * @returns undefined for anything but the canonical encoding of a message; only the bytes of an item and of a block are
 *   still to be judged. Never throws.
 */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length === 0 || bytes.length > MAX_MESSAGE_BYTES) return undefined;
  const kind = KINDS[bytes[0]!];
  const body = bytes.subarray(1);
  switch (kind) {
    case undefined:
      return undefined;
    case 'item':
      return body.length > LARGEST_ITEM_BYTES ? undefined : { kind, bytes: body };
    case 'ballot':
    case 'stem':
    case 'fluff': {
      const ballot = decodeBallot(body);
      return ballot === undefined ? undefined : { kind, ballot };
    }
    case 'pullBallots':
      return decoded(pullBallots, body, (m) => ({
        kind,
        height: height(m.height),
        ids: m.ids.map((id) => ballotId(toHex(id))),
      }));
    case 'pullItems':
      return decoded(pullItems, body, (m) => ({ kind, ids: m.ids.map((id) => itemId(toHex(id))) }));
    case 'announce':
      return decoded(announceCodec, body, ({ isWhole, ...m }) => {
        const held = m.held.map(({ key, fee, id }) => ({
          key: itemKey(toHex(key)),
          fee,
          id: itemId(toHex(id)),
        }));
        const withdrawn = m.withdrawn.map((key) => itemKey(toHex(key)));
        const keys = new Set([...held.map(({ key }) => key), ...withdrawn]);
        const isCanonical =
          keys.size === held.length + withdrawn.length &&
          held.every(({ id }, i) => i === 0 || held[i - 1]!.id < id) &&
          withdrawn.every((key, i) => i === 0 || withdrawn[i - 1]! < key);
        return isCanonical ? { kind, isWhole, held, withdrawn } : undefined;
      });
    case 'acs':
      return decoded(acsCodec, body, (m) => ({ kind, height: height(m.height), bytes: m.bytes }));
    case 'coin':
      return decoded(coinCodec, body, (m) =>
        m.instance < MAX_VALIDATORS ? { ...m, kind, height: height(m.height) } : undefined,
      );
    case 'finish':
      return decoded(finishCodec, body, (m) => ({ ...m, kind, height: height(m.height) }));
    case 'settled':
      return decoded(settledCodec, body, (m) => ({ ...m, kind, height: height(m.height) }));
    case 'cert': {
      const certification = decodeCertification(body);
      return certification === undefined ? undefined : { kind, certification };
    }
    case 'askNewest':
      return body.length === NONCE_BYTES ? { kind, nonce: body } : undefined;
    case 'newest': {
      const nonce = body.subarray(0, NONCE_BYTES);
      if (body.length <= NONCE_BYTES)
        return body.length === NONCE_BYTES ? { kind, nonce, certification: undefined } : undefined;
      const certification = decodeCertification(body.subarray(NONCE_BYTES));
      return certification === undefined ? undefined : { kind, nonce, certification };
    }
    case 'block':
      return decoded(blockCodec, body, (m) => ({ ...m, kind, height: height(m.height) }));
    case 'pullBlock':
    case 'at':
      return decoded(heightCodec, body, (m) => ({ kind, height: height(m.height) }));
  }
}

function decoded<T>(
  from: Codec<T>,
  body: Uint8Array,
  build: (value: T) => Message | undefined,
): Message | undefined {
  const value = from.decode(body);
  return value === undefined ? undefined : build(value);
}

/** A message of one height's round, as against those that are said between heights. */
export type RoundMessage = Exclude<
  Message,
  {
    kind: 'item' | 'pullItems' | 'announce' | 'cert' | 'pullBlock' | 'block' | 'at' | 'askNewest' | 'newest';
  }
>;

/** The height whose round a message belongs to; undefined for what is said between heights. */
export function roundOf(message: Message): Height | undefined {
  switch (message.kind) {
    case 'item':
    case 'pullItems':
    case 'announce':
    case 'cert':
    case 'pullBlock':
    case 'block':
    case 'at':
    case 'askNewest':
    case 'newest':
      return undefined;
    case 'ballot':
    case 'stem':
    case 'fluff':
      return message.ballot.height;
    default:
      return message.height;
  }
}

/** The height that the sender of a message has reached at least; undefined where it says nothing of it. */
export function reachedBy(message: Message): Height | undefined {
  switch (message.kind) {
    case 'item':
    case 'pullItems':
    case 'announce':
    case 'askNewest':
      return undefined;
    case 'newest':
      return message.certification && height(message.certification.header.height + 1);
    case 'cert':
      return height(message.certification.header.height + 1);
    case 'settled':
    case 'block':
      return height(message.height + 1);
    case 'pullBlock':
    case 'at':
      return message.height;
    default:
      return roundOf(message);
  }
}
