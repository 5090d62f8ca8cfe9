import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import { FormatError } from './errors.ts';
import { readJson, textOf } from './json-file.ts';
import { jsonText } from './json-text.ts';

/** Files of a wallet's home. They outlive versions of this program: each has a version of its own. */

export const WALLET_FILE_BYTES = 1 << 16;
/** What a key file may ask of whoever opens it: 256 MiB for scrypt. */
export const MAX_SCRYPT_LOG_N = 18;
const VERSION = 1;
/** Nodes that one wallet asks, at most. */
const MAX_NODES = 100;

const bytes = (length: number) =>
  textOf(`${length} bytes in hex`, (text) => {
    const value = fromHex(text);
    return value?.length === length ? value : undefined;
  });

const version = z.literal(VERSION, `this program reads version ${VERSION}`);

/** Of `wallet.key`: a seed under a password (`src/client/locked-seed.ts`). */
const keyFile = z.strictObject({
  what: z.literal('velum wallet key', 'this is no key file of a wallet'),
  version,
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    logN: z.int().min(1).max(MAX_SCRYPT_LOG_N, 'a key file that asks for more than 256 MiB is refused'),
    r: z.literal(8),
    p: z.literal(1),
    salt: bytes(32),
  }),
  cipher: z.strictObject({ name: z.literal('xchacha20-poly1305'), nonce: bytes(24), sealed: bytes(48) }),
});

/** What a key file holds; see `LockedSeed`. */
export interface WrittenSeed {
  readonly logN: number;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

export const walletKeyText = ({ logN, salt, nonce, sealed }: WrittenSeed): string =>
  jsonText({
    what: 'velum wallet key',
    version: VERSION,
    kdf: { name: 'scrypt', logN, r: 8, p: 1, salt },
    cipher: { name: 'xchacha20-poly1305', nonce, sealed },
  });

/** @throws {FormatError} WALLET_FILE with all problems of shape */
export function parseWalletKey(text: string, file: string): WrittenSeed {
  const { kdf, cipher } = readJson(keyFile, text, file, FormatError.of('WALLET_FILE'));
  return { logN: kdf.logN, salt: kdf.salt, nonce: cipher.nonce, sealed: cipher.sealed };
}

/** Of `wallet.json`: which nodes are asked. */
const walletFile = z.strictObject({
  what: z.literal('velum wallet', 'this is no settings file of a wallet'),
  version,
  rpc: z.array(z.string().max(300)).max(MAX_NODES),
});

export const walletText = (rpc: readonly string[]): string =>
  jsonText({ what: 'velum wallet', version: VERSION, rpc });

/** @returns addresses as they were named. @throws {FormatError} WALLET_FILE */
export const parseWallet = (text: string, file: string): readonly string[] =>
  readJson(walletFile, text, file, FormatError.of('WALLET_FILE')).rpc;
