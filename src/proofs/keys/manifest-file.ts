import { join } from 'node:path';
import { z } from 'zod';
import type { VelumError } from '../../base/errors.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { ProofsError } from '../errors.ts';

/** log2 of the hashes of a beacon, at most: 2^32 take hours. Who checks a key repeats them, and the key says how many. */
export const MAX_BEACON_EXPONENT = 32;

const MAX_BYTES = 1 << 20;
const RESTORE = 'restore it with `git checkout keys`, or';
const MAKE = 'make keys with `velum keys setup` (keys of all parties change)';
const MAKE_KEYS = `${RESTORE} ${MAKE}`;
/** `velum keys setup` adds to the list that is there, so a list that cannot be read has to go. */
const START_OVER = `${RESTORE} move the folder away and ${MAKE}`;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits are expected');
const blake2b = z.string().regex(/^[0-9a-f]{128}$/, '128 hex digits are expected');

/** One circuit's row: SHA-256 of four files, and where the key comes from. */
const keyRecordSchema = z
  .object({
    /** Groth16 where it is left out. */
    protocol: z.enum(['groth16', 'plonk']).exactOptional(),
    r1cs: sha256,
    wasm: sha256,
    zkey: sha256,
    vkey: sha256,
    ptau: z.object({ name: z.string(), blake2b, trust: z.enum(['public ceremony', 'none']) }).readonly(),
    /** Phase 2, first contribution first; PLONK has none. */
    contributions: z
      .array(
        z
          .object({
            name: z.string(),
            hash: blake2b,
            beacon: z.string().exactOptional(),
            iterationsExponent: z.int().exactOptional(),
          })
          .readonly(),
      )
      .readonly(),
    /** Who contributed, each on a machine of their own, as whoever ended the ceremony says. */
    ceremony: z.string().exactOptional(),
  })
  .readonly();

const manifestSchema = z
  .object({
    /** Whether any of the keys is for development. */
    dev: z.boolean(),
    circom: z.string(),
    snarkjs: z.string(),
    circuits: z.record(z.string(), keyRecordSchema).readonly(),
  })
  .readonly();

export type KeyRecord = z.output<typeof keyRecordSchema>;
export type Manifest = z.output<typeof manifestSchema>;

/** The list of a keys folder. */
export const manifestPath = (keysDir: string): string => join(keysDir, 'MANIFEST.json');

/** @returns undefined if there is none yet. @throws {Groth16Error} KEYS_STALE if it is not what `velum keys setup` writes */
export async function readManifest(keysDir: string): Promise<Manifest | undefined> {
  const path = manifestPath(keysDir);
  let text: string;
  try {
    text = (await readRegularFile(path, MAX_BYTES)).toString('utf8');
  } catch (error) {
    const { cause, message } = error as VelumError;
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? ''))
      return undefined;
    throw staleKeys(path, `cannot be used: ${message}`, START_OVER);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw staleKeys(path, 'is not JSON', START_OVER);
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = ['$', ...(issue?.path ?? [])].join('.');
  throw staleKeys(path, `is not as expected at ${where}: ${issue?.message}`, START_OVER);
}

/** A keys folder has no such file. */
export const missingKeys = (path: string, cause?: unknown): VelumError =>
  new ProofsError('KEYS_MISSING', `${path} cannot be read; ${MAKE_KEYS}`, { path }, cause);

/** A file of a keys folder is not the one that belongs there. */
export const staleKeys = (path: string, reason: string, help = MAKE_KEYS): VelumError =>
  new Groth16Error('KEYS_STALE', `${path} ${reason}; ${help}`, { path });
