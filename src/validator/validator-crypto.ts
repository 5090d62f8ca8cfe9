import type { Point } from '../crypto/babyjub.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import { aggregate, blsSign, blsVerify, verifyCertificate } from '../crypto/certificate.ts';
import { coinShare, combineCoin, verifyCoinShare } from '../crypto/coin.ts';
import { proveDleq, verifyDleq } from '../crypto/dleq.ts';
import { openAll } from '../crypto/seal.ts';
import { sign } from '../crypto/signature.ts';
import { combineDecryptions } from '../crypto/threshold-key.ts';
import { settle } from '../ledger/transition.ts';

/**
 * What a validator computes with keys, shares and states in a height, by one call each: who counts what a height costs counts the calls
 * here. Of its kernels' it makes only those of `verifySignature` itself, and proofs are effects.
 */
export const VALIDATOR_CRYPTO = {
  /** Ed25519. */
  sign,
  blsSign,
  blsVerify,
  aggregate,
  verifyCertificate,
  coinShare,
  verifyCoinShare,
  combineCoin,
  /** [k]U of each batch. */
  decryptionShares: (points: readonly Point[], k: bigint, kernels: BatchKernels): Point[] =>
    kernels.multiplyEach(points, k),
  proveDleq,
  verifyDleq,
  combineDecryptions,
  openAll,
  settle,
} as const;
export type ValidatorCrypto = typeof VALIDATOR_CRYPTO;

/** Whom a validator calls: whoever counts its calls, where somebody does. */
export const cryptoOf = ({ crypto }: { readonly crypto: ValidatorCrypto | undefined }): ValidatorCrypto =>
  crypto ?? VALIDATOR_CRYPTO;
