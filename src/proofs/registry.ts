import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { VelumError } from '../base/errors.ts';
import { type CircuitName, type CircuitShape, circuitShape } from './circuits.ts';
import { readRegularFile } from './regular-file.ts';

/** The keys folder of this package; the same from src/ and from dist/. */
export const KEYS_DIR = fileURLToPath(new URL('../../keys/', import.meta.url));

export const KEY_FILES = { vkey: 'vkey.json', zkey: 'proving.zkey', wasm: 'witness.wasm' } as const;
export type KeyFile = keyof typeof KEY_FILES;
export const KEY_FILE_NAMES = Object.keys(KEY_FILES) as KeyFile[];

/** Groth16 makes what peers verify; PLONK is there for study. */
export type Protocol = 'groth16' | 'plonk';

const MANIFEST = 'MANIFEST.json';
/** What is read of the files of a keys folder, at most. */
export const MAX_KEY_BYTES = { manifest: 1 << 20, vkey: 1 << 18, zkey: 1 << 28, wasm: 1 << 24 } as const;
const MAKE_KEYS =
  'restore it with `git checkout keys`, or make keys with `velum keys setup` (keys of all parties change)';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** What `velum keys setup` writes, as far as a reader of keys needs it. */
const manifestSchema = z.object({
  circuits: z.record(
    z.string(),
    z.object({ protocol: z.literal('plonk').optional(), vkey: sha256, zkey: sha256, wasm: sha256 }),
  ),
});

/** A circuit whose keys the manifest lists. */
export interface Circuit {
  readonly name: CircuitName;
  readonly shape: CircuitShape;
  readonly protocol: Protocol;
  /**
   * A key file's bytes, compared with the manifest on every call.
   * @throws {VelumError} KEYS_MISSING, KEYS_STALE
   */
  read(file: KeyFile): Promise<Uint8Array>;
  /** Path of a key file, for messages and for tools. */
  path(file: KeyFile): string;
}

/**
 * Looks a circuit up in the table and in `MANIFEST.json`; key files are read when asked for.
 * @param keysDir keys folder; the package's own by default
 * @throws {VelumError} CIRCUIT_UNKNOWN if the table has no such circuit; KEYS_MISSING if the manifest is not there;
 *                      KEYS_STALE if it cannot be read or does not list the circuit
 */
export async function loadCircuit(name: CircuitName, keysDir: string = KEYS_DIR): Promise<Circuit> {
  const shape = circuitShape(name);
  const manifestPath = join(keysDir, MANIFEST);
  const text = Buffer.from(await readBounded(manifestPath, MAX_KEY_BYTES.manifest)).toString('utf8');
  const hashes = parseManifest(text, manifestPath).circuits[name];
  if (hashes === undefined) throw stale(manifestPath, `lists no keys of ${name}`);
  const path = (file: KeyFile): string => join(keysDir, name, KEY_FILES[file]);
  return {
    name,
    shape,
    protocol: hashes.protocol ?? 'groth16',
    path,
    async read(file) {
      const bytes = await readBounded(path(file), MAX_KEY_BYTES[file]);
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (digest !== hashes[file]) throw stale(path(file), `does not have the hash that ${MANIFEST} lists`);
      return bytes;
    },
  };
}

function parseManifest(text: string, path: string): z.infer<typeof manifestSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw stale(path, 'is not JSON');
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw stale(path, `is not as expected at ${issue?.path.join('.')}: ${issue?.message}`);
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await readRegularFile(path, maxBytes);
  } catch (cause) {
    // What no system call refused is there, and is another thing than a key.
    if (cause instanceof VelumError && cause.cause === undefined)
      throw stale(path, `is no file of at most ${maxBytes} bytes`);
    throw new VelumError('KEYS_MISSING', `${path} cannot be read; ${MAKE_KEYS}`, { path }, cause);
  }
}

const stale = (path: string, reason: string): VelumError =>
  new VelumError('KEYS_STALE', `${path} ${reason}; ${MAKE_KEYS}`, { path });
