import { r as fieldOrder } from '../params/fields.ts';
import { multiply, multiplyBase, type Point } from './babyjub.ts';
import { type BatchKernels, NOBLE } from './batch-kernels.ts';
import { CryptoError } from './errors.ts';
import { isInField, sealStream } from './hash.ts';

/** Three elements of F_r: the plaintext, or the ciphertext, of a sealed batch. */
export type Words = readonly [bigint, bigint, bigint];

/** What anyone may see of sealed words; U travels beside it. */
export interface Ciphertext {
  readonly ct: Words;
  readonly tag: bigint;
}

/**
 * Statement S2 (f): U = [r]B, K = [r]Y8, (z₀ … z₄) = PoseidonEx(tag_seal, K.x, K.y, context),
 * ctᵢ = mᵢ + z_{i+1} mod r, tag = z₄. A hashed ElGamal key encapsulation with a one-time pad; the tag commits to
 * (K, context), so whoever combines a wrong K notices without any share being verified.
 * @param words   F_r each, secret
 * @param sealing `r` secret, 1 ≤ r < l, fresh for every batch; `Y8` = 8·Y, in the subgroup and ≠ O; `context` F_r, public
 * @returns       U and the ciphertext, public; K, secret: it opens the batch
 * @throws {CryptoError} CRYPTO_INPUT if a word or the context is not in F_r; CRYPTO_SCALAR_OUT_OF_RANGE
 * @see Cramer and Shoup, SIAM J. Comput. 33 (2003), hybrid encryption; Deviation: no chosen-ciphertext check here,
 *   the proof of S2 takes its place (no share is given for what is not proved)
 */
export function sealWords(
  words: Words,
  sealing: { readonly r: bigint; readonly Y8: Point; readonly context: bigint },
): Ciphertext & { readonly U: Point; readonly K: Point } {
  if (!words.every(isInField)) throw new CryptoError('CRYPTO_INPUT', 'a word to be sealed is not in F_r');
  const U = multiplyBase(sealing.r);
  const K = multiply(sealing.Y8, sealing.r);
  const { x, y } = K.toAffine();
  const [z1, z2, z3, z4] = sealStream(x, y, sealing.context);
  const pad = (m: bigint, z: bigint): bigint => (m + z) % fieldOrder;
  return { U, K, ct: [pad(words[0], z1), pad(words[1], z2), pad(words[2], z3)], tag: z4 };
}

/**
 * mᵢ = ctᵢ − z_{i+1} mod r, with the keystream of (K, context) as above.
 * @param K          combined from decryption shares, or read from a block; it may be wrong
 * @param ciphertext from outside
 * @param context    F_r, the same as at sealing
 * @returns          the words, or undefined if tag ≠ z₄ or the ciphertext is not in F_r
 */
export function openWords(K: Point, ciphertext: Ciphertext, context: bigint): Words | undefined {
  const [words] = openAll([{ K, ciphertext, context }]);
  return words;
}

/** `openWords` of each. */
export function openAll(
  sealed: readonly {
    readonly K: Point;
    readonly ciphertext: Ciphertext;
    readonly context: bigint;
  }[],
  kernels: BatchKernels = NOBLE,
): (Words | undefined)[] {
  const streams = kernels.sealStreams(
    sealed.map(({ K, context }) => {
      const { x, y } = K.toAffine();
      return [x, y, context] as const;
    }),
  );
  const strip = (c: bigint, z: bigint): bigint => (c - z + fieldOrder) % fieldOrder;
  return sealed.map(({ ciphertext: { ct, tag } }, i) => {
    const [z1, z2, z3, z4] = streams[i]!;
    if (tag !== z4 || !ct.every(isInField)) return undefined;
    return [strip(ct[0], z1), strip(ct[1], z2), strip(ct[2], z3)];
  });
}
