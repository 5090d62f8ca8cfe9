import { readFile } from 'node:fs/promises';
import { createVerifier } from '../../groth16/verifier.ts';
import { loadWasmProver } from '../../groth16/wasm-prover.ts';
import { loadCircuit } from '../../proofs/registry.ts';
import { type CpuTiming, measureCpu } from './measure.ts';
import { exampleWork } from './works.ts';

const PROOFS = 64;

/**
 * Batches by the processor time of one thread. A batch of bad proofs only is what it should be if it takes no longer than
 * what it is beside: one product for all, and each proof alone.
 */
export async function benchVerifying(runs: number): Promise<CpuTiming[]> {
  const { zkey, witness } = await exampleWork('account');
  const vkey = await readFile((await loadCircuit('account')).path('vkey'), 'utf8');
  const verifier = await createVerifier(vkey, 'vkey.json');
  const prover = await loadWasmProver(zkey);
  const made = [];
  for (let i = 0; i < PROOFS; i++) made.push(await prover.prove(witness));
  const proofs = made.map(({ proof }) => proof);
  const publics = made.map(({ publicSignals }) => publicSignals);
  // Of another statement each: only the equation tells.
  const wrong = publics.map((signals, i) => signals.with(0, signals[0]! + BigInt(i + 1)));
  const oneByOne = async (statements: readonly bigint[][]): Promise<void> => {
    for (const [i, signals] of statements.entries()) await verifier.verify(signals, proofs[i]!);
  };
  return [
    await measureCpu(`groth16::verify-batch-cpu/n=${PROOFS}`, () => verifier.verifyBatch(publics, proofs), {
      runs,
      peer: { name: 'one by one', run: () => oneByOne(publics) },
    }),
    await measureCpu(
      `groth16::verify-batch-cpu/n=${PROOFS}/all-bad`,
      () => verifier.verifyBatch(wrong, proofs),
      {
        runs,
        peer: {
          name: 'one by one and a product',
          run: async () => {
            await verifier.verifyBatch(publics, proofs);
            await oneByOne(wrong);
          },
        },
      },
    ),
  ];
}
