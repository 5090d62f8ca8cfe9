import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withScratchDir } from '../../groth16/at-exit.ts';
import { findRapidsnark } from '../../groth16/rapidsnark.ts';
import { loadWasmProver } from '../../groth16/wasm-prover.ts';
import type { KernelPath } from '../../wasm/field-constants.ts';
import { type CpuTiming, childrenCpuMs, measureCpu } from './measure.ts';
import type { ProofWork } from './works.ts';

/** Programs of one run: their processor time is known to 10 ms. */
const CALLS = 5;

/**
 * A proof by the kernels, keys ready, beside rapidsnark, which reads its keys for each proof, which is
 * part of its time here. Both by processor time; rapidsnark's threads count as one.
 * @throws {Groth16Error} PROVER_MISSING
 */
export async function benchRapidsnark(
  { name, zkey, witness }: ProofWork,
  runs: number,
  path: KernelPath,
  rapidsnark: string,
): Promise<CpuTiming> {
  const binary = await findRapidsnark(rapidsnark);
  const prover = await loadWasmProver(zkey, { circuit: name, path });
  return withScratchDir(tmpdir(), async (dir) => {
    const [key, wtns, proof, publics] = ['key', 'wtns', 'proof', 'public'].map((file) => join(dir, file));
    await writeFile(key!, zkey);
    await writeFile(wtns!, witness);
    return measureCpu(`groth16::prove-cpu-rapidsnark/${name}`, () => prover.prove(witness), {
      runs,
      calls: CALLS,
      peer: {
        name: 'rapidsnark',
        run: () => promisify(execFile)(binary, [key!, wtns!, proof!, publics!]),
        usedMs: childrenCpuMs,
      },
    });
  });
}
