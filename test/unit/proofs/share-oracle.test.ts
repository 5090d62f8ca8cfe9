import { expect, test } from 'vitest';
import { multiplyBase, pointFromAffine } from '../../../src/crypto/babyjub.ts';
import { decryptionShare } from '../../../src/crypto/threshold-key.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import { exampleInput } from '../../../src/proofs/examples.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';

/** Where U stands among the public signals of orders. */
const U = 2;

test('a batch whose U is moved by [a]B, which would be a share oracle, has no valid proof: so no validator answers it', async () => {
  const prove = await loadCircuitProver('orders');
  const verifier = await loadVerifier('orders');
  const { proof, publicSignals } = await prove(flattenSignals('orders', exampleInput('orders')));
  expect(await verifier.verify(publicSignals, proof)).toBe(true);

  const [secret, a] = [123n, 45n];
  const sealed = pointFromAffine(publicSignals[U]!, publicSignals[U + 1]!)!;
  const asked = sealed.add(multiplyBase(a));
  // What an answer would give away: the share of the batch itself.
  const answer = decryptionShare(secret, asked).add(multiplyBase(secret * a).negate());
  expect(answer.equals(decryptionShare(secret, sealed))).toBe(true);

  const { x, y } = asked.toAffine();
  expect(await verifier.verify(publicSignals.with(U, x).with(U + 1, y), proof)).toBe(false);
  expect(
    await verifier.verifyBatch([publicSignals, publicSignals.with(U, x).with(U + 1, y)], [proof, proof]),
  ).toEqual([1]);
});
