import { bigintToBytes, bytesToBigint } from '../base/bytes.ts';
import type { RandomBytes } from '../base/random.ts';
import { l, r } from '../params/fields.ts';
import { CryptoError } from './errors.ts';
import { hashWide } from './hash.ts';

const BLOCK_BYTES = 64;

/**
 * A deterministic source: blocks SHA-512(tag ‖ seed ‖ counter), counter 8 bytes big-endian, read once and in order.
 * Two sources of one seed repeat each other: a seed serves one purpose.
 * @param seed 32 bytes; secret when what is drawn is secret
 * @param from bytes of the stream that were drawn before, and are not drawn again
 * @throws {CryptoError} CRYPTO_INPUT if the seed has another length
 */
export function seededRandom(seed: Uint8Array, from = 0): RandomBytes {
  if (seed.length !== 32) throw new CryptoError('CRYPTO_INPUT', 'a random seed is 32 bytes');
  const key = Uint8Array.from(seed);
  let counter = BigInt(Math.floor(from / BLOCK_BYTES));
  let block = new Uint8Array(0);
  let used = 0;
  const nextBlock = (): void => {
    block = Uint8Array.from(hashWide('random', key, bigintToBytes(counter, 8)));
    counter += 1n;
    used = 0;
  };
  if (from % BLOCK_BYTES > 0) {
    nextBlock();
    used = from % BLOCK_BYTES;
  }
  return (n) => {
    const out = new Uint8Array(n);
    for (let at = 0; at < n; ) {
      if (used === block.length) nextBlock();
      const taken = Math.min(n - at, block.length - used);
      out.set(block.subarray(used, used + taken), at);
      at += taken;
      used += taken;
    }
    return out;
  };
}

function randomModulo(random: RandomBytes, modulus: bigint): bigint {
  const bytes = random(BLOCK_BYTES);
  if (bytes.length !== BLOCK_BYTES) {
    throw new CryptoError(
      'CRYPTO_INPUT',
      `a random source gave ${bytes.length} bytes instead of ${BLOCK_BYTES}`,
    );
  }
  return bytesToBigint(bytes) % modulus;
}

/** @returns 64 bytes mod l, drawn again while 0: a secret scalar 1 ≤ x < l, bias below 2^−260. */
export function randomScalar(random: RandomBytes): bigint {
  for (;;) {
    const x = randomModulo(random, l);
    if (x !== 0n) return x;
  }
}

/** @returns 64 bytes mod r: a secret element of F_r, bias below 2^−257. */
export function randomField(random: RandomBytes): bigint {
  return randomModulo(random, r);
}
