import { containerSections } from './iden3-file.ts';

/** What is read of a proving key, at most. */
export const MAX_ZKEY_BYTES = 1 << 28;

const SECTIONS = 10;

/**
 * Type → body of the sections of a Groth16 proving key, iden3's binary container.
 * @param bytes from anybody
 * @returns undefined unless they are the ten of such a key, each once, and nothing else
 */
export function zkeySections<Bytes extends Uint8Array>(bytes: Bytes): ReadonlyMap<number, Bytes> | undefined {
  const bodies = containerSections(bytes, 'zkey', 1);
  const isOfKey = (type: number): boolean => type >= 1 && type <= SECTIONS;
  return bodies?.size === SECTIONS && [...bodies.keys()].every(isOfKey) ? bodies : undefined;
}
