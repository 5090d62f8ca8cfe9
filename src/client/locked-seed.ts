import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { concatBytes, utf8 } from '../base/bytes.ts';
import type { RandomBytes } from '../base/random.ts';
import { hashBytes } from '../crypto/hash.ts';
import { ClientError } from './errors.ts';

/**
 * A wallet's seed under a password: key = scrypt(NFKC(password), salt, N = 2^logN, r = 8, p = 1), 32 bytes, sealed with
 * XChaCha20-Poly1305 over the other fields. Whoever has it can try passwords, each at the cost of scrypt.
 */
export interface LockedSeed {
  readonly logN: number;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** 48 bytes. */
  readonly sealed: Uint8Array;
}

/** 128 MiB and some tenths of a second for each password that is tried (OWASP's first choice for scrypt). */
export const SCRYPT_LOG_N = 17;
/** Letters of a password, at least. */
export const MIN_PASSWORD = 8;
const SEED_BYTES = 32;

/**
 * @param seed   32 bytes, secret
 * @param random of the system
 * @throws {ClientError} WALLET_PASSWORD for a password that is too short
 */
export async function lockSeed(
  seed: Uint8Array,
  password: string,
  random: RandomBytes,
  logN = SCRYPT_LOG_N,
): Promise<LockedSeed> {
  if (password.length < MIN_PASSWORD)
    throw new ClientError('WALLET_PASSWORD', `a password of at least ${MIN_PASSWORD} characters is expected`);
  // Node's own random bytes are a Buffer, which JSON writes in another way.
  const [salt, nonce] = [Uint8Array.from(random(32)), Uint8Array.from(random(24))];
  const cipher = xchacha20poly1305(await keyOf(password, salt, logN), nonce, bound(logN, salt));
  return { logN, salt, nonce, sealed: cipher.encrypt(seed) };
}

/** @returns undefined for another password, or if anything in it was changed */
export async function unlockSeed(
  { logN, salt, nonce, sealed }: LockedSeed,
  password: string,
): Promise<Uint8Array | undefined> {
  return opened(await keyOf(password, salt, logN), nonce, sealed, bound(logN, salt));
}

const keyOf = (password: string, salt: Uint8Array, logN: number): Promise<Uint8Array> =>
  scryptAsync(utf8(password.normalize('NFKC')), salt, { N: 2 ** logN, r: 8, p: 1, dkLen: SEED_BYTES });

const bound = (logN: number, salt: Uint8Array): Uint8Array =>
  concatBytes(utf8('velum wallet key 1'), Uint8Array.of(logN), salt);

function opened(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Uint8Array | undefined {
  try {
    return xchacha20poly1305(key, nonce, associated).decrypt(sealed);
  } catch {
    return undefined;
  }
}

/** What a wallet keeps beside its key is sealed with a key of its own, that follows from the seed and the chain. */
const sessionKey = (seed: Uint8Array, foundation: Uint8Array): Uint8Array =>
  hashBytes('walletSession', seed, foundation);
const NONCE_BYTES = 24;

/** @param random of the system. @returns nonce ‖ sealed bytes */
export function sealSession(
  seed: Uint8Array,
  foundation: Uint8Array,
  bytes: Uint8Array,
  random: RandomBytes,
): Uint8Array {
  const nonce = random(NONCE_BYTES);
  return concatBytes(nonce, xchacha20poly1305(sessionKey(seed, foundation), nonce).encrypt(bytes));
}

/** @param sealed hostile. @returns undefined if it was changed, or is another wallet's or chain's */
export const openSession = (
  seed: Uint8Array,
  foundation: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined =>
  opened(
    sessionKey(seed, foundation),
    sealed.subarray(0, NONCE_BYTES),
    sealed.subarray(NONCE_BYTES),
    new Uint8Array(),
  );
