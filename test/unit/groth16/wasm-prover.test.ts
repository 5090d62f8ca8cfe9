import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ProverCore, proofOfSums } from '../../../src/groth16/prover-core.ts';
import { parseProvingKey, verificationKeyJson } from '../../../src/groth16/proving-key.ts';
import { loadWasmProver } from '../../../src/groth16/wasm-prover.ts';
import { createWitnessCalculator } from '../../../src/groth16/witness.ts';
import { witnessWords } from '../../../src/groth16/witness-words.ts';
import { r } from '../../../src/params/fields.ts';
import { exampleInput } from '../../../src/proofs/examples.ts';
import { KEYS_DIR } from '../../../src/proofs/key-files.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import { loadKernels } from '../../../src/wasm/load.ts';
import { snarkjsProof } from '../../helpers/snarkjs-proof.ts';

const BLINDS = [
  [1n, 0n],
  [0n, 0n],
  [r - 1n, r - 1n],
  [0x1234_5678_9abc_def0_1234_5678_9abc_def0n, r >> 1n],
] as const;

describe.each(['account', 'ballot', 'orders'] as const)('a proof of %s', (name) => {
  let zkey: Buffer;
  let wtns: Uint8Array;
  /** What snarkjs makes of each pair of blinds: it is asked once, for both paths. */
  const expected = new Map<readonly [bigint, bigint], Promise<Uint8Array>>();
  const expectedFor = (blinds: readonly [bigint, bigint]): Promise<Uint8Array> => {
    const proof = expected.get(blinds) ?? snarkjsProof(zkey, wtns, blinds);
    expected.set(blinds, proof);
    return proof;
  };
  beforeAll(async () => {
    zkey = readFileSync(join(KEYS_DIR, name, 'proving.zkey'));
    const calculator = await createWitnessCalculator(
      name,
      readFileSync(join(KEYS_DIR, name, 'witness.wasm')),
    );
    wtns = calculator.calculate(flattenSignals(name, exampleInput(name)));
  });

  test.each(['relaxed-simd', 'scalar'] as const)(
    'is the one of snarkjs, byte for byte, for equal r and s (%s)',
    async (path) => {
      const key = parseProvingKey(zkey);
      const kernels = await loadKernels(path);
      const core = new ProverCore(kernels, key);
      const witness = witnessWords(wtns, key.signals);
      for (const blinds of name === 'orders' ? BLINDS.slice(-1) : BLINDS) {
        const proof = proofOfSums(kernels, core.sums(witness, blinds), blinds);
        expect(proof).toEqual(await expectedFor(blinds));
      }
    },
  );

  test('verifies under the key that its proving key contains', async () => {
    const prover = await loadWasmProver(zkey);
    const [first, second] = [await prover.prove(wtns), await prover.prove(wtns)];
    expect(first.publicSignals).toEqual(second.publicSignals);
    expect(first.proof).not.toEqual(second.proof);
    const vkey = JSON.parse(readFileSync(join(KEYS_DIR, name, 'vkey.json'), 'utf8'));
    expect(vkey).toMatchObject(JSON.parse(verificationKeyJson(parseProvingKey(zkey))));
  });
});
