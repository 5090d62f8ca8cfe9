/** What Groth16 takes from a browser: see `platform.ts`. */
import { sha256 } from '@noble/hashes/sha2.js';
import { shake256 } from '@noble/hashes/sha3.js';
import { utf8 } from '../base/bytes.ts';

export const freshBytes = (length: number): Uint8Array =>
  globalThis.crypto.getRandomValues(new Uint8Array(length));

export const sha256Of = (text: string): Uint8Array => sha256(utf8(text));

export function shake256Of(parts: Iterable<Uint8Array>, outputLength: number): Uint8Array {
  const hash = shake256.create({ dkLen: outputLength });
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
