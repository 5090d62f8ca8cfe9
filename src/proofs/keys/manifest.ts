import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../../groth16/make-folders.ts';
import { toolVersion } from '../../project/packages.ts';
import { ProofsError } from '../errors.ts';
import { KEY_FILES, type KeyFile } from '../registry.ts';
import { type KeyRecord, type Manifest, manifestPath, readManifest } from './manifest-file.ts';

/**
 * Whether somebody may know the key's secret: nobody says that phase 2 was made by several, or phase 1 is not public.
 * Such keys are for a devnet, as `velum epoch` is one; a node for parties that do not trust each other has to refuse them.
 */
export const isDevKey = ({ protocol, ptau, ceremony }: KeyRecord): boolean =>
  ptau.trust !== 'public ceremony' || (protocol !== 'plonk' && ceremony === undefined);

/** What keys are for, as far as their list is believed. @see isDevKey */
export const keyUse = (record: KeyRecord): 'development' | 'any network' =>
  isDevKey(record) ? 'development' : 'any network';

/** @throws {ProofsError} KEYS_MISSING if the folder has no keys of the circuit; KEYS_STALE */
export async function keyRecord(keysDir: string, circuit: string): Promise<KeyRecord> {
  const record = (await readManifest(keysDir))?.circuits[circuit];
  if (record !== undefined) return record;
  const message = `${keysDir} has no keys of ${circuit}; make them with \`velum keys setup ${circuit} --ptau FILE\``;
  throw new ProofsError('KEYS_MISSING', message, { keysDir, circuit });
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
  circuit: string,
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
  const path = manifestPath(keysDir);
  const fresh = `${path}.${process.pid}`;
  makeFolders(join(keysDir, circuit));
  for (const [file, from] of Object.entries(files))
    renameSync(from, join(keysDir, circuit, KEY_FILES[file as KeyFile]));
  writeFileSync(fresh, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(fresh, path);
}
