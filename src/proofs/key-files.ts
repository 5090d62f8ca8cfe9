/** Where keys are, and how they are read: in files. `key-files.browser.ts` has them served. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRegularFile } from '../groth16/regular-file.ts';

/** The keys folder of this package; the same from src/ and from dist/. */
export const KEYS_DIR = fileURLToPath(new URL('../../keys/', import.meta.url));

export const keyFilePath = (dir: string, ...names: readonly string[]): string => join(dir, ...names);

/** @throws {FileError} FILE_UNREADABLE: its cause has a code if a system call refused */
export const readKeysFile = (path: string, maxBytes: number): Promise<Uint8Array> =>
  readRegularFile(path, maxBytes);

/** In hex. */
export const keyFileHash = async (bytes: Uint8Array): Promise<string> =>
  createHash('sha256').update(bytes).digest('hex');
