import { concatBytes } from '../base/bytes.ts';

/** Sections of a WebAssembly module that say how large its tables and its memory may get. */
const TABLES = 4;
const MEMORIES = 5;
const PAGE_BYTES = 1 << 16;
/** A witness program, at most. */
export const MAX_PROGRAM_BYTES = 1 << 27;
/** Entries of a table, at most; circom's programs have a few thousand. */
const MAX_TABLE_ENTRIES = 1 << 20;

/** Reads bytes that may be anything; `isBroken` once they were not as expected. */
class Bytes {
  readonly #bytes: Uint8Array;
  at: number;
  isBroken = false;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) this.isBroken = true;
    return byte ?? 0;
  }

  /** An unsigned LEB128 number below 2^32. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    this.isBroken = true;
    return 0;
  }
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** A minimum and a maximum, the maximum lowered. */
function limits(bytes: Bytes, most: number): number[] | 'memory' | undefined {
  const flags = bytes.byte();
  // Shared memories, and those of 64 bits, are no circom's.
  if (flags > 1) return undefined;
  const least = bytes.number();
  const greatest = flags === 1 ? bytes.number() : Math.max(least, most);
  if (bytes.isBroken || least > greatest) return undefined;
  return least > most ? 'memory' : [1, ...leb(least), ...leb(Math.min(greatest, most))];
}

function boundedSection(id: number, bytes: Bytes, memoryBytes: number): number[] | 'memory' | undefined {
  const count = bytes.number();
  if (count > 1 || bytes.isBroken) return undefined;
  const body = leb(count);
  for (let left = count; left > 0; left--) {
    if (id === TABLES) body.push(bytes.byte());
    const bounded = limits(bytes, id === TABLES ? MAX_TABLE_ENTRIES : Math.floor(memoryBytes / PAGE_BYTES));
    if (bounded === undefined || bounded === 'memory') return bounded;
    body.push(...bounded);
  }
  return bytes.isBroken ? undefined : [id, ...leb(body.length), ...body];
}

/**
 * A module whose memory and table cannot grow beyond a limit: nothing else bounds what WebAssembly takes. A memory that the
 * module wants to import is the importer's matter.
 * @param wasm of anybody
 * @returns 'memory' if it wants more from the start; undefined if it is no module, or has more than one memory or table
 * @see WebAssembly Core Specification 2.0, 5.5 (modules) and 5.3.6 (limits)
 */
export function boundedModule(wasm: Uint8Array, memoryBytes: number): Uint8Array | 'memory' | undefined {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  if (!header.every((byte, i) => wasm[i] === byte)) return undefined;
  const parts: Uint8Array[] = [wasm.subarray(0, header.length)];
  const bytes = new Bytes(wasm, header.length);
  while (bytes.at < wasm.length) {
    const start = bytes.at;
    const id = bytes.byte();
    const size = bytes.number();
    const end = bytes.at + size;
    if (bytes.isBroken || end > wasm.length) return undefined;
    if (id === TABLES || id === MEMORIES) {
      const bounded = boundedSection(id, bytes, memoryBytes);
      if (bounded === undefined || bounded === 'memory') return bounded;
      if (bytes.at !== end) return undefined;
      parts.push(Uint8Array.from(bounded));
    } else parts.push(wasm.subarray(start, end));
    bytes.at = end;
  }
  return concatBytes(...parts);
}
