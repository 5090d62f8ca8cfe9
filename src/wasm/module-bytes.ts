import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';

/** A file of this package. */
export const moduleBytes = async (url: URL): Promise<Uint8Array<ArrayBuffer>> =>
  url.protocol === 'file:'
    ? new Uint8Array(await readFile(url))
    : new Uint8Array(await (await fetch(url)).arrayBuffer());

/** Node 20 has the instructions behind a flag. */
export const enableRelaxedSimd = (): void => setFlagsFromString('--experimental-wasm-relaxed-simd');
