import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type FastFile, plonk, zKey } from 'snarkjs';
import { VelumError } from '../../base/errors.ts';
import { withScratchDir } from '../../groth16/at-exit.ts';
import { checkPhase1, identifyPhase1 } from '../../groth16/ceremony/phase-1.ts';
import { trackSteps } from '../../groth16/ceremony/progress.ts';
import { readTranscript } from '../../groth16/ceremony/transcript.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { withThreads } from '../../groth16/threads.ts';
import { createVerifier } from '../../groth16/verifier.ts';
import { KEY_FILE_NAMES, loadKeys, MAX_KEY_BYTES, vkeyText } from '../registry.ts';
import type { Compile, KeyJob } from './ceremony.ts';
import { keyRecord, sha256File } from './manifest.ts';
import { type KeyRecord, MAX_BEACON_EXPONENT } from './manifest-file.ts';

/** snarkjs leaves a file of powers of tau open, so it gets the bytes unless they are too many. */
const MAX_BYTES_IN_MEMORY = 1 << 29;

/** One thing that was checked of a circuit's keys. */
export interface KeyCheck {
  readonly what: string;
  readonly ok: boolean;
}

/**
 * Checks everything a circuit's keys claim: the listed hashes, that the circuit at hand compiles to the r1cs the keys
 * are for, that the phase-1 file is the one named, that the key follows from both by its contributions (Groth16: pairings
 * of every part; PLONK: made again), that the list of contributions is the key's own, and that γ ≠ ±δ.
 * @throws {ProofsError} KEYS_MISSING; FILE_UNREADABLE for a proving key that is no file; PHASE_1_FILE; CIRCUIT_COMPILE, TOOL_MISSING
 */
export function verifyKeys(
  job: KeyJob & { readonly compile: Compile; readonly ptau: string },
): Promise<KeyCheck[]> {
  const { circuit: name, keysDir, ptau } = job;
  return withThreads(async () => {
    const record = await keyRecord(keysDir, name);
    const protocol = record.protocol ?? 'groth16';
    const track = trackSteps(
      [
        ['reading', 2],
        ['compiling', 8],
        ['checking the key', 25],
      ],
      job.onProgress,
    );
    const reading = track.next();
    const circuit = await loadKeys(name, keysDir);
    const checks: KeyCheck[] = [];
    const check = (what: string, ok: boolean): void => void checks.push({ what, ok });
    for (const file of KEY_FILE_NAMES)
      check(`${file} has the hash that MANIFEST.json lists`, await passes(() => circuit.read(file)));
    const phase1 = await identifyPhase1(ptau);
    await checkPhase1(ptau, phase1, reading);
    check('the powers of tau are those the key was made from', phase1.blake2b === record.ptau.blake2b);
    check('they are trusted for what they are, not for what is listed', phase1.trust === record.ptau.trust);
    track.next();
    const compiled = await job.compile(protocol);
    const r1cs = await readFile(compiled.r1cs);
    const isSame = (await sha256File(compiled.r1cs)) === record.r1cs;
    check('the circuit compiles to the constraints the key is for', isSame);
    const powers = await readPowers(ptau);
    const logger = track.next();
    const zkey = circuit.path('zkey');
    if (protocol === 'groth16') {
      const bytes = await readRegularFile(zkey, MAX_KEY_BYTES.zkey);
      const isBounded = await hasBoundedBeacons(zkey);
      check(
        `the contributions can be read, no beacon takes more than 2^${MAX_BEACON_EXPONENT} hashes`,
        isBounded,
      );
      check(
        'the key follows from circuit, powers and contributions',
        isBounded && (await follows(r1cs, powers, bytes, logger)),
      );
      check('the contributions listed are those in the key', await hasTranscript(zkey, record.contributions));
      if (record.ceremony !== undefined)
        check(
          'a ceremony is claimed of a public phase 1, contributions and a beacon after them',
          isCeremony(record),
        );
      check(
        'no statement can be forged: gamma and delta differ',
        await passes(async () => createVerifier(await vkeyText(circuit), circuit.path('vkey'))),
      );
    } else {
      const again = await withScratchDir(keysDir, async (dir) => {
        await plonk.setup(r1cs, powers, join(dir, 'zkey'), logger);
        return sha256File(join(dir, 'zkey'));
      });
      check('the key is the one that circuit and powers make', again === record.zkey);
    }
    return checks;
  });
}

const isCeremony = ({ ptau, contributions }: KeyRecord): boolean =>
  ptau.trust === 'public ceremony' && contributions.length > 1 && contributions.at(-1)!.beacon !== undefined;

/** A file of powers of tau in the form in which snarkjs does not leave it open, if memory allows. */
export const readPowers = async (ptau: string): Promise<FastFile> =>
  (await stat(ptau)).size > MAX_BYTES_IN_MEMORY ? ptau : readFile(ptau);

/** What `snarkjs zkey verify` says of an r1cs, powers of tau and a key. */
export async function follows(...args: Parameters<typeof zKey.verifyFromR1cs>): Promise<boolean> {
  // snarkjs prints some refusals on stdout, where this command's answer goes.
  const { log } = console;
  console.log = () => {};
  try {
    return await zKey.verifyFromR1cs(...args);
  } catch {
    // A key that snarkjs cannot even read.
    return false;
  } finally {
    console.log = log;
  }
}

const hasBoundedBeacons = (zkey: string): Promise<boolean> =>
  passes(async () => {
    const transcript = await readTranscript(zkey);
    if (transcript.some(({ iterationsExponent = 0 }) => iterationsExponent > MAX_BEACON_EXPONENT))
      throw new Groth16Error('KEYS_STALE', `${zkey} has a beacon of too many hashes`, { zkey });
  });

const hasTranscript = async (zkey: string, listed: unknown): Promise<boolean> => {
  let transcript: unknown;
  const readable = await passes(async () => {
    transcript = JSON.parse(JSON.stringify(await readTranscript(zkey)));
  });
  return readable && isDeepStrictEqual(transcript, listed);
};

async function passes(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (error instanceof VelumError && error.code.startsWith('KEYS_')) return false;
    throw error;
  }
}
