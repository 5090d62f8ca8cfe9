/** Keys that are served: see `key-files.ts`. */
import { concatBytes, toHex } from '../base/bytes.ts';
import { FileError } from '../base/errors.ts';

/** Beside the page. */
export const KEYS_DIR = new URL('keys/', (globalThis as unknown as { readonly location: URL }).location.href)
  .href;

export const keyFilePath = (dir: string, ...names: readonly string[]): string =>
  new URL(names.join('/'), dir).href;

/** Never more than the limit is read. */
export async function readKeysFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const refuse = (why: string, cause?: unknown): Error =>
    new FileError('FILE_UNREADABLE', `cannot read ${path}: ${why}`, { path, maxBytes }, cause);
  const answer = await fetch(path, { redirect: 'error' }).catch((cause: unknown) => {
    throw refuse('nobody answers', { code: 'ENOENT', cause });
  });
  if (!answer.ok) throw refuse(`the answer is ${answer.status}`, { code: 'ENOENT' });
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.length;
    if (bytes > maxBytes) throw refuse(`it is larger than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return concatBytes(...pieces);
}

export const keyFileHash = async (bytes: Uint8Array): Promise<string> =>
  toHex(new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))));
