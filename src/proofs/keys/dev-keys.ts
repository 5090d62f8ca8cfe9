import type { Contribution } from '../../groth16/ceremony/transcript.ts';
import { ProofsError } from '../errors.ts';
import { type Compile, contribute, type KeyJob, setupKeys } from './ceremony.ts';
import { devPowers } from './dev-powers.ts';
import { readManifest } from './manifest-file.ts';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Complete keys of a circuit for development, in one go: powers of tau of this machine, setup and one contribution. The list
 * of keys marks them: no file of a public ceremony, and no claim of a ceremony.
 * @param job powersDir: where the powers of tau are kept
 * @throws {ProofsError} KEYS_EXIST unless `replace`
 */
export async function makeDevKeys(
  job: KeyJob & { readonly compile: Compile; readonly powersDir: string; readonly replace: boolean },
): Promise<Contribution> {
  const { circuit, keysDir, compile, powersDir } = job;
  if (!job.replace && (await readManifest(keysDir))?.circuits[circuit] !== undefined) {
    const message = `${keysDir} has keys of ${circuit} already; name another folder, or replace them with --force`;
    throw new ProofsError('KEYS_EXIST', message, { circuit, keysDir });
  }
  const { r1cs } = await compile('groth16');
  const ptau = await devPowers(powersDir, r1cs, SILENT);
  await setupKeys({ ...job, ptau, protocol: 'groth16' });
  return contribute({ ...job, name: 'development' });
}
