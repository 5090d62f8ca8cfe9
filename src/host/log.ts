import { concatBytes, equalBytes } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';

const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 8;
/** What a stored record takes beside its own bytes. */
export const FRAME_BYTES = LENGTH_BYTES + CHECKSUM_BYTES;

/** A record as it is stored: length 4 ‖ first 8 bytes of H(logRecord; record) ‖ record. */
export function frameRecord(record: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, record.length);
  return concatBytes(length, checksum(record), record);
}

/** The whole record that begins at a byte; undefined if it is incomplete or damaged. */
export function recordAt(stored: Uint8Array, at: number): Uint8Array | undefined {
  if (at + FRAME_BYTES > stored.length) return undefined;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const end = at + FRAME_BYTES + view.getUint32(at);
  if (end > stored.length) return undefined;
  const record = stored.slice(at + FRAME_BYTES, end);
  const said = stored.subarray(at + LENGTH_BYTES, at + FRAME_BYTES);
  return equalBytes(said, checksum(record)) ? record : undefined;
}

/** Records of a stored log, up to the first one that is incomplete or damaged: what a crash may leave at the end. */
export function readRecords(stored: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = 0; ; at += FRAME_BYTES + records.at(-1)!.length) {
    const record = recordAt(stored, at);
    if (record === undefined) return records;
    records.push(record);
  }
}

const checksum = (record: Uint8Array): Uint8Array =>
  hashBytes('logRecord', record).subarray(0, CHECKSUM_BYTES);
