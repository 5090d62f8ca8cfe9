import {
  aggregateSignatures,
  fastAggregateVerify,
  PublicKey,
  SecretKey,
  Signature,
  verify,
} from '@chainsafe/blst';
import type { BlsScheme } from './bls-scheme.ts';

/** Compressed encodings only: blst would take 96 and 192 bytes as well, a second encoding of the same point. */
function publicKeyOf(bytes: Uint8Array): PublicKey {
  if (bytes.length !== 48) throw new RangeError('a compressed point of G1 is 48 bytes');
  return PublicKey.fromBytes(bytes, true);
}

function signatureOf(bytes: Uint8Array): Signature {
  if (bytes.length !== 96) throw new RangeError('a compressed point of G2 is 96 bytes');
  return Signature.fromBytes(bytes, true);
}

/** By blst, in native code. */
export const bls: BlsScheme = {
  keyFromSeed(seed) {
    const key = SecretKey.fromKeygen(seed);
    return { secret: key.toBytes(), publicKey: key.toPublicKey().toBytes() };
  },
  sign: (secret, message) => SecretKey.fromBytes(secret).sign(message).toBytes(),
  verify: (publicKey, message, signature) => verify(message, publicKeyOf(publicKey), signatureOf(signature)),
  verifyOfAll: (publicKeys, message, signature) =>
    fastAggregateVerify(message, publicKeys.map(publicKeyOf), signatureOf(signature)),
  aggregate: (signatures) => aggregateSignatures(signatures.map(signatureOf)).toBytes(),
};
