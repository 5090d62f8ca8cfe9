import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { curves, type Logger, powersOfTau } from 'snarkjs';
import { toHex } from '../../base/bytes.ts';
import { withScratchDir } from '../../groth16/at-exit.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { makeFolders } from '../../groth16/make-folders.ts';
import { parseR1cs } from '../../groth16/r1cs.ts';
import { withThreads } from '../../groth16/threads.ts';

/** 2^17 take minutes; who needs more takes a file of a public ceremony. */
const MAX_POWER = 17;
/** The smallest that is worth a file. */
const MIN_POWER = 4;

/** log2 of the Groth16 domain: the power of two ≥ constraints + public signals + 1. */
export function powerOf(r1csFile: Uint8Array): number {
  const { constraints, outputCount, publicInputCount } = parseR1cs(r1csFile);
  return Math.ceil(Math.log2(constraints.length + outputCount + publicInputCount + 1));
}

/**
 * Powers of tau for development, large enough for a circuit: made on this machine, whose owner could forge proofs, and kept
 * in a folder for the next circuit.
 * @returns path of the file
 * @throws {Groth16Error} PHASE_1_FILE if the circuit is too large for that
 */
export async function devPowers(folder: string, r1cs: string, logger: Logger): Promise<string> {
  const power = Math.max(MIN_POWER, powerOf(await readFile(r1cs)));
  if (power > MAX_POWER) {
    const message = `a circuit with a domain of 2^${power} takes too long: give a file of a public ceremony with --ptau`;
    throw new Groth16Error('PHASE_1_FILE', message, {});
  }
  const path = join(folder, `development-${power}.ptau`);
  if (existsSync(path)) return path;
  makeFolders(folder);
  await withThreads(() =>
    withScratchDir(folder, async (dir) => {
      const [first, second, third] = ['1', '2', '3'].map((name) => join(dir, name)) as [
        string,
        string,
        string,
      ];
      await powersOfTau.newAccumulator(await curves.getCurveFromName('bn128'), power, first, logger);
      await powersOfTau.contribute(first, second, 'development', toHex(randomBytes(64)), logger);
      await powersOfTau.preparePhase2(second, third, logger);
      await rename(third, path);
    }),
  );
  return path;
}
