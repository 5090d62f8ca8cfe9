import { ed25519 } from '@noble/curves/ed25519.js';
import { CryptoError } from './errors.ts';
import { hashBytes } from './hash.ts';

/**
 * A validator's own word, not to be added up: Ed25519 over SHA-256(tag ‖ message), so that no signature made here
 * means anything elsewhere.
 * @see RFC 8032 §5.1
 */
export interface SignKey {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

const SIGNATURE_BYTES = 64;
const KEY_BYTES = 32;

/**
 * @param seed 32 bytes, secret
 * @throws {CryptoError} CRYPTO_INPUT if the seed has another length
 */
export function signKeyFromSeed(seed: Uint8Array): SignKey {
  if (seed.length !== KEY_BYTES) throw new CryptoError('CRYPTO_INPUT', 'an Ed25519 seed is 32 bytes');
  return { secret: Uint8Array.from(seed), publicKey: ed25519.getPublicKey(seed) };
}

/**
 * @param secret  of signKeyFromSeed
 * @param message a tagged hash: what is signed must say what it is
 * @returns       64 bytes, deterministic
 * @throws {CryptoError} CRYPTO_INPUT if the secret is not 32 bytes
 */
export function sign(secret: Uint8Array, message: Uint8Array): Uint8Array {
  if (secret.length !== KEY_BYTES) throw new CryptoError('CRYPTO_INPUT', 'an Ed25519 secret is 32 bytes');
  return ed25519.sign(signedHash(message), secret);
}

/** What Ed25519 signs of a message: 32 bytes. */
export const signedHash = (message: Uint8Array): Uint8Array => hashBytes('signature', message);

/**
 * Strict verification (RFC 8032, canonical encodings, no key of small order), so that all validators agree on every
 * signature: the looser ZIP-215 rules accept more.
 * @param publicKey from outside
 * @param signature as well
 * @returns false for anything malformed. Never throws.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return ed25519.verify(signature, signedHash(message), publicKey, { zip215: false });
}
