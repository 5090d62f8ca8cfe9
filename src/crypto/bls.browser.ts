import { bls12_381 } from '@noble/curves/bls12-381.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8 } from '../base/bytes.ts';
import type { BlsScheme } from './bls-scheme.ts';

const { G1, G2, longSignatures: scheme, fields } = bls12_381;
const SUITE = utf8('BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_');
const KEY_BYTES = 48;

type PointOfKey = InstanceType<typeof G1.Point>;
type PointOfSignature = InstanceType<typeof G2.Point>;

/** Keys that were checked, by their bytes: a committee signs many heights. */
const checked = new Map<string, PointOfKey>();
const MAX_CHECKED = 256;

function publicKeyOf(bytes: Uint8Array): PointOfKey {
  if (bytes.length !== 48) throw new RangeError('a compressed point of G1 is 48 bytes');
  const name = String(bytes);
  const known = checked.get(name);
  if (known !== undefined) return known;
  const point = G1.Point.fromBytes(bytes);
  point.assertValidity();
  if (checked.size >= MAX_CHECKED) checked.clear();
  checked.set(name, point);
  return point;
}

function signatureOf(bytes: Uint8Array): PointOfSignature {
  if (bytes.length !== 96) throw new RangeError('a compressed point of G2 is 96 bytes');
  const point = G2.Point.fromBytes(bytes);
  point.assertValidity();
  return point;
}

const verify = (publicKey: PointOfKey, message: Uint8Array, signature: Uint8Array): boolean =>
  scheme.verify(signatureOf(signature), scheme.hash(message, SUITE), publicKey);

/** By noble-curves, in JavaScript: nothing else than `bls.ts`, and slower. */
export const bls: BlsScheme = {
  keyFromSeed(seed) {
    const secret = keyGen(seed);
    return { secret, publicKey: scheme.getPublicKey(secret).toBytes() };
  },
  sign: (secret, message) => scheme.sign(scheme.hash(message, SUITE), secret).toBytes(),
  verify: (publicKey, message, signature) => verify(publicKeyOf(publicKey), message, signature),
  verifyOfAll(publicKeys, message, signature) {
    if (publicKeys.length === 0) return false;
    const sum = publicKeys.map(publicKeyOf).reduce((total, point) => total.add(point));
    return !sum.is0() && verify(sum, message, signature);
  },
  aggregate(signatures) {
    if (signatures.length === 0) throw new RangeError('there is no signature');
    return signatures
      .map(signatureOf)
      .reduce((total, point) => total.add(point))
      .toBytes();
  },
};

/** KeyGen, of which the first salt is enough unless the hash is 0. @see draft-irtf-cfrg-bls-signature-05 §2.3 */
function keyGen(seed: Uint8Array): Uint8Array {
  const material = concatBytes(seed, Uint8Array.of(0));
  const info = Uint8Array.of(0, KEY_BYTES);
  let salt = utf8('BLS-SIG-KEYGEN-SALT-');
  for (;;) {
    salt = sha256(salt);
    const secret = fields.Fr.create(BigInt(`0x${hexOf(hkdf(sha256, material, salt, info, KEY_BYTES))}`));
    if (secret !== 0n) return fields.Fr.toBytes(secret);
  }
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
