import { concatBytes } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import type { AcsProposal } from '../../consensus/acs/common-subset.ts';
import type { Protocol } from '../../consensus/protocol.ts';
import { validatorIndex } from '../../params/ids.ts';
import { HASH_BYTES, MAX_MESSAGE_BYTES, MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import { type Packet, packetBytes } from '../../sim/packet.ts';

/** What travels; verdicts and time-outs stay at home. */
const KINDS = ['frame', 'share', 'done', 'ask', 'chain', 'here'] as const;
const HEAD_BYTES = 5;
const PROPOSAL_HEAD_BYTES = 5;
const EMPTY: Uint8Array = new Uint8Array(0);
/** What an object with a message in it holds in memory, by the bytes of its encoding, at most. */
const WEIGHT = { each: 300, byte: 4 };

/** The bytes of a packet on a stream: kind 1 ‖ height 4 ‖ body. A coin share has the length of a real one. */
export function encodeTravelling<M>(packet: Packet<M>, protocol: Protocol<M>): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  const kind = (KINDS as readonly string[]).indexOf(packet.type);
  assert(kind >= 0, 'verdicts and time-outs stay at home');
  head[0] = kind;
  new DataView(head.buffer).setUint32(1, packet.height);
  return concatBytes(head, bodyOf(packet, protocol));
}

function bodyOf<M>(packet: Packet<M>, protocol: Protocol<M>): Uint8Array {
  switch (packet.type) {
    case 'frame':
      return protocol.encode(packet.message);
    case 'share': {
      const body = new Uint8Array(packetBytes(packet) - HEAD_BYTES);
      body[0] = packet.instance;
      new DataView(body.buffer).setUint16(1, packet.round);
      body[3] = packet.good ? 1 : 0;
      return body;
    }
    case 'done':
      return packet.digest;
    case 'chain':
      return concatBytes(...packet.payloads.map(encodeProposal));
    default:
      return EMPTY;
  }
}

function encodeProposal({ proposer, payload }: AcsProposal): Uint8Array {
  const head = new Uint8Array(PROPOSAL_HEAD_BYTES);
  head[0] = proposer;
  new DataView(head.buffer).setUint32(1, payload.length);
  return concatBytes(head, payload);
}

/**
 * @param bytes of a stream, hostile
 * @param n     validators
 * @returns undefined for what `encodeTravelling` does not produce in a committee of n; never throws
 */
export function decodeTravelling<M>(
  bytes: Uint8Array,
  n: number,
  protocol: Protocol<M>,
): Packet<M> | undefined {
  if (bytes.length < HEAD_BYTES || bytes.length > MAX_MESSAGE_BYTES) return undefined;
  const type = KINDS[bytes[0]!];
  const height = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  const body = bytes.subarray(HEAD_BYTES);
  switch (type) {
    case undefined:
      return undefined;
    case 'frame': {
      const message = protocol.decode(body);
      const weight = WEIGHT.each + WEIGHT.byte * body.length;
      return message === undefined
        ? undefined
        : { type, height, message, bytes: bytes.length, messages: 0, weight };
    }
    case 'share': {
      if (bytes.length !== packetBytes({ type, height, instance: 0, round: 0, good: true })) return undefined;
      const [instance = 0, , , good = 0] = body;
      const round = new DataView(body.buffer, body.byteOffset).getUint16(1);
      const isShare = instance <= n && good <= 1 && body.subarray(4).every((byte) => byte === 0);
      return isShare ? { type, height, instance, round, good: good === 1 } : undefined;
    }
    case 'done':
      return body.length === HASH_BYTES ? { type, height, digest: body.slice() } : undefined;
    case 'chain': {
      const payloads = decodeProposals(body, n);
      return payloads === undefined ? undefined : { type, height, payloads };
    }
    default:
      return body.length === 0 ? { type, height } : undefined;
  }
}

/** Proposals of different validators, ascending, at least one. */
function decodeProposals(body: Uint8Array, n: number): AcsProposal[] | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const proposals: AcsProposal[] = [];
  for (let at = 0; at < body.length; ) {
    if (body.length - at < PROPOSAL_HEAD_BYTES) return undefined;
    const proposer = body[at]!;
    const length = view.getUint32(at + 1);
    at += PROPOSAL_HEAD_BYTES;
    if (proposer >= n || proposer <= (proposals.at(-1)?.proposer ?? -1)) return undefined;
    if (length > MAX_PAYLOAD_BYTES || length > body.length - at) return undefined;
    proposals.push({ proposer: validatorIndex(proposer), payload: body.slice(at, at + length) });
    at += length;
  }
  return proposals.length === 0 ? undefined : proposals;
}
