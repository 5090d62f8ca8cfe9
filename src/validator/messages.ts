import { ByteListType, ByteVectorType, ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { bytes32, bytes64, bytes96, type Codec, codec, uint8, uint32 } from '../base/codec.ts';
import { type Height, height } from '../params/ids.ts';
import {
  MAX_BUNDLE_BALLOTS,
  MAX_ITEM_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_ORDERED_ITEMS,
  MAX_VALIDATORS,
} from '../params/sizes.ts';
import { MAX_BALLOT_BYTES } from './ballot.ts';

/** What validators say to each other. The transport authenticates the sender; the bytes are hostile. */
export type Message =
  /** Answer to a pull of items. */
  | { readonly kind: 'item'; readonly bytes: Uint8Array }
  /** A ballot for everyone (broadcast, fluffed, or an answer to a pull). */
  | { readonly kind: 'ballot'; readonly bytes: Uint8Array }
  /** A ballot on its stem: pass it on, or fluff it. */
  | { readonly kind: 'stem'; readonly bytes: Uint8Array }
  /** Please broadcast this ballot. */
  | { readonly kind: 'fluff'; readonly bytes: Uint8Array }
  /** Send me these ballots of this height when you have them. */
  | { readonly kind: 'pullBallots'; readonly height: Height; readonly ids: readonly string[] }
  /** Send me these items when you have them. */
  | { readonly kind: 'pullItems'; readonly height: Height; readonly ids: readonly string[] }
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
    }
  /** BLS share over (height, state root, receipts root). */
  | { readonly kind: 'settled'; readonly height: Height; readonly signature: Uint8Array };

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
];

const bytesOf = (limit: number): ContainerType<{ bytes: ByteListType }> =>
  new ContainerType({ bytes: new ByteListType(limit) });
const pull = (limit: number) =>
  codec(new ContainerType({ height: uint32, ids: new ListCompositeType(bytes32, limit) }), 8 + 32 * limit);
const ballotCodec = codec(bytesOf(MAX_BALLOT_BYTES), 4 + MAX_BALLOT_BYTES);
const itemCodec = codec(bytesOf(MAX_ITEM_BYTES), 4 + MAX_ITEM_BYTES);
const pullBallots = pull(MAX_BUNDLE_BALLOTS);
const pullItems = pull(MAX_ORDERED_ITEMS);
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
  }),
  512 + 64 * MAX_ORDERED_ITEMS,
);
const settledCodec = codec(new ContainerType({ height: uint32, signature: bytes96 }), 100);

/** One kind byte, then the SSZ body. @throws {VelumError} CODEC_INPUT if a list exceeds its limit: our bug. */
export function encodeMessage(message: Message): Uint8Array {
  return concatBytes(Uint8Array.of(KINDS.indexOf(message.kind)), encodeBody(message));
}

function encodeBody(m: Message): Uint8Array {
  switch (m.kind) {
    case 'item':
      return itemCodec.encode({ bytes: m.bytes });
    case 'ballot':
    case 'stem':
    case 'fluff':
      return ballotCodec.encode({ bytes: m.bytes });
    case 'pullBallots':
      return pullBallots.encode({ height: m.height, ids: m.ids.map((id) => fromHex(id)!) });
    case 'pullItems':
      return pullItems.encode({ height: m.height, ids: m.ids.map((id) => fromHex(id)!) });
    case 'acs':
      return acsCodec.encode({ height: m.height, bytes: m.bytes });
    case 'coin':
      return coinCodec.encode({ height: m.height, instance: m.instance, round: m.round, share: m.share });
    case 'finish':
      return finishCodec.encode({ ...m, shares: [...m.shares] });
    case 'settled':
      return settledCodec.encode({ height: m.height, signature: m.signature });
  }
}

/** @returns undefined for anything but the canonical encoding of a message. Never throws. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length === 0 || bytes.length > MAX_MESSAGE_BYTES) return undefined;
  const kind = KINDS[bytes[0]!];
  const body = bytes.subarray(1);
  switch (kind) {
    case undefined:
      return undefined;
    case 'item':
      return decoded(itemCodec, body, ({ bytes: inner }) => ({ kind, bytes: inner }));
    case 'ballot':
    case 'stem':
    case 'fluff':
      return decoded(ballotCodec, body, ({ bytes: inner }) => ({ kind, bytes: inner }));
    case 'pullBallots':
    case 'pullItems':
      return decoded(kind === 'pullItems' ? pullItems : pullBallots, body, (m) => ({
        kind,
        height: height(m.height),
        ids: m.ids.map(toHex),
      }));
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
