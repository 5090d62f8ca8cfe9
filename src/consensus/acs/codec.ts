import { validatorIndex } from '../../params/ids.ts';
import {
  HASH_BYTES,
  MAX_BRANCH_BYTES,
  MAX_FRAME_BYTES,
  MAX_FRAME_PARTS,
  MAX_FRAME_VOTES,
  MAX_PAYLOAD_BYTES,
  MAX_VALIDATORS,
} from '../../params/sizes.ts';
import { type BitSet, VOTE_KINDS } from '../aba/votes.ts';
import { ConsensusError } from '../errors.ts';
import { hasLength, RBC_KINDS, type RbcMessage } from '../rbc/messages.ts';
import {
  type AcsMessage,
  bitmapBytes,
  FRAME_HEAD_BYTES,
  partBytes,
  VOTE_HEAD_BYTES,
  type VoteGroup,
} from './frame.ts';

/** Length of a frame's encoding, without making it. */
export function acsMessageBytes({ rbc, votes }: AcsMessage): number {
  let size = FRAME_HEAD_BYTES;
  for (const part of rbc) size += partBytes(part);
  for (const { instances } of votes) size += VOTE_HEAD_BYTES + instances.length;
  return size;
}

/**
 * Frame = parts 2 ‖ groups 2 ‖ bitmap length w 1 ‖ parts ‖ groups, integers big-endian.
 * Part = kind 1 ‖ proposer 1 ‖ (propose, payload, val, shard: length 4 ‖ bytes; echo, ready: digest 32; pull: nothing).
 * Group = 4·kind + values 1 ‖ round 2 ‖ bitmap w. Nothing of it is hashed or signed.
 * @throws {ConsensusError} CONSENSUS_INPUT if the frame exceeds a limit or its bitmaps differ in length
 */
export function encodeAcsMessage(message: AcsMessage): Uint8Array {
  const { rbc, votes } = message;
  const size = acsMessageBytes(message);
  const width = votes[0]?.instances.length ?? 0;
  if (
    size > MAX_FRAME_BYTES ||
    rbc.length > MAX_FRAME_PARTS ||
    votes.length > MAX_FRAME_VOTES ||
    votes.some((group) => group.instances.length !== width)
  ) {
    throw new ConsensusError('CONSENSUS_INPUT', 'a frame exceeds the limits of params/sizes.ts', {
      bytes: size,
    });
  }
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  view.setUint16(0, rbc.length);
  view.setUint16(2, votes.length);
  view.setUint8(4, width);
  let at = FRAME_HEAD_BYTES;
  for (const part of rbc) {
    const { kind, proposer, bytes } = part;
    out[at] = RBC_KINDS.indexOf(kind);
    out[at + 1] = proposer;
    if (hasLength(kind)) view.setUint32(at + 2, bytes.length);
    at += partBytes(part);
    out.set(bytes, at - bytes.length);
  }
  for (const { kind, round, values, instances } of votes) {
    out[at] = 4 * VOTE_KINDS.indexOf(kind) + values;
    view.setUint16(at + 1, round);
    out.set(instances, at + VOTE_HEAD_BYTES);
    at += VOTE_HEAD_BYTES + width;
  }
  return out;
}

/**
 * Parses a peer's frame. What it returns shares no memory with the input, so a small payload does not keep a
 * large buffer alive.
 * @returns undefined for anything that `encodeAcsMessage` does not produce. Never throws.
 */
export function decodeAcsMessage(bytes: Uint8Array): AcsMessage | undefined {
  if (bytes.length < FRAME_HEAD_BYTES || bytes.length > MAX_FRAME_BYTES) return undefined;
  const reader = new Reader(bytes);
  const parts = reader.uint(2);
  const groups = reader.uint(2);
  const width = reader.uint(1);
  if (parts > MAX_FRAME_PARTS || groups > MAX_FRAME_VOTES || width > bitmapBytes(MAX_VALIDATORS))
    return undefined;
  if (groups === 0 ? width !== 0 || parts === 0 : width === 0) return undefined;
  const rbc: RbcMessage[] = [];
  for (let i = 0; i < parts; i++) {
    const part = readPart(reader);
    if (part === undefined) return undefined;
    rbc.push(part);
  }
  const votes: VoteGroup[] = [];
  for (let i = 0; i < groups; i++) {
    const group = readGroup(reader, width);
    if (group === undefined) return undefined;
    votes.push(group);
  }
  return reader.atEnd ? { rbc, votes } : undefined;
}

function readPart(reader: Reader): RbcMessage | undefined {
  const kind = RBC_KINDS[reader.uint(1)];
  const proposer = validatorIndex(reader.uint(1));
  if (kind === undefined || proposer >= MAX_VALIDATORS) return undefined;
  const length = hasLength(kind) ? reader.uint(4) : kind === 'pull' ? 0 : HASH_BYTES;
  const isShard = kind === 'val' || kind === 'shard';
  if (length > MAX_PAYLOAD_BYTES + (isShard ? MAX_BRANCH_BYTES : 0)) return undefined;
  const bytes = reader.take(length);
  return bytes === undefined ? undefined : { kind, proposer, bytes };
}

function readGroup(reader: Reader, width: number): VoteGroup | undefined {
  const head = reader.uint(1);
  const round = reader.uint(2);
  const instances = reader.take(width);
  const kind = VOTE_KINDS[head >> 2];
  const values = head & 3;
  if (kind === undefined || values === 0 || instances === undefined) return undefined;
  if (instances.every((byte) => byte === 0)) return undefined;
  return { kind, round, values: values as BitSet, instances };
}

/** Reads big-endian integers and byte strings; past the end it gives zeros, and `atEnd` stays false. */
class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  uint(length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + (this.bytes[this.at++] ?? 0);
    return value;
  }

  /** @returns a copy of the next bytes; undefined if there are fewer. */
  take(length: number): Uint8Array | undefined {
    if (this.at + length > this.bytes.length) return undefined;
    this.at += length;
    return this.bytes.slice(this.at - length, this.at);
  }
}
