import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ErasureCode } from '../consensus/rbc/erasure.ts';

/** What the package's WASM exports. It takes `flags` over and frees them; `shards` stay the caller's. */
interface Coder {
  readonly memory: WebAssembly.Memory;
  encode(shards: number, bytes: number, data: number, parity: number): number;
  reconstruct(
    shards: number,
    bytes: number,
    data: number,
    parity: number,
    flags: number,
    flagBytes: number,
  ): number;
  __wbindgen_malloc(bytes: number): number;
  __wbindgen_free(pointer: number, bytes: number): void;
}

const PACKAGE = '@subspace/reed-solomon-erasure.wasm';
const OK = 0;
const MAX_MEMORY_BYTES = 1 << 24;

/**
 * Reed–Solomon over GF(2^8): at least one data and one parity shard, at most 256 in all; the WASM traps at other numbers.
 *
 * Calls the WASM of the package without its JavaScript, which in version 0.2.5 frees the availability flags that Rust freed before:
 * thereafter the same instance reads beyond its memory or misses shards. Freed once, one instance serves all calls; an instance
 * for each takes 40 times as long as a call, compiled before or not. The allocator in it loses memory when sizes vary
 * (8 kB a call), and proposers choose them: an instance of more than 16 MiB is replaced.
 */
export async function openErasureCode(): Promise<ErasureCode> {
  const directory = dirname(createRequire(import.meta.url).resolve(PACKAGE));
  const module = await WebAssembly.compile(readFileSync(join(directory, 'reed_solomon_erasure_bg.wasm')));
  const open = (): Coder => new WebAssembly.Instance(module).exports as unknown as Coder;
  let coder = open();
  const inPlace = (shards: Uint8Array, code: (pointer: number) => number): boolean => {
    if (coder.memory.buffer.byteLength > MAX_MEMORY_BYTES) coder = open();
    const pointer = copyInto(coder, shards);
    const isOk = code(pointer) === OK;
    if (isOk) shards.set(new Uint8Array(coder.memory.buffer, pointer, shards.length));
    coder.__wbindgen_free(pointer, shards.length);
    return isOk;
  };
  return {
    encode: (shards, data, parity) =>
      inPlace(shards, (pointer) => coder.encode(pointer, shards.length, data, parity)),
    reconstruct: (shards, data, parity, available) =>
      inPlace(shards, (pointer) => {
        const flags = copyInto(coder, Uint8Array.from(available, Number));
        return coder.reconstruct(pointer, shards.length, data, parity, flags, available.length);
      }),
  };
}

function copyInto({ memory, __wbindgen_malloc: allocate }: Coder, bytes: Uint8Array): number {
  const pointer = allocate(bytes.length);
  new Uint8Array(memory.buffer).set(bytes, pointer);
  return pointer;
}
