import { expect, test } from 'vitest';
import { rememberSignatures } from '../../../src/committee/remembered-signatures.ts';
import { NOBLE } from '../../../src/crypto/batch-kernels.ts';
import { sign, signKeyFromSeed, verifySignature } from '../../../src/crypto/signature.ts';

const { secret, publicKey } = signKeyFromSeed(new Uint8Array(32).fill(7));
const message = new Uint8Array(32).fill(1);
const signature = sign(secret, message);

/** Kernels that count what they verify. */
function counting() {
  let verified = 0;
  const kernels = rememberSignatures({
    ...NOBLE,
    verifySignature: (...args) => {
      verified++;
      return verifySignature(...args);
    },
  });
  return { kernels, verified: () => verified };
}

test('verifies one word of one author once, however many hear it', () => {
  const { kernels, verified } = counting();
  for (let i = 0; i < 5; i++) expect(kernels.verifySignature(publicKey, message, signature)).toBe(true);
  expect(verified()).toBe(1);
});

test('a change of any byte of key, message or signature is another question', () => {
  const { kernels } = counting();
  expect(kernels.verifySignature(publicKey, message, signature)).toBe(true);
  const changed = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
  for (let at = 0; at < 64; at++) {
    expect(kernels.verifySignature(publicKey, message, changed(signature, at))).toBe(false);
    if (at >= 32) continue;
    expect(kernels.verifySignature(changed(publicKey, at), message, signature)).toBe(false);
    expect(kernels.verifySignature(publicKey, changed(message, at), signature)).toBe(false);
  }
});

test('bytes that move from the message to the signature are another question', () => {
  const { kernels } = counting();
  expect(kernels.verifySignature(publicKey, message, signature)).toBe(true);
  const [longer, shorter] = [new Uint8Array([...message, signature[0]!]), signature.slice(1)];
  expect(kernels.verifySignature(publicKey, longer, shorter)).toBe(false);
});
