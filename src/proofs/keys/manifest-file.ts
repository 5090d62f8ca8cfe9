import type { VelumError } from '../../base/errors.ts';
import { anyText, choice, flag, integer, list, mapOf, matching, object, readForm } from '../../base/forms.ts';
import { notJson } from '../../base/json-place.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { ProofsError } from '../errors.ts';
import { keyFileHash, keyFilePath, readKeysFile } from '../key-files.ts';

/** log2 of the hashes of a beacon, at most: 2^32 take hours. Who checks a key repeats them, and the key says how many. */
export const MAX_BEACON_EXPONENT = 32;

const MAX_BYTES = 1 << 20;
const RESTORE = 'if it was there before, restore it with `git checkout keys`, or';
const MAKE = 'make keys with `velum keys setup` (keys of all parties change)';
const MAKE_KEYS = `${RESTORE} ${MAKE}`;
const OTHER_KEYS = 'whoever has them there uses other keys, or changed these: nothing is proved with them';
/** `velum keys setup` adds to the list that is there, so a list that cannot be read has to go. */
const START_OVER = `${RESTORE} move the folder away and ${MAKE}`;

const sha256 = matching(/^[0-9a-f]{64}$/, '64 hex digits are expected');
const blake2b = matching(/^[0-9a-f]{128}$/, '128 hex digits are expected');

/** Phase 2, first contribution first; PLONK has none. */
const contribution = object(
  { name: anyText, hash: blake2b },
  { optional: { beacon: anyText, iterationsExponent: integer } },
);

/** One circuit's row: SHA-256 of four files, and where the key comes from. */
const keyRecord = object(
  {
    r1cs: sha256,
    wasm: sha256,
    zkey: sha256,
    vkey: sha256,
    ptau: object({
      name: anyText,
      blake2b,
      trust: choice(['public ceremony', 'none'], '"public ceremony" or "none" is expected'),
    }),
    contributions: list(contribution),
  },
  {
    optional: {
      /** Groth16 where it is left out. */
      protocol: choice(['groth16', 'plonk'], '"groth16" or "plonk" is expected'),
      /** Who contributed, each on a machine of their own, as whoever ended the ceremony says. */
      ceremony: anyText,
    },
  },
);

const manifestForm = object({
  /** Whether any of the keys is for development. */
  dev: flag,
  circom: anyText,
  snarkjs: anyText,
  circuits: mapOf(keyRecord),
});

export type KeyRecord = ReturnType<typeof keyRecord>;
export type Manifest = ReturnType<typeof manifestForm>;

/** The list of a keys folder. */
export const manifestPath = (keysDir: string): string => keyFilePath(keysDir, 'MANIFEST.json');

/**
 * @param expected SHA-256 of the list, in hex: another one is refused
 * @returns undefined if there is none yet
 * @throws {Groth16Error} KEYS_STALE if it is not the expected one, or not what `velum keys setup` writes
 */
export async function readManifest(keysDir: string, expected?: string): Promise<Manifest | undefined> {
  const path = manifestPath(keysDir);
  let bytes: Uint8Array;
  try {
    bytes = await readKeysFile(path, MAX_BYTES);
  } catch (error) {
    const { cause, message } = error as VelumError;
    if (['ENOENT', 'ENOTDIR'].includes((cause as { readonly code?: string } | undefined)?.code ?? ''))
      return undefined;
    throw staleKeys(path, `cannot be used: ${message}`, START_OVER);
  }
  if (expected !== undefined && (await keyFileHash(bytes)) !== expected)
    throw staleKeys(path, 'is not the list of keys that is expected', OTHER_KEYS);
  const content = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    throw staleKeys(path, `is ${notJson(content)}`, START_OVER);
  }
  const read = readForm(manifestForm, json);
  if ('data' in read) return read.data;
  throw staleKeys(
    path,
    `is not as expected at ${['$', ...read.path].join('.')}: ${read.problem}`,
    START_OVER,
  );
}

/** A keys folder has no such file. */
export const missingKeys = (path: string, cause?: unknown): VelumError =>
  new ProofsError('KEYS_MISSING', `${path} cannot be read; ${MAKE_KEYS}`, { path }, cause);

/** A file of a keys folder is not the one that belongs there. */
export const staleKeys = (path: string, reason: string, help = MAKE_KEYS): VelumError =>
  new Groth16Error('KEYS_STALE', `${path} ${reason}; ${help}`, { path });
