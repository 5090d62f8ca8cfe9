import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCircuitProver } from '../../src/proofs/circuit-prover.ts';
import { loadVerifier } from '../../src/proofs/circuit-verifier.ts';
import { flattenSignals } from '../../src/proofs/signals.ts';
import { makeToyKeys, type ToyKeys, toyInput } from '../helpers/toy-keys.ts';

let keys: ToyKeys;
beforeAll(async () => {
  keys = await makeToyKeys();
});
afterAll(() => keys.remove());

test('a batch of more than 65,536 proofs has the bad ones that are in it and no other', async () => {
  const prove = await loadCircuitProver('ballot', { keysDir: keys.dir });
  const verifier = await loadVerifier('ballot', keys.dir);
  const { publicSignals, proof } = await prove(flattenSignals('ballot', toyInput()));
  const n = 65_536 + 100;
  const bad = [0, 40_000, 65_535, 65_536, n - 1];
  const publics = Array.from({ length: n }, (_, i) =>
    bad.includes(i) ? publicSignals.with(0, 1n) : publicSignals,
  );
  expect(await verifier.verifyBatch(publics, Array<Uint8Array>(n).fill(proof))).toEqual(bad);
});
