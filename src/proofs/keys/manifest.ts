import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VelumError } from '../../base/errors.ts';
import type { CircuitName } from '../circuits.ts';
import { toolVersion } from '../compile.ts';
import { KEY_FILES, type KeyFile, MAX_KEY_BYTES, type Protocol } from '../registry.ts';
import { readRegularFile } from '../regular-file.ts';
import type { Phase1File } from './phase-1.ts';
import type { Contribution } from './transcript.ts';

/** One circuit's row of MANIFEST.json: SHA-256 of four files, and where the key comes from. */
export interface KeyRecord {
  /** Groth16 where it is left out. */
  readonly protocol?: Protocol;
  readonly r1cs: string;
  readonly wasm: string;
  readonly zkey: string;
  readonly vkey: string;
  readonly ptau: Phase1File;
  /** Phase 2, first contribution first; PLONK has none. */
  readonly contributions: readonly Contribution[];
  /** Who contributed, each on a machine of their own, as whoever ended the ceremony says. */
  readonly ceremony?: string;
}

/**
 * Whether somebody may know the key's secret: nobody says that phase 2 was made by several, or phase 1 is not public.
 * Such keys are for a devnet, as `velum epoch` is one; a node for parties that do not trust each other has to refuse them.
 */
export const isDevKey = ({ protocol, ptau, ceremony }: KeyRecord): boolean =>
  // A list that another tool made may name no phase 1.
  ptau?.trust !== 'public ceremony' || (protocol !== 'plonk' && ceremony === undefined);

/** What keys are for, as far as their list is believed. @see isDevKey */
export const keyUse = (record: KeyRecord): 'development' | 'any network' =>
  isDevKey(record) ? 'development' : 'any network';

export interface Manifest {
  /** Whether any of the keys is one: @see isDevKey */
  readonly dev: boolean;
  readonly circom: string;
  readonly snarkjs: string;
  readonly circuits: Readonly<Record<string, KeyRecord>>;
}

/** @returns undefined if there is none yet. @throws {VelumError} KEYS_STALE if it is no JSON */
export async function readManifest(keysDir: string): Promise<Manifest | undefined> {
  const path = join(keysDir, 'MANIFEST.json');
  let text: string;
  try {
    text = (await readRegularFile(path, MAX_KEY_BYTES.manifest)).toString('utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as Manifest;
  } catch (cause) {
    throw new VelumError('KEYS_STALE', `${path} is not JSON`, { path }, cause);
  }
}

/** @throws {VelumError} KEYS_MISSING if the folder has no keys of the circuit */
export async function keyRecord(keysDir: string, circuit: CircuitName): Promise<KeyRecord> {
  const record = (await readManifest(keysDir))?.circuits[circuit];
  if (record !== undefined) return record;
  const message = `${keysDir} has no keys of ${circuit}; make them with \`velum keys setup ${circuit} --ptau FILE\``;
  throw new VelumError('KEYS_MISSING', message, { keysDir, circuit });
}

export const sha256File = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/**
 * Puts finished key files in their places and lists them, the list last: in one turn of the event loop, so that no
 * signal handler finds half of it done.
 * @param files finished files on the same disk
 */
export async function installKeys(
  keysDir: string,
  circuit: CircuitName,
  files: Partial<Readonly<Record<KeyFile, string>>>,
  record: KeyRecord,
): Promise<void> {
  const old = await readManifest(keysDir);
  const circuits = { ...old?.circuits, [circuit]: record };
  const manifest: Manifest = {
    dev: Object.values(circuits).some(isDevKey),
    circom: toolVersion('circom2'),
    snarkjs: toolVersion('snarkjs'),
    circuits,
  };
  const path = join(keysDir, 'MANIFEST.json');
  const fresh = `${path}.${process.pid}`;
  mkdirSync(join(keysDir, circuit), { recursive: true });
  for (const [file, from] of Object.entries(files))
    renameSync(from, join(keysDir, circuit, KEY_FILES[file as KeyFile]));
  writeFileSync(fresh, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(fresh, path);
}
