import { concatBytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { frameRecord, type Log, readRecords } from '../consensus/log.ts';
import type { Protocol } from '../consensus/protocol.ts';
import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { decodePacket, encodePacket, type Packet } from './packet.ts';

/** What a host makes durable: its inputs, where it began a height and with which proposal, and when it sent. */
export type HostRecord<M> =
  | {
      readonly type: 'packet';
      readonly from: ValidatorIndex;
      readonly packet: Packet<M>;
      readonly depth: number;
    }
  | { readonly type: 'enter'; readonly height: number; readonly payload: Uint8Array | undefined }
  | { readonly type: 'flush' }
  /** Everything below this height is over; how far the peers were. */
  | { readonly type: 'checkpoint'; readonly height: number; readonly reached: readonly number[] };

const TYPES = ['packet', 'enter', 'flush', 'checkpoint'] as const;

/** type 1 ‖ a 4 ‖ b 4 ‖ body. */
export function encodeRecord<M>(record: HostRecord<M>, protocol: Protocol<M>): Uint8Array {
  const head = new Uint8Array(9);
  const view = new DataView(head.buffer);
  view.setUint8(0, TYPES.indexOf(record.type));
  switch (record.type) {
    case 'packet':
      view.setUint32(1, record.from);
      view.setUint32(5, record.depth);
      return concatBytes(head, encodePacket(record.packet, protocol));
    case 'enter':
      view.setUint32(1, record.height);
      view.setUint32(5, record.payload === undefined ? 0 : 1);
      return concatBytes(head, record.payload ?? new Uint8Array(0));
    case 'flush':
      return head;
    case 'checkpoint': {
      view.setUint32(1, record.height);
      const reached = new Uint8Array(4 * record.reached.length);
      const cells = new DataView(reached.buffer);
      record.reached.forEach((height, i) => {
        cells.setUint32(4 * i, height);
      });
      return concatBytes(head, reached);
    }
  }
}

export function decodeRecord<M>(bytes: Uint8Array, protocol: Protocol<M>): HostRecord<M> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = TYPES[view.getUint8(0)]!;
  const a = view.getUint32(1);
  const b = view.getUint32(5);
  const body = bytes.slice(9);
  switch (type) {
    case 'packet':
      return { type, from: validatorIndex(a), depth: b, packet: decodePacket(body, protocol) };
    case 'enter':
      return { type, height: a, payload: b === 0 ? undefined : body };
    case 'flush':
      return { type };
    case 'checkpoint': {
      const cells = new DataView(body.buffer);
      return {
        type,
        height: a,
        reached: Array.from({ length: body.length / 4 }, (_, i) => cells.getUint32(4 * i)),
      };
    }
  }
}

/** The records that a host still needs when a height is over: of later heights, and when it sent since the first of them. */
export function recordsAfter<M>(height: number, log: Log, protocol: Protocol<M>): Uint8Array[] {
  const kept: Uint8Array[] = [];
  let sent = true;
  for (const bytes of log.read()) {
    const record = decodeRecord(bytes, protocol);
    if (record.type === 'flush') {
      if (!sent) kept.push(bytes);
      sent = true;
    } else if (record.type !== 'checkpoint') {
      const at = record.type === 'packet' ? record.packet.height : record.height;
      if (at <= height) continue;
      kept.push(bytes);
      sent = false;
    }
  }
  return kept;
}

/** How much of the record that is being written when a validator dies reaches the disk. */
export type WriteFate = 'nothing' | 'torn' | 'all';

/** A validator died while it wrote. */
export class Crash {
  /** Whether the packet it was given is durable: if not, whoever sent it sends it again. */
  readonly durable: boolean;

  constructor(durable: boolean) {
    this.durable = durable;
  }
}

/** A log in memory that survives its validator, which may die at any write. */
export class MemoryLog implements Log {
  /** Writes so far, over all lives. */
  writes = 0;
  private stored: Uint8Array[] = [];
  private readonly deaths: ReadonlyMap<number, WriteFate>;

  /** @param deaths at which writes, counted from 1, the validator dies, and what is left of them */
  constructor(deaths: ReadonlyMap<number, WriteFate> = new Map()) {
    this.deaths = deaths;
  }

  append(record: Uint8Array): void {
    const fate = this.nextFate();
    const framed = frameRecord(record);
    if (fate === undefined || fate === 'all') this.stored.push(framed);
    else if (fate === 'torn') this.stored.push(framed.slice(0, framed.length - 1));
    if (fate !== undefined) throw new Crash(fate === 'all');
  }

  /** A write as well, of one piece: the old records stay unless all of it got through. */
  compact(records: readonly Uint8Array[]): void {
    const fate = this.nextFate();
    if (fate === undefined || fate === 'all') this.stored = records.map(frameRecord);
    // What was logged before is durable either way.
    if (fate !== undefined) throw new Crash(true);
  }

  read(): Uint8Array[] {
    const records = readRecords(concatBytes(...this.stored));
    assert(records.length >= this.stored.length - 1, 'only the last record of a log may be torn');
    // What a crash tore off is cut off, so that later records follow whole ones.
    this.stored = records.map(frameRecord);
    return records;
  }

  private nextFate(): WriteFate | undefined {
    this.writes += 1;
    return this.deaths.get(this.writes);
  }
}
