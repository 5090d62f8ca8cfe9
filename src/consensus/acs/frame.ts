import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { MAX_FRAME_BYTES, MAX_FRAME_PARTS, MAX_FRAME_VOTES } from '../../params/sizes.ts';
import type { Vote } from '../aba/votes.ts';
import { hasLength, type RbcMessage } from '../rbc/messages.ts';
import type { Send } from '../step.ts';

/** One vote in many agreements: bit j mod 8 of byte ⌊j / 8⌋ of `instances` is set iff it is meant for ABA_j. */
export interface VoteGroup extends Vote {
  readonly instances: Uint8Array;
}

/** One frame of an ACS: all that one input made a validator say to one destination. */
export interface AcsMessage {
  readonly rbc: readonly RbcMessage[];
  readonly votes: readonly VoteGroup[];
}

/** A frame with nothing in it, which is not sent. */
export const NO_FRAME: AcsMessage = { rbc: [], votes: [] };

/** Bytes before the first part and between parts and votes. */
export const FRAME_HEAD_BYTES = 5;
/** Bytes of a part besides its payload or digest: kind, proposer, and the length if it carries a payload. */
export const partBytes = ({ kind, bytes }: RbcMessage): number => (hasLength(kind) ? 6 : 2) + bytes.length;
/** Bytes of a group besides its bitmap: kind and values, round. */
export const VOTE_HEAD_BYTES = 3;

/** Bytes of a bitmap over n agreements. */
export const bitmapBytes = (n: number): number => (n + 7) >> 3;

/** Whether a bitmap is as long as a committee of n needs, and names nobody else. */
export const isBitmapOf = (n: number, bitmap: Uint8Array): boolean =>
  bitmap.length === bitmapBytes(n) && bitmap.at(-1)! >> (1 + ((n - 1) & 7)) === 0;

/** The bitmap that names these of n. */
export function bitmapOf(n: number, members: Iterable<number>): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(n));
  for (const j of members) bitmap[j >> 3]! |= 1 << (j & 7);
  return bitmap;
}

/** Whom a bitmap names, ascending. */
export const membersOf = (bitmap: Uint8Array): ValidatorIndex[] =>
  [...bitmap].flatMap((byte, i) =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bit) => ((byte >> bit) & 1 ? [validatorIndex(8 * i + bit)] : [])),
  );

interface Draft {
  readonly to: ValidatorIndex | 'all';
  readonly message: { readonly rbc: RbcMessage[]; readonly votes: VoteGroup[] };
  bytes: number;
}

/**
 * Collects what one input makes the machines say, one frame a destination: votes of all agreements that differ
 * in nothing but the agreement become one bitmap. A second frame to a destination starts only when the first
 * would exceed a limit of the codec.
 */
export class FrameBuffer {
  private readonly width: number;
  private drafts: Draft[] = [];

  /** @param n number of agreements */
  constructor(n: number) {
    this.width = bitmapBytes(n);
  }

  /** Adds a broadcast message. */
  part(to: ValidatorIndex | 'all', part: RbcMessage): void {
    const size = partBytes(part);
    let draft = this.draftFor(to);
    if (draft.message.rbc.length >= MAX_FRAME_PARTS || draft.bytes + size > MAX_FRAME_BYTES) {
      draft = this.newDraft(to);
    }
    draft.message.rbc.push(part);
    draft.bytes += size;
  }

  /** Adds a vote of one agreement, for all. */
  vote(instance: ValidatorIndex, vote: Vote): void {
    this.bitmapFor('all', vote)[instance >> 3]! |= 1 << (instance & 7);
  }

  /** Adds all of another frame. */
  frame(to: ValidatorIndex | 'all', { rbc, votes }: AcsMessage): void {
    for (const part of rbc) this.part(to, part);
    for (const group of votes) {
      const bitmap = this.bitmapFor(to, group);
      for (let i = 0; i < bitmap.length; i++) bitmap[i]! |= group.instances[i]!;
    }
  }

  /** @returns the collected frames, which from now on nobody writes to. */
  take(): readonly Send<AcsMessage>[] {
    const drafts = this.drafts;
    this.drafts = [];
    return drafts;
  }

  /** The bitmap in which such votes are collected. */
  private bitmapFor(to: ValidatorIndex | 'all', { kind, round, values }: Vote): Uint8Array {
    let draft = this.draftFor(to);
    for (const group of draft.message.votes) {
      if (group.kind === kind && group.round === round && group.values === values) return group.instances;
    }
    const size = VOTE_HEAD_BYTES + this.width;
    if (draft.message.votes.length >= MAX_FRAME_VOTES || draft.bytes + size > MAX_FRAME_BYTES) {
      draft = this.newDraft(to);
    }
    const instances = new Uint8Array(this.width);
    draft.message.votes.push({ kind, round, values, instances });
    draft.bytes += size;
    return instances;
  }

  private draftFor(to: ValidatorIndex | 'all'): Draft {
    for (let i = this.drafts.length - 1; i >= 0; i--) if (this.drafts[i]!.to === to) return this.drafts[i]!;
    return this.newDraft(to);
  }

  private newDraft(to: ValidatorIndex | 'all'): Draft {
    const draft: Draft = { to, message: { rbc: [], votes: [] }, bytes: FRAME_HEAD_BYTES };
    this.drafts.push(draft);
    return draft;
  }
}

/** Protocol messages in a frame, every vote counted singly. */
export function messagesIn({ rbc, votes }: AcsMessage): number {
  let count = rbc.length;
  for (const { instances } of votes) {
    for (let byte of instances) for (; byte !== 0; byte &= byte - 1) count += 1;
  }
  return count;
}
