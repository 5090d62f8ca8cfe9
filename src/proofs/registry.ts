import { VelumError } from '../base/errors.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { MAX_VKEY_CHARS } from '../groth16/verification-key-form.ts';
import { MAX_PROGRAM_BYTES } from '../groth16/wasm-limits.ts';
import { MAX_ZKEY_BYTES } from '../groth16/zkey.ts';
import { type CircuitName, type CircuitShape, circuitShape } from './circuits.ts';
import { KEYS_DIR, keyFileHash, keyFilePath, readKeysFile } from './key-files.ts';
import { manifestPath, missingKeys, readManifest, staleKeys } from './keys/manifest-file.ts';

export const KEY_FILES = { vkey: 'vkey.json', zkey: 'proving.zkey', wasm: 'witness.wasm' } as const;
export type KeyFile = keyof typeof KEY_FILES;
export const KEY_FILE_NAMES = Object.keys(KEY_FILES) as KeyFile[];

/** Groth16 makes what peers verify; PLONK is there for study. */
export type ProofSystem = 'groth16' | 'plonk';

/** What is read of the key files, at most. */
export const MAX_KEY_BYTES = { vkey: MAX_VKEY_CHARS, zkey: MAX_ZKEY_BYTES, wasm: MAX_PROGRAM_BYTES } as const;

/** The keys of one circuit, whose ever it is, as the manifest lists them. */
export interface KeySet {
  readonly name: string;
  readonly protocol: ProofSystem;
  /**
   * A key file's bytes, compared with the manifest on every call.
   * @throws {ProofsError} KEYS_MISSING, KEYS_STALE
   */
  read(file: KeyFile): Promise<Uint8Array>;
  /** Path of a key file, for messages and for tools. */
  path(file: KeyFile): string;
}

/** One of this package's circuits, with its keys. */
export interface Circuit extends KeySet {
  readonly name: CircuitName;
  readonly shape: CircuitShape;
}

/**
 * Looks a circuit up in the table and in `MANIFEST.json`; key files are read when asked for.
 * @param keysDir      keys folder; the package's own by default
 * @param manifestHash SHA-256 of the manifest, in hex, where another one must not be used: with it all key files are pinned
 * @throws {ProofsError} CIRCUIT_UNKNOWN if the table has no such circuit; KEYS_MISSING if the manifest is not there;
 *                      KEYS_STALE if it is another one, cannot be read or does not list the circuit
 */
export async function loadCircuit(
  name: CircuitName,
  keysDir: string = KEYS_DIR,
  manifestHash?: string,
): Promise<Circuit> {
  const shape = circuitShape(name);
  return { ...(await loadKeys(name, keysDir, manifestHash)), name, shape };
}

/**
 * Keys of any circuit that a folder's `MANIFEST.json` lists.
 * @param manifestHash see `loadCircuit`
 * @throws {ProofsError} KEYS_MISSING if the manifest is not there; KEYS_STALE if it is another one, cannot be read or does not list the circuit
 */
export async function loadKeys(name: string, keysDir: string, manifestHash?: string): Promise<KeySet> {
  const list = manifestPath(keysDir);
  const manifest = await readManifest(keysDir, manifestHash);
  if (manifest === undefined) throw missingKeys(list);
  const hashes = manifest.circuits[name];
  if (hashes === undefined) throw staleKeys(list, `lists no keys of ${name}`);
  const path = (file: KeyFile): string => keyFilePath(keysDir, name, KEY_FILES[file]);
  return {
    name,
    protocol: hashes.protocol ?? 'groth16',
    path,
    async read(file) {
      const bytes = await readBounded(path(file), MAX_KEY_BYTES[file]);
      if ((await keyFileHash(bytes)) !== hashes[file])
        throw staleKeys(path(file), `does not have the hash that ${list} lists`);
      return bytes;
    },
  };
}

/** A circuit's verification key as snarkjs exports it. @throws {ProofsError} KEYS_MISSING, KEYS_STALE */
export const vkeyText = async (circuit: KeySet): Promise<string> =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(await circuit.read('vkey'));

/** That a key is for as many public signals as the circuit has. @throws {Groth16Error} KEYS_STALE */
export function checkKeyShape(circuit: Circuit, { nPublic }: { readonly nPublic: number }): void {
  const { publicSignals } = circuit.shape;
  if (nPublic === publicSignals) return;
  const message = `${circuit.path('vkey')} is for ${nPublic} public signals, ${circuit.name} has ${publicSignals}`;
  throw new Groth16Error('KEYS_STALE', message, { circuit: circuit.name });
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    return await readKeysFile(path, maxBytes);
  } catch (cause) {
    // What no system call refused is there, and is another thing than a key.
    if (cause instanceof VelumError && cause.cause === undefined)
      throw staleKeys(path, `is no file of at most ${maxBytes} bytes`);
    throw missingKeys(path, cause);
  }
}
