import { concatBytes } from '../../base/bytes.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { acsMessageBytes, decodeAcsMessage, encodeAcsMessage } from '../acs/codec.ts';
import { type AcsMessage, FrameBuffer, messagesIn, NO_FRAME } from '../acs/frame.ts';
import type { Send } from '../step.ts';

/** All that one input makes a validator say to one destination. */
export interface FinMessage {
  /** Broadcasts of proposals; votes of RABA_k, which is the bit k of a group. */
  readonly proposals: AcsMessage;
  /** Broadcasts of index sets, as bitmaps of n bits; no votes. */
  readonly sets: AcsMessage;
}

const isEmpty = ({ rbc, votes }: AcsMessage): boolean => rbc.length + votes.length === 0;
const HEAD_BYTES = 4;

/** Length of the first frame 4 ‖ first frame ‖ second frame; a frame with nothing in it is nothing. */
export function encodeFin({ proposals, sets }: FinMessage): Uint8Array {
  const [first, second] = [proposals, sets].map((frame) =>
    isEmpty(frame) ? new Uint8Array(0) : encodeAcsMessage(frame),
  );
  const head = new Uint8Array(HEAD_BYTES);
  new DataView(head.buffer).setUint32(0, first!.length);
  return concatBytes(head, first!, second!);
}

/** @returns undefined for what `encodeFin` does not produce; never throws */
export function decodeFin(bytes: Uint8Array): FinMessage | undefined {
  if (bytes.length <= HEAD_BYTES) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > bytes.length - HEAD_BYTES) return undefined;
  const frame = (part: Uint8Array): AcsMessage | undefined =>
    part.length === 0 ? NO_FRAME : decodeAcsMessage(part);
  const proposals = frame(bytes.subarray(HEAD_BYTES, HEAD_BYTES + length));
  const sets = frame(bytes.subarray(HEAD_BYTES + length));
  if (proposals === undefined || sets === undefined || sets.votes.length > 0) return undefined;
  return { proposals, sets };
}

export const finMessageBytes = ({ proposals, sets }: FinMessage): number =>
  [proposals, sets].reduce((sum, frame) => sum + (isEmpty(frame) ? 0 : acsMessageBytes(frame)), HEAD_BYTES);

/** Protocol messages in it, every vote counted singly. */
export const finMessagesIn = ({ proposals, sets }: FinMessage): number =>
  messagesIn(proposals) + messagesIn(sets);

/** Collects what several machines say, one message a destination as far as the limits of a frame allow. */
export class FinBuffer {
  readonly proposals: FrameBuffer;
  readonly sets: FrameBuffer;

  /** @param n validators */
  constructor(n: number) {
    this.proposals = new FrameBuffer(n);
    this.sets = new FrameBuffer(n);
  }

  /** Adds all of another message. */
  message(to: ValidatorIndex | 'all', { proposals, sets }: FinMessage): void {
    this.proposals.frame(to, proposals);
    this.sets.frame(to, sets);
  }

  /** @returns the collected messages, which from now on nobody writes to. */
  take(): readonly Send<FinMessage>[] {
    const second = [...this.sets.take()];
    const sends = this.proposals.take().map(({ to, message }): Send<FinMessage> => {
      const at = second.findIndex((send) => send.to === to);
      const sets = at < 0 ? NO_FRAME : second.splice(at, 1)[0]!.message;
      return { to, message: { proposals: message, sets } };
    });
    return [
      ...sends,
      ...second.map(({ to, message }) => ({ to, message: { proposals: NO_FRAME, sets: message } })),
    ];
  }
}
