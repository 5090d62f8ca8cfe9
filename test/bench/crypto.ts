import { bls12_381 } from '@noble/curves/bls12-381.js';
import { buildBabyjub, buildPoseidon } from 'circomlibjs';
import { measure, type Timing } from '../../src/cli/bench/measure.ts';
import { BASE, multiply } from '../../src/crypto/babyjub.ts';
import { blsKeyFromSeed, blsSign, blsVerify } from '../../src/crypto/certificate.ts';
import { proveDleq, verifyDleq } from '../../src/crypto/dleq.ts';
import { merkleNode } from '../../src/crypto/hash.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { combineDecryption, dealThresholdKey, decryptionShare } from '../../src/crypto/threshold-key.ts';
import { l } from '../../src/params/fields.ts';
import { validatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';

/** Group operations and hashes, beside circomlibjs and noble. */
export async function benchCrypto(): Promise<Timing[]> {
  const random = seededRandom(new Uint8Array(32).fill(1));
  const k = l - 12345n;
  const babyjub = await buildBabyjub();
  const poseidon = await buildPoseidon();
  const base8 = babyjub.Base8;
  const results = [
    await measure('crypto::poseidon/4', () => merkleNode([1n, 2n, 3n, 4n]), {
      peer: { name: 'circomlibjs', run: () => poseidon([1n, 2n, 3n, 4n]) },
    }),
    await measure('crypto::babyjub-multiply', () => multiply(BASE, k), {
      peer: { name: 'circomlibjs', run: () => babyjub.mulPointEscalar(base8, k) },
    }),
  ];
  for (const n of [4, 7, 16]) {
    const { f, sharesRequired } = quorumOf(n);
    const { secrets } = dealThresholdKey(n, 2 * f, random);
    const shares = new Map(
      secrets.slice(0, sharesRequired).map((s, i) => [validatorIndex(i), decryptionShare(s, BASE)]),
    );
    results.push(await measure(`crypto::combine-decryption/n=${n}`, () => combineDecryption(shares, n)));
  }
  for (const count of [1, 16]) {
    const A = multiply(BASE, 7n);
    const pairs = Array.from({ length: count }, (_, i) => {
      const H = multiply(BASE, BigInt(i + 2));
      return { H, D: multiply(H, 7n) };
    });
    const context = new Uint8Array(32);
    const proof = proveDleq(7n, { A, pairs }, context, random);
    results.push(
      await measure(`crypto::dleq-verify/pairs=${count}`, () => verifyDleq({ A, pairs }, context, proof)),
    );
  }
  const { secret, publicKey } = blsKeyFromSeed(new Uint8Array(32).fill(3));
  const message = new Uint8Array(32).fill(5);
  const signature = blsSign(secret, message);
  const { longSignatures: noble } = bls12_381;
  const nobleKey = noble.getPublicKey(secret);
  const nobleHash = noble.hash(message);
  const nobleSignature = noble.sign(nobleHash, secret);
  results.push(
    await measure('crypto::bls-verify', () => blsVerify(publicKey, message, signature), {
      peer: { name: 'noble', run: () => noble.verify(nobleSignature, noble.hash(message), nobleKey) },
    }),
  );
  return results;
}
