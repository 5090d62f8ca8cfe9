import { basename, resolve } from 'node:path';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { MAX_VKEY_CHARS } from '../../groth16/verification-key-form.ts';
import { createVerifier, type Verifier } from '../../groth16/verifier.ts';
import { keyRecord } from '../../proofs/keys/manifest.ts';
import type { KeyRecord } from '../../proofs/keys/manifest-file.ts';
import { loadKeys, vkeyText } from '../../proofs/registry.ts';

/** A verifier of any circuit, and where its key comes from if a keys folder tells. */
export interface OwnVerifier {
  readonly name: string;
  readonly verifier: Verifier;
  readonly record?: KeyRecord;
}

/** From a keys folder: nothing is compiled, for who verifies needs no source. @throws {ProofsError} KEYS_MISSING */
export async function ownVerifier(name: string, keysDir: string): Promise<OwnVerifier> {
  const record = await keyRecord(keysDir, name);
  const keys = await loadKeys(name, keysDir);
  return { name, record, verifier: await createVerifier(await vkeyText(keys), keys.path('vkey')) };
}

/** Of `--vkey`. @throws {FileError} FILE_UNREADABLE; {Groth16Error} KEYS_FILE, KEYS_UNSAFE */
export async function fileVerifier(cwd: string, path: string, name?: string): Promise<OwnVerifier> {
  const text = (await readRegularFile(resolve(cwd, path), MAX_VKEY_CHARS)).toString('utf8');
  return { name: name ?? basename(path, '.json'), verifier: await createVerifier(text, path) };
}
