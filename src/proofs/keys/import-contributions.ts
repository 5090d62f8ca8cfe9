/** Contributions that were made elsewhere, with the stock tool: `snarkjs zkey contribute OLD.zkey NEW.zkey`. */

import { readFile, writeFile } from 'node:fs/promises';
import { identifyPhase1 } from '../../groth16/ceremony/phase-1.ts';
import { type Contribution, parseTranscript } from '../../groth16/ceremony/transcript.ts';
import { loadCurve } from '../../groth16/curve.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { zkeySections } from '../../groth16/zkey.ts';
import { ProofsError } from '../errors.ts';
import { addToPhase2, type Compile, type KeyJob } from './ceremony.ts';
import { keyRecord, sha256File } from './manifest.ts';
import { follows, readPowers } from './verify-keys.ts';

/** Bytes that contributions may add to a key, at most; one of the stock tool adds less than 700. */
const MAX_ADDED_BYTES = 1 << 16;

const HEADER = 2;
const CONTRIBUTIONS = 10;
/** Sections that no contribution changes: protocol, public part, constraints, A, B in both groups. */
const FIXED = [1, 3, 4, 5, 6, 7] as const;
/** Bytes of the header before δ: the field sizes and moduli, three counts, α, β in both groups and γ. */
const HEADER_BEFORE_DELTA = 2 * (4 + 32) + 3 * 4 + 2 * 64 + 2 * 128;
/** What section 10 begins with; then come the number of contributions, and they. */
const CIRCUIT_HASH_BYTES = 64;

type Sections = ReadonlyMap<number, Buffer>;
type Refuse = (reason: string) => never;

/**
 * Takes a key that others have contributed to and puts it in the place of ours.
 *
 * Everything that a contribution leaves alone has to be ours byte for byte, earlier contributions too; the rest (δ, the
 * sections L and H, the proof of each contribution) is what `snarkjs zkey verify` checks from circuit and powers of tau, and a
 * key whose γ = ±δ is refused as everywhere. A beacon is not taken: it is applied here, where its hashes are counted.
 * @param job from: the .zkey file, from anybody; compile: the circuit as it is now; ptau: the phase-1 file of the key
 * @returns the new contributions, first one first
 * @throws {FileError} FILE_UNREADABLE; CONTRIBUTION_FILE if it is no key or continues another one; NOT_VERIFIED if it is not
 *   what its contributions make of ours; PHASE_1_FILE, KEYS_STALE if powers or circuit are not the key's; KEYS_UNSAFE
 */
export async function importContributions(
  job: KeyJob & { readonly compile: Compile; readonly ptau: string; readonly from: string },
): Promise<Contribution[]> {
  const { circuit, keysDir, from, ptau } = job;
  let made: Contribution[] = [];
  await addToPhase2(
    job,
    [
      ['reading', 1],
      ['compiling', 8],
      ['checking the key', 25],
    ],
    async (old, next, track) => {
      track.next();
      const refuse: Refuse = (reason) => {
        throw new ProofsError('CONTRIBUTION_FILE', `${from} ${reason} (${circuit})`, { circuit, from });
      };
      const ours = await readFile(old);
      const theirs = await readRegularFile(from, ours.length + MAX_ADDED_BYTES);
      const sections = zkeySections(theirs) ?? refuse('is no Groth16 proving key of snarkjs (.zkey)');
      made = await newContributions(zkeySections(ours)!, sections, refuse);
      const { ptau: phase1, r1cs: hash } = await keyRecord(keysDir, circuit);
      if ((await identifyPhase1(ptau)).blake2b !== phase1.blake2b) {
        const message = `${ptau} is not the file that the keys of ${circuit} were made from; name ${phase1.name}`;
        throw new Groth16Error('PHASE_1_FILE', message, { circuit, ptau, expected: phase1.blake2b });
      }
      track.next();
      const { r1cs } = await job.compile('groth16');
      if ((await sha256File(r1cs)) !== hash) {
        const message = `${circuit} has changed since its keys were made; make keys with \`velum keys setup\``;
        throw new Groth16Error('KEYS_STALE', message, { circuit });
      }
      if (!(await follows(await readFile(r1cs), await readPowers(ptau), theirs, track.next()))) {
        const message = `${from} is not what its contributions make of the key of ${circuit}: a proof is false or a part was changed`;
        throw new ProofsError('NOT_VERIFIED', message, { circuit, from });
      }
      // What was checked, not what the file may hold by now.
      await writeFile(next, theirs);
    },
  );
  return made;
}

/** What a key adds to ours, which it continues; whether it is true is not asked here. */
async function newContributions(ours: Sections, theirs: Sections, refuse: Refuse): Promise<Contribution[]> {
  const fixed = (sections: Sections): Buffer[] => [
    ...FIXED.map((section) => sections.get(section)!),
    sections.get(HEADER)!.subarray(0, HEADER_BEFORE_DELTA),
    sections.get(CONTRIBUTIONS)!.subarray(0, CIRCUIT_HASH_BYTES),
  ];
  const expected = fixed(ours);
  if (!fixed(theirs).every((bytes, i) => bytes.equals(expected[i]!)))
    refuse('is a key of another circuit, or from other powers of tau');
  const [before, after] = [ours.get(CONTRIBUTIONS)!, theirs.get(CONTRIBUTIONS)!];
  const first = CIRCUIT_HASH_BYTES + 4;
  if (!after.subarray(first, before.length).equals(before.subarray(first)))
    refuse('does not continue the contributions so far; contribute to the key as it is now');
  const transcript = parseTranscript(await loadCurve(), after);
  if (transcript === undefined) return refuse('is damaged: its list of contributions cannot be read');
  const made = transcript.slice(before.readUInt32LE(CIRCUIT_HASH_BYTES));
  if (made.length === 0) refuse('adds no contribution to the key');
  if (made.some(({ beacon }) => beacon !== undefined))
    refuse('has a beacon; take the key before it, and apply it with `velum keys beacon`');
  if (made.some(({ name }) => name.length > 64 || /[\p{Cc}\uFEFF\uFFFD]/u.test(name)))
    refuse('has a contribution whose name is no plain text of at most 64 characters');
  return made;
}
