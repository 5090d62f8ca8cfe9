import { concatBytes, equalBytes } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';

const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 8;

/**
 * Where a validator keeps its inputs. A machine is a function of them: what is logged before it is handled, and handled
 * before anything is sent, can be replayed after a crash without contradicting what went out.
 */
export interface Log {
  /** Adds a record; when this returns, it survives a crash. */
  append(record: Uint8Array): void;
  /** Puts one record in the place of all; atomic. */
  compact(records: readonly Uint8Array[]): void;
  /** All records, in order; a torn tail is not among them. */
  read(): Uint8Array[];
}

/** A record as it is stored: length 4 ‖ first 8 bytes of H(logRecord; record) ‖ record. */
export function frameRecord(record: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, record.length);
  return concatBytes(length, checksum(record), record);
}

/** Records of a stored log, up to the first one that is incomplete or damaged: what a crash may leave at the end. */
export function readRecords(stored: Uint8Array): Uint8Array[] {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const head = LENGTH_BYTES + CHECKSUM_BYTES;
  const records: Uint8Array[] = [];
  for (let at = 0; at + head <= stored.length; ) {
    const end = at + head + view.getUint32(at);
    if (end > stored.length) break;
    const record = stored.slice(at + head, end);
    if (!equalBytes(stored.subarray(at + LENGTH_BYTES, at + head), checksum(record))) break;
    records.push(record);
    at = end;
  }
  return records;
}

const checksum = (record: Uint8Array): Uint8Array =>
  hashBytes('logRecord', record).subarray(0, CHECKSUM_BYTES);
