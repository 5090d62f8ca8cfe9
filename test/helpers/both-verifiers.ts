import { expect } from 'vitest';
import { createProofCheck } from '../../src/groth16/proof-check.ts';
import { createVerifier, type Verifier } from '../../src/groth16/verifier.ts';
import { loadKernels } from '../../src/wasm/load.ts';

/** The verifier, each of whose answers is also that of the check by the kernels alone, on both of their paths. */
export async function bothVerifiers(vkey: string, where: string): Promise<Verifier> {
  const kernels = [await loadKernels('relaxed-simd'), await loadKernels('scalar')];
  const verifier = await createVerifier(vkey, where).catch((error: unknown) => {
    for (const each of kernels) expect(() => createProofCheck(vkey, where, each)).toThrow(error as Error);
    throw error;
  });
  const checks = kernels.map((each) => createProofCheck(vkey, where, each));
  expect(checks.map(({ nPublic }) => nPublic)).toEqual([verifier.nPublic, verifier.nPublic]);
  return {
    ...verifier,
    async verify(signals, proof) {
      const verdict = await verifier.verify(signals, proof);
      for (const check of checks) expect(await check.verify(signals, proof)).toBe(verdict);
      return verdict;
    },
  };
}
