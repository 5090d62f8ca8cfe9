import type { ValidatorIndex } from '../params/ids.ts';
import { bls } from './bls.ts';
import { CryptoError } from './errors.ts';
import { hashBytes } from './hash.ts';

/**
 * Quorum certificates: BLS signatures on BLS12-381, public keys in G1 (48 bytes), signatures in G2 (96 bytes), scheme
 * BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_. Many signatures of one message add up to one of 96 bytes. Adding up is
 * sound only among keys whose possession has been proved: otherwise a key made from the others' keys signs for all.
 * Deviation: a possession is a signature of SHA-256(tag ‖ publicKey) under the scheme's own suite, not under BLS_POP_…,
 * which blst's binding does not offer; the 32 bytes are of a domain that nothing else is signed in.
 * @see draft-irtf-cfrg-bls-signature-05 §3.3; Boneh, Drijvers and Neven, ASIACRYPT 2018
 */

/** A validator's signing key with the proof that it is not made from others' keys. */
export interface BlsKey {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** 48 bytes, compressed. */
  readonly publicKey: Uint8Array;
  /** 96 bytes: the signature of the public key's hash. */
  readonly possession: Uint8Array;
}

/** An aggregate of signatures of one message, and who gave them. */
export interface Certificate {
  /** By validator index; length n. */
  readonly signers: readonly boolean[];
  /** 96 bytes, compressed. */
  readonly signature: Uint8Array;
}

/** What a possession signs. The key has a fixed length; the registrant may be of any. */
const possessionMessage = (publicKey: Uint8Array, registrant: Uint8Array): Uint8Array =>
  hashBytes('blsKey', publicKey, registrant);

const NOBODY = new Uint8Array(0);

/**
 * @param seed 32 bytes, secret; KeyGen of the draft
 * @throws {CryptoError} CRYPTO_INPUT if the seed has another length
 * @see draft-irtf-cfrg-bls-signature-05 §2.3
 */
export function blsKeyFromSeed(seed: Uint8Array): BlsKey {
  if (seed.length !== 32) throw new CryptoError('CRYPTO_INPUT', 'a BLS key seed is 32 bytes');
  const { secret, publicKey } = bls.keyFromSeed(seed);
  return { secret, publicKey, possession: bls.sign(secret, possessionMessage(publicKey, NOBODY)) };
}

/**
 * A possession by one registrant for one epoch: a copy under another name or for another epoch fails.
 * @param key        of blsKeyFromSeed
 * @param registrant of `encodeRegistrant`
 * @returns          96 bytes
 */
export function provePossession(key: BlsKey, registrant: Uint8Array): Uint8Array {
  return blsSign(key.secret, possessionMessage(key.publicKey, registrant));
}

/**
 * @param publicKey from outside
 * @param possession as well
 * @param registrant for whom the possession must be; nobody's where a key comes from one dealer of a committee
 * @returns          whether the key's owner knows its secret. Never throws.
 */
export function verifyPossession(
  publicKey: Uint8Array,
  possession: Uint8Array,
  registrant: Uint8Array = NOBODY,
): boolean {
  return blsVerify(publicKey, possessionMessage(publicKey, registrant), possession);
}

/**
 * [sk]·H(message): deterministic.
 * @param secret  of blsKeyFromSeed
 * @param message a tagged hash, or anything else of one meaning
 * @returns       96 bytes, compressed
 * @throws {CryptoError} CRYPTO_INPUT if the secret is not a key
 */
export function blsSign(secret: Uint8Array, message: Uint8Array): Uint8Array {
  try {
    return bls.sign(secret, message);
  } catch (cause) {
    throw new CryptoError('CRYPTO_INPUT', 'not a BLS secret key', {}, cause);
  }
}

/** Runs a check of what came from outside: the library throws where an encoding is bad or a point is not in its subgroup. */
function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/**
 * e(publicKey, H(message)) = e(G, signature), with both points in their subgroups and not at infinity.
 * @param publicKey from outside, compressed
 * @param signature as well
 * @returns false for anything malformed. Never throws.
 */
export function blsVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return holds(() => bls.verify(publicKey, message, signature));
}

/**
 * Adds up verified signatures of one message.
 * @param shares by signer, 96 bytes each
 * @param n      validators
 * @returns      undefined if there is no share, one is malformed or at infinity, or a signer is not below n
 */
export function aggregate(
  shares: ReadonlyMap<ValidatorIndex, Uint8Array>,
  n: number,
): Certificate | undefined {
  const signers = Array.from({ length: n }, () => false);
  for (const index of shares.keys()) {
    if (!(index in signers)) return undefined;
    signers[index] = true;
  }
  try {
    return { signers, signature: bls.aggregate([...shares.values()]) };
  } catch {
    return undefined;
  }
}

/**
 * e(Σ publicKeyᵢ over the signers, H(message)) = e(G, signature), by at least `quorum` signers.
 * @param publicKeys  of the whole committee by index, possession proved
 * @param certificate from outside
 * @returns           false for anything malformed, or without signers. Never throws.
 */
export function verifyCertificate(
  publicKeys: readonly Uint8Array[],
  message: Uint8Array,
  certificate: Certificate,
  quorum: number,
): boolean {
  const { signers, signature } = certificate;
  if (signers.length !== publicKeys.length) return false;
  const signing = publicKeys.filter((_, index) => signers[index]);
  if (signing.length < quorum) return false;
  return holds(() => bls.verifyOfAll(signing, message, signature));
}
