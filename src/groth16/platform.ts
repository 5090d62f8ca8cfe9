/** What Groth16 takes from Node; `platform.browser.ts` takes it from a browser. */
import { createHash, randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** Bytes of the system. */
export const freshBytes = (length: number): Uint8Array => randomBytes(length);

export const sha256Of = (text: string): Uint8Array => createHash('sha256').update(text).digest();

/** SHAKE256 of the parts one after the other. */
export function shake256Of(parts: Iterable<Uint8Array>, outputLength: number): Uint8Array {
  const hash = createHash('shake256', { outputLength });
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Lets others have the thread. */
export const nextTurn = (): Promise<void> => setImmediate();
