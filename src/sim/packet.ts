import { concatBytes } from '../base/bytes.ts';
import type { AcsProposal } from '../consensus/acs/common-subset.ts';
import type { Protocol } from '../consensus/protocol.ts';
import { hashBytes } from '../crypto/hash.ts';

/** What travels between validators of a simulation. All that is about one height. */
export type Packet<M> =
  /** A message of the height's machine. */
  | {
      readonly type: 'frame';
      readonly height: number;
      readonly message: M;
      readonly bytes: number;
      readonly messages: number;
      /** What it costs to keep. */
      readonly weight: number;
    }
  /** A coin share of an oracle: `good` stands for the proof that it carries. */
  | {
      readonly type: 'share';
      readonly height: number;
      readonly instance: number;
      readonly round: number;
      readonly good: boolean;
    }
  /** The sender has put out this height and forgotten its machine; what came out has this digest. */
  | { readonly type: 'done'; readonly height: number; readonly digest: Uint8Array }
  /** Wants the output of a height that the receiver said was done. */
  | { readonly type: 'ask'; readonly height: number }
  | { readonly type: 'chain'; readonly height: number; readonly payloads: readonly AcsProposal[] }
  /** The sender is at this height: it took the one before from others, so no message of its own may have said so. */
  | { readonly type: 'here'; readonly height: number }
  /** To oneself: the predicate has its answer; a time-out. */
  | { readonly type: 'verdict'; readonly height: number; readonly proposer: number }
  | { readonly type: 'timeout'; readonly height: number; readonly view: number };

/** The height in front of a frame. */
const HEIGHT_BYTES = 4;
/** Height and kind in front of every other packet. */
const HEAD_BYTES = 5;
/** A share with its proof, instance and round. */
const SHARE_BYTES = 128 + 3;

/** A machine's message on its way. */
export const framePacket = <M>(protocol: Protocol<M>, height: number, message: M): Packet<M> => {
  const bytes = HEIGHT_BYTES + protocol.bytesOf(message);
  const messages = protocol.messagesIn(message);
  return { type: 'frame', height, message, bytes, messages, weight: protocol.weightOf(message) };
};

/** Bytes of a packet on a link. Verdicts and time-outs stay at home. */
export function packetBytes<M>(packet: Packet<M>): number {
  switch (packet.type) {
    case 'frame':
      return packet.bytes;
    case 'share':
      return HEAD_BYTES + SHARE_BYTES;
    case 'done':
      return HEAD_BYTES + 32;
    case 'chain':
      return packet.payloads.reduce((sum, { payload }) => sum + 5 + payload.length, HEAD_BYTES);
    default:
      return HEAD_BYTES;
  }
}

/** Protocol messages in a packet. */
export const packetMessages = <M>(packet: Packet<M>): number =>
  packet.type === 'frame' ? packet.messages : packet.type === 'verdict' || packet.type === 'timeout' ? 0 : 1;

/** What identifies an output: H(subset; proposer ‖ H(payload) …). */
export const outputDigest = (payloads: readonly AcsProposal[]): Uint8Array =>
  hashBytes(
    'subset',
    ...payloads.map(({ proposer, payload }) =>
      concatBytes(Uint8Array.of(proposer), hashBytes('payload', payload)),
    ),
  );

const KINDS = ['frame', 'share', 'done', 'ask', 'chain', 'here', 'verdict', 'timeout'] as const;
const HEADER = 14;
const EMPTY: Uint8Array = new Uint8Array(0);

/** A packet in bytes, for the hash of a run: kind 1 ‖ height 4 ‖ a 4 ‖ b 4 ‖ flag 1 ‖ body. */
export function encodePacket<M>(packet: Packet<M>, protocol: Protocol<M>): Uint8Array {
  const head = new Uint8Array(HEADER);
  const view = new DataView(head.buffer);
  const put = (a: number, b: number, flag: boolean, body = EMPTY): Uint8Array => {
    view.setUint8(0, KINDS.indexOf(packet.type));
    view.setUint32(1, packet.height);
    view.setUint32(5, a);
    view.setUint32(9, b);
    view.setUint8(13, flag ? 1 : 0);
    return body.length === 0 ? head : concatBytes(head, body);
  };
  switch (packet.type) {
    case 'frame':
      return put(0, 0, false, protocol.encode(packet.message));
    case 'share':
      return put(packet.instance, packet.round, packet.good);
    case 'done':
      return put(0, 0, false, packet.digest);
    case 'ask':
    case 'here':
      return put(0, 0, false);
    case 'chain':
      return put(packet.payloads.length, 0, false, encodePayloads(packet.payloads));
    case 'verdict':
      return put(packet.proposer, 0, false);
    case 'timeout':
      return put(packet.view, 0, false);
  }
}

/** Payloads one after the other: proposer 1 ‖ length 4 ‖ bytes. */
function encodePayloads(payloads: readonly AcsProposal[]): Uint8Array {
  const parts = payloads.map(({ proposer, payload }) => {
    const head = new Uint8Array(5);
    head[0] = proposer;
    new DataView(head.buffer).setUint32(1, payload.length);
    return concatBytes(head, payload);
  });
  return concatBytes(...parts);
}
