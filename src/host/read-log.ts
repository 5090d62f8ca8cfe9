import { concatBytes } from '../base/bytes.ts';
import type { VelumError } from '../base/errors.ts';
import { MAX_MESSAGE_BYTES } from '../params/sizes.ts';
import { HostError, WHEN_DAMAGED } from './errors.ts';
import { FRAME_BYTES, readRecords, recordAt } from './log.ts';
import { decodeRecord, encodeRecord, type HostRecord, type InputRecord, requireVersion } from './records.ts';

/** A segment's log as a replay takes it. */
export interface ReadLog {
  /** Up to the last commit. */
  readonly committed: readonly HostRecord[];
  /** Whole inputs after it. What they led to was never sent, and their senders were never told that they had arrived. */
  readonly tail: readonly InputRecord[];
  /** Bytes up to the last commit. */
  readonly length: number;
  /** Bytes after the last whole record: a write that a crash tore. */
  readonly torn: number;
}

/** Of an input that carries the longest message, and more than that of any other one. */
const MAX_RECORD_BYTES = MAX_MESSAGE_BYTES + 2 ** 18;
/** How many bytes a commit takes, without its frame. */
const COMMIT_BYTES = encodeRecord({ type: 'commit', hash: new Uint8Array(32) }).length;

/**
 * Reads the log of a segment. A crash may tear what was being written, which is cut off; anything else that is damaged has been
 * durable, and going on without it could contradict what was sent.
 * @param isLast whether it is the newest segment: only that one may end without a commit
 * @throws {HostError} HOST_LOG_DAMAGED, HOST_LOG_VERSION
 */
export function readLog(stored: Uint8Array, isLast: boolean): ReadLog {
  const committed: HostRecord[] = [];
  let open: HostRecord[] = [];
  let length = 0;
  let at = 0;
  for (const bytes of readRecords(stored)) {
    const record = decodeRecord(bytes);
    if (record === undefined) throw damaged(at, 'it holds what is no record');
    if (record.type === 'header') requireVersion(record);
    at += FRAME_BYTES + bytes.length;
    open.push(record);
    if (record.type !== 'commit') continue;
    committed.push(...open);
    open = [];
    length = at;
  }
  const isCut = at < stored.length || open.length > 0;
  if (isCut && (!isLast || (!isCutRecord(stored, at) && hasCommit(stored, at))))
    throw damaged(at, 'more was written after it');
  const tail = open.filter((record) => record.type === 'input');
  return { committed, tail, length, torn: stored.length - at };
}

const damaged = (at: number, why: string): VelumError =>
  new HostError(
    'HOST_LOG_DAMAGED',
    `the log is damaged at byte ${at}: ${why}. Going on without it could contradict what was sent: ${WHEN_DAMAGED}`,
    { at },
  );

/**
 * Whether a record begins at a byte of which the end is missing. What is there of it may be what a peer sent, and look like
 * anything: it is not searched. A damaged length may also point beyond the end: beyond what a record can have, or, with one bit
 * turned back, at a whole record.
 */
function isCutRecord(stored: Uint8Array, at: number): boolean {
  if (at + FRAME_BYTES > stored.length) return true;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const length = view.getUint32(at);
  if (length > MAX_RECORD_BYTES || at + FRAME_BYTES + length <= stored.length) return false;
  const header = stored.slice(at, at + FRAME_BYTES);
  return !Array.from({ length: 32 }, (_, bit) => (length ^ (1 << bit)) >>> 0).some((other) => {
    const end = at + FRAME_BYTES + other;
    if (end > stored.length) return false;
    new DataView(header.buffer).setUint32(0, other);
    return recordAt(concatBytes(header, stored.subarray(at + FRAME_BYTES, end)), 0) !== undefined;
  });
}

/** Whether a whole commit stands anywhere behind a damaged byte. */
function hasCommit(stored: Uint8Array, from: number): boolean {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  for (let at = from; at + FRAME_BYTES + COMMIT_BYTES <= stored.length; at++) {
    if (view.getUint32(at) !== COMMIT_BYTES) continue;
    const record = recordAt(stored, at);
    if (record !== undefined && decodeRecord(record)?.type === 'commit') return true;
  }
  return false;
}
