import { bigintToBytes, bytesToBigint, utf8 } from './bytes.ts';
import { BaseError } from './errors.ts';

/** What may name an entry of a map or be a member of a set: what is equal by value. */
export type StateKey = number | bigint | string;

/**
 * Plain data: what a machine's state is written down as. A number is a safe integer, a record an object without a class. The
 * order in which maps and sets were filled is part of them; the order of a record's fields is not.
 */
export type State =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly State[]
  | ReadonlyMap<StateKey, State>
  | ReadonlySet<StateKey>
  | { readonly [field: string]: State };

/** Levels of values within values, at most. */
export const MAX_STATE_DEPTH = 32;
/** Bytes of one encoded state, at most: what 100 validators may have sent early and may be kept back for, twice over. */
export const MAX_STATE_BYTES = 2 ** 31;

// The first byte of every value.
const UNDEFINED = 0;
const FALSE = 1;
const TRUE = 2;
const NATURAL = 3;
const NEGATIVE = 4;
const BIG_NATURAL = 5;
const BIG_NEGATIVE = 6;
/** A string that comes for the first time. */
const STRING = 7;
/** The number of a string that came before, from 0. */
const STRING_AGAIN = 8;
const BYTES = 9;
const LIST = 10;
const MAP = 11;
const SET = 12;
const RECORD = 13;

/**
 * The one encoding of plain data: equal values give equal bytes. A value is its kind, one byte, and its body. Numbers and lengths
 * are base 128, the lowest digit first; a negative number x is written as −1 − x; a bigint as the fewest big-endian bytes; a
 * string that came before as its number, so names of fields and hexadecimal ids are written once. Fields go by their names'
 * UTF-16 order.
 * @param value a State other than undefined; it is `unknown` because an interface is not assignable to an index signature
 * @throws {BaseError} CODEC_INPUT for what is not plain data, or beyond a limit: our own value, so our bug
 */
export function encodeState(value: unknown): Uint8Array {
  const writer = new Writer();
  if (value === undefined) refuse('undefined is no state');
  writer.value(value, 0);
  return writer.take();
}

/**
 * @param bytes      hostile
 * @param maxEntries of all its lists, maps, sets and records together: one byte may be an entry that takes many times as much memory
 * @returns the value, which shares no memory with the bytes; undefined for anything but the one encoding of a State. Never throws.
 */
export function decodeState(bytes: Uint8Array, maxEntries = Number.POSITIVE_INFINITY): State {
  if (bytes.length > MAX_STATE_BYTES) return undefined;
  try {
    const reader = new Reader(bytes, maxEntries);
    const value = reader.value(0);
    return reader.isAtEnd ? value : undefined;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

const refuse = (why: string): never => {
  throw new BaseError('CODEC_INPUT', `cannot encode a state: ${why}`);
};

/** Where most values are written down: nearly all are short, and an array of one's own for each costs more than the encoding. */
const SCRATCH = new Uint8Array(4096);

class Writer {
  #bytes = SCRATCH;
  #length = 0;
  readonly #strings = new Map<string, number>();

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  value(value: unknown, depth: number): void {
    if (depth > MAX_STATE_DEPTH) refuse('values lie within values without end');
    if (value === undefined) return this.#byte(UNDEFINED);
    if (typeof value === 'boolean') return this.#byte(value ? TRUE : FALSE);
    if (typeof value === 'number') return this.#number(value);
    if (typeof value === 'bigint') return this.#bigint(value);
    if (typeof value === 'string') return this.#string(value);
    if (value instanceof Uint8Array) return this.#chunk(BYTES, value);
    if (Array.isArray(value)) return this.#list(value, depth);
    if (value instanceof Map) return this.#map(value, depth);
    if (value instanceof Set) return this.#set(value);
    if (typeof value === 'object' && value !== null) return this.#record(value, depth);
    refuse(`a ${value === null ? 'null' : typeof value} is not plain data`);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) refuse(`${value} is no safe integer`);
    this.#byte(value < 0 ? NEGATIVE : NATURAL);
    this.#natural(value < 0 ? -1 - value : value);
  }

  #bigint(value: bigint): void {
    const magnitude = value < 0n ? -1n - value : value;
    const length = magnitude === 0n ? 0 : Math.ceil(magnitude.toString(16).length / 2);
    this.#chunk(value < 0n ? BIG_NEGATIVE : BIG_NATURAL, bigintToBytes(magnitude, length));
  }

  #string(value: string): void {
    const before = this.#strings.get(value);
    if (before === undefined) {
      if (/\p{Surrogate}/u.test(value)) refuse('a string is not well-formed');
      this.#strings.set(value, this.#strings.size);
      return this.#chunk(STRING, utf8(value));
    }
    this.#byte(STRING_AGAIN);
    this.#natural(before);
  }

  #list(values: readonly unknown[], depth: number): void {
    this.#byte(LIST);
    this.#natural(values.length);
    for (const value of values) this.value(value, depth + 1);
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    this.#byte(MAP);
    this.#natural(map.size);
    for (const [key, value] of map) {
      this.#key(key);
      this.value(value, depth + 1);
    }
  }

  #set(set: ReadonlySet<unknown>): void {
    this.#byte(SET);
    this.#natural(set.size);
    for (const key of set) this.#key(key);
  }

  #key(key: unknown): void {
    if (typeof key !== 'number' && typeof key !== 'bigint' && typeof key !== 'string')
      refuse(`a ${typeof key} is no key`);
    this.value(key, 0);
  }

  #record(record: object, depth: number): void {
    const prototype: unknown = Object.getPrototypeOf(record);
    if (prototype !== Object.prototype && prototype !== null)
      refuse('an object of a class is not plain data');
    const fields = Object.keys(record).sort();
    this.#byte(RECORD);
    this.#natural(fields.length);
    for (const field of fields) {
      this.#string(field);
      this.value((record as Readonly<Record<string, unknown>>)[field], depth + 1);
    }
  }

  #chunk(kind: number, bytes: Uint8Array): void {
    this.#byte(kind);
    this.#natural(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #natural(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#byte((rest % 128) + 128);
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed > MAX_STATE_BYTES) refuse(`it takes more than ${MAX_STATE_BYTES} bytes`);
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Ends a decoding; nobody outside sees it. */
class Malformed extends Error {}

const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  readonly #strings: string[] = [];
  readonly #known = new Set<string>();
  /** Entries that may still come. */
  #left: number;

  constructor(bytes: Uint8Array, maxEntries: number) {
    this.#bytes = bytes;
    this.#left = maxEntries;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): State {
    if (depth > MAX_STATE_DEPTH) throw new Malformed();
    const kind = this.#byte();
    switch (kind) {
      case UNDEFINED:
        return undefined;
      case FALSE:
      case TRUE:
        return kind === TRUE;
      case BYTES:
        return this.#chunk().slice();
      case LIST:
        return Array.from({ length: this.#entries() }, () => this.value(depth + 1));
      case MAP:
        return this.#map(depth);
      case SET:
        return this.#set();
      case RECORD:
        return this.#record(depth);
      default:
        return this.#scalar(kind);
    }
  }

  /** What may also be a key. */
  #scalar(kind: number): StateKey {
    switch (kind) {
      case NATURAL:
        return this.#natural();
      case NEGATIVE:
        return this.#negative();
      case BIG_NATURAL:
        return this.#magnitude();
      case BIG_NEGATIVE:
        return -1n - this.#magnitude();
      case STRING:
        return this.#newString();
      case STRING_AGAIN:
        return this.#strings[this.#natural()] ?? this.#fail();
      default:
        return this.#fail();
    }
  }

  #negative(): number {
    const value = -1 - this.#natural();
    return Number.isSafeInteger(value) ? value : this.#fail();
  }

  #magnitude(): bigint {
    const bytes = this.#chunk();
    return bytes[0] === 0 ? this.#fail() : bytesToBigint(bytes);
  }

  #newString(): string {
    const text = this.#text();
    if (this.#known.has(text)) this.#fail();
    this.#known.add(text);
    this.#strings.push(text);
    return text;
  }

  #text(): string {
    const bytes = this.#chunk();
    try {
      return utf8Decoder.decode(bytes);
    } catch {
      return this.#fail();
    }
  }

  #map(depth: number): ReadonlyMap<StateKey, State> {
    const map = new Map<StateKey, State>();
    for (let left = this.#entries(); left > 0; left--) {
      const key = this.#scalar(this.#byte());
      if (map.has(key)) this.#fail();
      map.set(key, this.value(depth + 1));
    }
    return map;
  }

  #set(): ReadonlySet<StateKey> {
    const set = new Set<StateKey>();
    for (let left = this.#entries(); left > 0; left--) {
      const key = this.#scalar(this.#byte());
      if (set.has(key)) this.#fail();
      set.add(key);
    }
    return set;
  }

  #record(depth: number): { readonly [field: string]: State } {
    const fields: [string, State][] = [];
    for (let left = this.#entries(); left > 0; left--) {
      const field = this.#scalar(this.#byte());
      const last = fields.at(-1)?.[0];
      if (typeof field !== 'string' || (last !== undefined && last >= field)) return this.#fail();
      fields.push([field, this.value(depth + 1)]);
    }
    // Not by assignment: a field may be called __proto__.
    return Object.fromEntries(fields);
  }

  /** How many values follow, each of which takes a byte at least: nothing large is made for a number alone. */
  #count(): number {
    const count = this.#natural();
    return count <= this.#bytes.length - this.#at ? count : this.#fail();
  }

  #entries(): number {
    const count = this.#count();
    this.#left -= count;
    return this.#left < 0 ? this.#fail() : count;
  }

  #chunk(): Uint8Array {
    const length = this.#count();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #natural(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte % 128) * scale;
      if (!Number.isSafeInteger(value) || (byte === 0 && scale > 1)) this.#fail();
      if (byte < 128) return value;
    }
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) this.#fail();
    this.#at += 1;
    return this.#bytes[this.#at - 1]!;
  }

  #fail(): never {
    throw new Malformed();
  }
}
