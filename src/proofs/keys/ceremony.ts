/**
 * Making keys: a circuit's phase 2 (Groth16) or universal setup (PLONK), step by step, each step's outcome a whole set
 * of files in a keys folder. Who contributes on a machine of their own takes the folder, adds to it and hands it on.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { plonk, zKey } from 'snarkjs';
import { toHex } from '../../base/bytes.ts';
import { withScratchDir } from '../../groth16/at-exit.ts';
import { checkPhase1, identifyPhase1 } from '../../groth16/ceremony/phase-1.ts';
import {
  type KeyProgress,
  type Steps,
  type StepTracker,
  trackSteps,
} from '../../groth16/ceremony/progress.ts';
import { type Contribution, readTranscript } from '../../groth16/ceremony/transcript.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { makeFolders } from '../../groth16/make-folders.ts';
import { withThreads } from '../../groth16/threads.ts';
import { createVerifier } from '../../groth16/verifier.ts';
import type { Compiled } from '../../project/compiler.ts';
import { compileCircuit, root } from '../compile.ts';
import { ProofsError } from '../errors.ts';
import { loadKeys, type ProofSystem } from '../registry.ts';
import { installKeys, keyRecord, sha256File } from './manifest.ts';
import { type KeyRecord, readManifest } from './manifest-file.ts';

/** Compiles the circuit that keys are for; who only checks keys needs no witness program. */
export type Compile = (
  protocol: ProofSystem,
) => Promise<Pick<Compiled, 'r1cs'> & Partial<Pick<Compiled, 'wasm'>>>;

export interface KeyJob {
  readonly circuit: string;
  readonly keysDir: string;
  readonly onProgress?: (progress: KeyProgress) => void;
}

/**
 * A circuit of this package as a protocol wants it: PLONK pays for long linear combinations, so it takes O1.
 * @param source circom file below the package's root
 */
export function compilerOf(source: string): Compile {
  const into = join(root, 'build', dirname(relative(root, source)));
  return (protocol) =>
    protocol === 'groth16' ? compileCircuit(source, into) : compileCircuit(source, `${into}-o1`, 'O1');
}

/**
 * Makes a circuit's first keys from a phase-1 file. Groth16 keys have γ = δ until somebody contributes, and verifiers
 * refuse them until then; PLONK keys are complete.
 * @throws {ProofsError} KEYS_EXIST unless `replace`; PHASE_1_FILE if the file is not what it says, or too small
 */
export function setupKeys(
  job: KeyJob & {
    readonly compile: Compile;
    readonly ptau: string;
    readonly protocol: ProofSystem;
    readonly replace: boolean;
  },
): Promise<KeyRecord> {
  const { circuit, keysDir, ptau, protocol } = job;
  return withThreads(async () => {
    if (!job.replace && (await readManifest(keysDir))?.circuits[circuit] !== undefined) {
      const message = `${keysDir} has keys of ${circuit} already; name another folder, or replace them with --force`;
      throw new ProofsError('KEYS_EXIST', message, { circuit, keysDir });
    }
    const steps = [
      ['reading the powers of tau', 2],
      ['compiling', 8],
      ['making the key', 12],
    ] as const;
    const track = trackSteps([...steps, ['exporting', 1]], job.onProgress);
    const logger = track.next();
    const phase1 = await identifyPhase1(ptau);
    await checkPhase1(ptau, phase1, logger);
    track.next();
    const compiled = await job.compile(protocol);
    makeFolders(keysDir);
    return withScratchDir(keysDir, async (dir) => {
      const files = { zkey: join(dir, 'zkey'), vkey: join(dir, 'vkey'), wasm: join(dir, 'wasm') };
      const making = track.next();
      // As bytes: snarkjs leaves a file of constraints open.
      const r1cs = await readFile(compiled.r1cs);
      const made =
        protocol === 'groth16'
          ? await zKey.newZKey(r1cs, ptau, files.zkey, making)
          : await plonk.setup(r1cs, ptau, files.zkey, making);
      if (made === -1) {
        const message = `${ptau} is too small for ${circuit}; take one of a higher power`;
        throw new Groth16Error('PHASE_1_FILE', message, { circuit, ptau });
      }
      track.next();
      if (compiled.wasm === undefined)
        throw new ProofsError(
          'CEREMONY_INPUT',
          `keys of ${circuit} need its witness program: give --wasm FILE`,
          {
            circuit,
          },
        );
      await copyFile(compiled.wasm, files.wasm);
      await exportVkey(files.zkey, files.vkey);
      const record: KeyRecord = {
        ...(protocol === 'groth16' ? {} : { protocol }),
        r1cs: await sha256File(compiled.r1cs),
        wasm: await sha256File(files.wasm),
        zkey: await sha256File(files.zkey),
        vkey: await sha256File(files.vkey),
        ptau: phase1,
        contributions: [],
      };
      await installKeys(keysDir, circuit, files, record);
      return record;
    });
  });
}

/** Adds a contribution of 512 bits of system entropy, which nobody sees, to snarkjs' own. @see applyBeacon */
export async function contribute(job: KeyJob & { readonly name: string }): Promise<Contribution> {
  const transcript = await addToPhase2(job, CONTRIBUTING, (old, next, track) =>
    zKey.contribute(old, next, job.name, toHex(randomBytes(64)), track.next()),
  );
  return transcript.at(-1)!;
}

/**
 * Adds the last contribution: one that follows from a public value, drawn by nobody and known only after all others
 * had contributed. Whoever has the key before it can repeat it, byte by byte.
 * @param job beacon: 1 to 255 bytes, hex; 2^iterationsExponent hashes, exponent 10 to MAX_BEACON_EXPONENT; ceremony: who contributed, each
 *   on a machine of their own, after which the key is no longer marked as one for development
 * @throws {ProofsError} CEREMONY_INPUT if a ceremony is claimed without a public phase 1 or without a contribution
 */
export async function applyBeacon(
  job: KeyJob & {
    readonly name: string;
    readonly beacon: string;
    readonly iterationsExponent: number;
    readonly ceremony?: string;
  },
): Promise<Contribution> {
  const transcript = await addToPhase2(job, CONTRIBUTING, (old, next, track) =>
    zKey.beacon(old, next, job.name, job.beacon, job.iterationsExponent, track.next()),
  );
  return transcript.at(-1)!;
}

const CONTRIBUTING: Steps = [['contributing', 10]];

/**
 * Puts a circuit's next key in the place of the one it has, with its list of contributions; on any error nothing changes.
 * @param steps what `add` does, for `track`
 * @param add   writes the next key
 * @returns all contributions, first one first
 * @throws {Groth16Error} KEYS_UNSAFE if verifiers would refuse the next key
 */
export async function addToPhase2(
  { circuit, keysDir, onProgress, ceremony }: KeyJob & { readonly ceremony?: string },
  steps: Steps,
  add: (old: string, next: string, track: StepTracker) => Promise<unknown>,
): Promise<Contribution[]> {
  return withThreads(async () => {
    const { ceremony: _, ...record } = await keyRecord(keysDir, circuit);
    if (ceremony !== undefined && (record.ptau.trust === 'none' || record.contributions.length === 0)) {
      const message = `no ceremony made the keys of ${circuit}: it starts from a public phase 1 and has contributions`;
      throw new ProofsError('CEREMONY_INPUT', message, { circuit });
    }
    if (record.protocol === 'plonk')
      throw new ProofsError(
        'CEREMONY_INPUT',
        `the keys of ${circuit} in ${keysDir} are of PLONK, which has no phase 2`,
        { circuit },
      );
    const listed = await loadKeys(circuit, keysDir);
    await listed.read('zkey');
    return withScratchDir(keysDir, async (dir) => {
      const track = trackSteps([...steps, ['exporting', 1]], onProgress);
      const files = { zkey: join(dir, 'zkey'), vkey: join(dir, 'vkey') };
      await add(listed.path('zkey'), files.zkey, track);
      track.next();
      await exportVkey(files.zkey, files.vkey);
      await createVerifier(await readFile(files.vkey, 'utf8'), `the next key of ${circuit}`);
      const contributions = await readTranscript(files.zkey);
      await installKeys(keysDir, circuit, files, {
        ...record,
        zkey: await sha256File(files.zkey),
        vkey: await sha256File(files.vkey),
        contributions,
        ...(ceremony === undefined ? {} : { ceremony }),
      });
      return contributions;
    });
  });
}

async function exportVkey(zkey: string, path: string): Promise<void> {
  await writeFile(path, `${JSON.stringify(await zKey.exportVerificationKey(zkey), null, 1)}\n`);
}
