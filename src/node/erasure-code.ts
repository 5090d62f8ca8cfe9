import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ErasureCode } from '../consensus/rbc/erasure.ts';

interface Coder {
  encode(shards: Uint8Array, data: number, parity: number): number;
  reconstruct(shards: Uint8Array, data: number, parity: number, available: boolean[]): number;
}
interface Library {
  readonly ReedSolomonErasure: {
    readonly RESULT_OK: number;
    fromBytes(wasm: Uint8Array): Coder;
    fromCurrentDirectory(): Promise<Coder>;
  };
}

const PACKAGE = '@subspace/reed-solomon-erasure.wasm';

/**
 * Reed–Solomon over GF(2^8), at most 256 shards in all.
 * Version 0.2.5 frees the availability flags twice, in Rust and again in JavaScript, after which the same instance reads
 * beyond its memory or misses shards: every `reconstruct` gets an instance of its own (0.2 ms). `encode` has no flags.
 */
export async function openErasureCode(): Promise<ErasureCode> {
  const require = createRequire(import.meta.url);
  const { ReedSolomonErasure } = require(PACKAGE) as Library;
  const wasm = readFileSync(join(dirname(require.resolve(PACKAGE)), 'reed_solomon_erasure_bg.wasm'));
  const encoder = await ReedSolomonErasure.fromCurrentDirectory();
  const isOk = (result: number): boolean => result === ReedSolomonErasure.RESULT_OK;
  return {
    encode: (shards, data, parity) => isOk(encoder.encode(shards, data, parity)),
    reconstruct: (shards, data, parity, available) =>
      isOk(ReedSolomonErasure.fromBytes(wasm).reconstruct(shards, data, parity, available)),
  };
}
