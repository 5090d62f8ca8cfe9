import { concatBytes } from '../../base/bytes.ts';
import { codec } from '../../base/codec.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import { acsMessageBytes, decodeAcsMessage, encodeAcsMessage } from '../acs/codec.ts';
import { type AcsMessage, FrameBuffer, messagesIn, NO_FRAME } from '../acs/frame.ts';
import { NO_CERTIFICATE, type Quorate, quorateType, writable } from '../pbft/messages.ts';
import type { Send } from '../step.ts';

/**
 * send: a proposal; ready: a signature on it; final: its certificate. seek asks for a certificate, fill-gap for the proposal that one
 * certifies, filler is that proposal. list: whose certificates its sender holds. votes: of the binary agreements.
 */
export const ALEA_KINDS = ['send', 'ready', 'final', 'seek', 'fill-gap', 'filler', 'list', 'votes'] as const;
export type AleaKind = (typeof ALEA_KINDS)[number];

/** One message of Alea. One shape for all kinds; what a kind does not use is empty. */
export interface AleaMessage {
  readonly kind: AleaKind;
  /** Whose queue it is about; 0 in lists and votes. */
  readonly proposer: number;
  /** send, filler: the proposal; ready: the signature; list: a bitmap of n bits. */
  readonly bytes: Uint8Array;
  readonly certificate: Quorate;
  /** Bit k of a group is a vote of ABA_k, of turn t and round r for the round 2r + t; no broadcast parts. */
  readonly frame: AcsMessage;
}

const NO_BYTES = new Uint8Array(0);
const HEAD_BYTES = 2;

/** A message with what its kind does not use left empty. */
export const aleaMessage = (fields: Pick<AleaMessage, 'kind'> & Partial<AleaMessage>): AleaMessage => ({
  proposer: 0,
  bytes: NO_BYTES,
  certificate: NO_CERTIFICATE,
  frame: NO_FRAME,
  ...fields,
});

const quorate = codec(quorateType);
const hasBytes = (kind: AleaKind): boolean => !['final', 'seek', 'fill-gap', 'votes'].includes(kind);

/** Kind 1 ‖ proposer 1 ‖ the certificate of a final, the frame of votes, the bytes of others. */
export function encodeAlea({ kind, proposer, bytes, certificate, frame }: AleaMessage): Uint8Array {
  const head = Uint8Array.of(ALEA_KINDS.indexOf(kind), proposer);
  if (kind === 'final') return concatBytes(head, quorate.encode(writable(certificate)));
  return concatBytes(head, kind === 'votes' ? encodeAcsMessage(frame) : bytes);
}

/** @returns undefined for what `encodeAlea` does not produce; never throws */
export function decodeAlea(encoded: Uint8Array): AleaMessage | undefined {
  const kind = ALEA_KINDS[encoded[0] ?? ALEA_KINDS.length];
  if (kind === undefined || encoded.length < HEAD_BYTES) return undefined;
  const proposer = encoded[1]!;
  const rest = encoded.subarray(HEAD_BYTES);
  if (kind === 'final') {
    const certificate = quorate.decode(rest);
    return certificate === undefined ? undefined : aleaMessage({ kind, proposer, certificate });
  }
  if ((kind === 'votes' || kind === 'list') && proposer !== 0) return undefined;
  if (kind === 'votes') {
    const frame = decodeAcsMessage(rest);
    return frame === undefined || frame.rbc.length > 0 ? undefined : aleaMessage({ kind, frame });
  }
  if (rest.length > MAX_PAYLOAD_BYTES || (rest.length > 0 && !hasBytes(kind))) return undefined;
  return aleaMessage({ kind, proposer, bytes: Uint8Array.from(rest) });
}

/** Length of the encoding. */
export function aleaMessageBytes(message: AleaMessage): number {
  const { kind, bytes, frame } = message;
  if (kind === 'final') return encodeAlea(message).length;
  return HEAD_BYTES + (kind === 'votes' ? acsMessageBytes(frame) : bytes.length);
}

/** Protocol messages in it, every vote counted singly. */
export const aleaMessagesIn = ({ kind, frame }: AleaMessage): number =>
  kind === 'votes' ? messagesIn(frame) : 1;

/** Collects what is said at once: all votes are one message as far as the limits of a frame allow. */
export class AleaBuffer {
  readonly votes: FrameBuffer;
  private others: Send<AleaMessage>[] = [];

  /** @param n validators */
  constructor(n: number) {
    this.votes = new FrameBuffer(n);
  }

  send(to: ValidatorIndex | 'all', message: AleaMessage): void {
    if (message.kind === 'votes') this.votes.frame(to, message.frame);
    else this.others.push({ to, message });
  }

  /** @returns the collected messages, which from now on nobody writes to. */
  take(): readonly Send<AleaMessage>[] {
    const { others } = this;
    this.others = [];
    const votes = this.votes.take().map(({ to, message }) => ({
      to,
      message: aleaMessage({ kind: 'votes', frame: message }),
    }));
    return [...others, ...votes];
  }
}
