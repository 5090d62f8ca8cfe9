/**
 * What validators, traders and replicas compute with keys and hashes: seals that a committee opens together, threshold coins, Merkle
 * trees, quorum certificates, identities. Every function is pure; randomness is an argument.
 *
 * Nothing here is constant-time: JavaScript's big integers are not.
 *
 * @example Words are sealed to a committee of four, and any three of it open them
 * ```ts
 * import assert from 'node:assert/strict';
 * import { randomBytes } from 'node:crypto';
 * import {
 *   clearCofactor,
 *   combineDecryption,
 *   dealThresholdKey,
 *   decryptionShare,
 *   encryptionKey,
 *   openWords,
 *   randomScalar,
 *   sealWords,
 *   validatorIndex,
 * } from 'velum/crypto';
 *
 * const { key, secrets } = dealThresholdKey(4, 2, randomBytes);
 * const Y8 = clearCofactor(encryptionKey(key));
 * const { U, ct, tag } = sealWords([1n, 2n, 3n], { r: randomScalar(randomBytes), Y8, context: 7n });
 *
 * const shares = new Map([0, 1, 3].map((i) => [validatorIndex(i), decryptionShare(secrets[i]!, U)]));
 * const K = combineDecryption(shares, 4);
 * assert.deepEqual(openWords(K, { ct, tag }, 7n), [1n, 2n, 3n]);
 * assert.equal(openWords(K, { ct, tag }, 8n), undefined);
 * ```
 * @packageDocumentation
 */
export type { RandomBytes } from '../base/random.ts';
export { l, r } from '../params/fields.ts';
export { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
export {
  BASE,
  clearCofactor,
  decodePoint,
  encodePoint,
  isIdentity,
  isInSubgroup,
  multiply,
  multiplyBase,
  type Point,
  pointFromAffine,
} from './babyjub.ts';
export {
  aggregate,
  type BlsKey,
  blsKeyFromSeed,
  blsSign,
  blsVerify,
  type Certificate,
  verifyCertificate,
  verifyPossession,
} from './certificate.ts';
export { coinShare, combineCoin, verifyCoinShare } from './coin.ts';
export { type DleqStatement, proveDleq, verifyDleq } from './dleq.ts';
export { CryptoError } from './errors.ts';
export { type Children, merkleNode } from './hash.ts';
export { type BallotPoint, ballotShare, identityCommitment, recoverIdentitySecret } from './identity.ts';
export { type MerklePath, MerkleTree, verifyPath } from './merkle.ts';
export { randomField, randomScalar, seededRandom } from './random.ts';
export { type Ciphertext, openWords, sealWords, type Words } from './seal.ts';
export { evaluatePolynomial, lagrangeAtZero, splitSecret } from './sharing.ts';
export { type SignKey, sign, signKeyFromSeed, verifySignature } from './signature.ts';
export {
  combineDecryption,
  dealThresholdKey,
  decryptionShare,
  encryptionKey,
  isThresholdKey,
  type ThresholdKey,
} from './threshold-key.ts';
