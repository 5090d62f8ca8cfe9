import { bls12_381 } from '@noble/curves/bls12-381.js';
import { utf8 } from '../../src/base/bytes.ts';

const { longSignatures } = bls12_381;

/**
 * BLS with keys in G1 and signatures in G2 by @noble/curves, for any suite (its name is the hash-to-curve tag DST).
 * blst's binding has the one suite built in, so drand's vectors reach the product through this oracle: it is right on
 * drand's suite by drand's vectors, and equal to the product on the product's suite.
 */
export const blsOracle = (suite: string) => ({
  publicKey: (secret: Uint8Array): Uint8Array => longSignatures.getPublicKey(secret).toBytes(),
  sign: (secret: Uint8Array, message: Uint8Array): Uint8Array =>
    longSignatures.sign(longSignatures.hash(message, utf8(suite)), secret).toBytes(),
  verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
    longSignatures.verify(signature, longSignatures.hash(message, utf8(suite)), publicKey),
  aggregate: (signatures: readonly Uint8Array[]): Uint8Array =>
    longSignatures.aggregateSignatures([...signatures]).toBytes(),
  aggregateKeys: (publicKeys: readonly Uint8Array[]): Uint8Array =>
    longSignatures.aggregatePublicKeys([...publicKeys]).toBytes(),
});
