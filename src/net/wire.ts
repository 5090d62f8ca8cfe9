import { concatBytes } from '../base/bytes.ts';
import { MAX_MESSAGE_BYTES } from '../params/sizes.ts';

/** Version of everything that two processes say to each other on a stream. */
export const WIRE_VERSION = 1;

/** What a peer has of the frames that were sent to it. */
export interface LinkNumbers {
  /** Everything up to here survives a crash of the peer: it need not be kept any more. */
  readonly durable: number;
  /** Everything up to here has arrived: it need not be sent again. Never below `durable`. */
  readonly received: number;
}

/** One unit of a stream. */
export type WireFrame =
  /** The first one in each direction: who speaks about which chain and epoch, and how far the other one's frames have come. */
  | ({
      readonly kind: 'hello';
      readonly version: number;
      /** 32 bytes each. */
      readonly chain: Uint8Array;
      readonly epoch: Uint8Array;
    } & LinkNumbers)
  /** A frame of the sender's outbox under its number. */
  | { readonly kind: 'frame'; readonly number: number; readonly bytes: Uint8Array }
  /** Everything up to this number is durable at the sender. */
  | { readonly kind: 'ack'; readonly number: number }
  /** The sender is there and has nothing to say. */
  | { readonly kind: 'alive' };

export type Hello = Extract<WireFrame, { kind: 'hello' }>;

const KINDS = ['hello', 'frame', 'ack', 'alive'] as const;
const LENGTH_BYTES = 4;
const NUMBER_BYTES = 6;
const HELLO_BYTES = 4 + 32 + 32 + 2 * NUMBER_BYTES;
/** What a frame's body takes at most, by kind; all but `frame` have exactly this length. */
const BODY_BYTES = {
  hello: HELLO_BYTES,
  frame: NUMBER_BYTES + MAX_MESSAGE_BYTES,
  ack: NUMBER_BYTES,
  alive: 0,
} as const;
const MAX_UNIT_BYTES = 1 + BODY_BYTES.frame;
/** Memory is taken as bytes come: a length alone reserves no more than this. */
const FIRST_BYTES = 1 << 14;

/** The bytes of a unit: length 4, big-endian ‖ kind 1 ‖ body. Numbers have 6 bytes, big-endian. */
export function encodeWire(frame: WireFrame): Uint8Array {
  const body = bodyOf(frame);
  const unit = new Uint8Array(LENGTH_BYTES + 1 + body.length);
  new DataView(unit.buffer).setUint32(0, 1 + body.length);
  unit[LENGTH_BYTES] = KINDS.indexOf(frame.kind);
  unit.set(body, LENGTH_BYTES + 1);
  return unit;
}

function bodyOf(frame: WireFrame): Uint8Array {
  switch (frame.kind) {
    case 'hello': {
      const version = new Uint8Array(4);
      new DataView(version.buffer).setUint32(0, frame.version);
      const numbers = [numberBytes(frame.durable), numberBytes(frame.received)];
      return concatBytes(version, frame.chain, frame.epoch, ...numbers);
    }
    case 'frame':
      return concatBytes(numberBytes(frame.number), frame.bytes);
    case 'ack':
      return numberBytes(frame.number);
    case 'alive':
      return new Uint8Array(0);
  }
}

function numberBytes(number: number): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(number / 2 ** 32));
  view.setUint32(2, number % 2 ** 32);
  return bytes;
}

const numberAt = (body: Uint8Array, at: number): number => {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
};

/** @returns undefined for anything but the encoding of a unit */
function decodeUnit(unit: Uint8Array): WireFrame | undefined {
  const kind = KINDS[unit[0]!];
  const body = unit.subarray(1);
  switch (kind) {
    case undefined:
      return undefined;
    case 'hello': {
      if (body.length !== HELLO_BYTES) return undefined;
      const version = new DataView(body.buffer, body.byteOffset).getUint32(0);
      const [durable, received] = [numberAt(body, 68), numberAt(body, 68 + NUMBER_BYTES)];
      if (received < durable) return undefined;
      return { kind, version, chain: body.slice(4, 36), epoch: body.slice(36, 68), durable, received };
    }
    case 'frame':
      if (body.length <= NUMBER_BYTES) return undefined;
      return { kind, number: numberAt(body, 0), bytes: body.slice(NUMBER_BYTES) };
    case 'ack':
      return body.length === NUMBER_BYTES ? { kind, number: numberAt(body, 0) } : undefined;
    case 'alive':
      return body.length === 0 ? { kind } : undefined;
  }
}

/**
 * Cuts a stream of hostile bytes into units. A length is checked before anything of its unit is kept, and what is kept grows with
 * what has come: at most the longest unit and as much again.
 */
export class WireReader {
  readonly #header = new Uint8Array(LENGTH_BYTES);
  #headerBytes = 0;
  /** The unit in progress, its length, and how much of it has come. */
  #unit = new Uint8Array(0);
  #length = 0;
  #filled = 0;
  #isBroken = false;
  /** Before the hello nothing but a hello is read: a stranger reserves no more than that. */
  #isGreeted = false;

  /**
   * @param chunk the stream's next bytes
   * @returns the units that it completes, in order; undefined from the first one on that is malformed: the stream is of no more use
   */
  read(chunk: Uint8Array): readonly WireFrame[] | undefined {
    const frames: WireFrame[] = [];
    for (let at = 0; at < chunk.length && !this.#isBroken; ) {
      at +=
        this.#headerBytes < LENGTH_BYTES ? this.#readHeader(chunk, at) : this.#readUnit(chunk, at, frames);
    }
    return this.#isBroken ? undefined : frames;
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    const part = chunk.subarray(at, at + LENGTH_BYTES - this.#headerBytes);
    this.#header.set(part, this.#headerBytes);
    this.#headerBytes += part.length;
    if (this.#headerBytes === LENGTH_BYTES) {
      this.#length = new DataView(this.#header.buffer).getUint32(0);
      const isFit = this.#isGreeted
        ? this.#length >= 1 && this.#length <= MAX_UNIT_BYTES
        : this.#length === 1 + HELLO_BYTES;
      if (!isFit) this.#isBroken = true;
      this.#filled = 0;
      this.#unit = new Uint8Array(Math.min(this.#isBroken ? 0 : this.#length, FIRST_BYTES));
    }
    return part.length;
  }

  #readUnit(chunk: Uint8Array, at: number, frames: WireFrame[]): number {
    const part = chunk.subarray(at, at + this.#length - this.#filled);
    const filled = this.#filled + part.length;
    if (filled > this.#unit.length) {
      const larger = new Uint8Array(Math.min(this.#length, Math.max(filled, 2 * this.#unit.length)));
      larger.set(this.#unit.subarray(0, this.#filled));
      this.#unit = larger;
    }
    this.#unit.set(part, this.#filled);
    this.#filled = filled;
    if (filled === this.#length) this.#complete(frames);
    return part.length;
  }

  #complete(frames: WireFrame[]): void {
    const frame = decodeUnit(this.#unit.subarray(0, this.#length));
    // One hello, and first of all.
    if (frame === undefined || (frame.kind === 'hello') === this.#isGreeted) this.#isBroken = true;
    else frames.push(frame);
    this.#isGreeted = true;
    this.#headerBytes = 0;
    this.#unit = new Uint8Array(0);
  }
}
