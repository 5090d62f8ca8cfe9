import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError, VelumError } from '../../base/errors.ts';
import { printable } from '../../formats/problems.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { parseGroth16Proof, parsePublicSignals } from '../../groth16/json-files.ts';
import { loadVerifier, loadVerifierPool } from '../../proofs/circuit-verifier.ts';
import type { CircuitName } from '../../proofs/circuits.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { keyRecord } from '../../proofs/keys/manifest.ts';
import { dutyBroken } from '../../proofs/verifier-duty.ts';
import { answerVerified, circuitName, JSON_FILE_BYTES, keysFolder } from '../circuit-args.ts';
import { readJsonFile } from '../files.ts';
import type { Terminal } from '../io.ts';

interface BatchFlags {
  readonly keys?: string;
  readonly json: boolean;
}

/** Proofs for which starting a process a core pays: a second's work for one. */
const POOLED = 512;

/** NAME.proof.json beside NAME.public.json, or proof.json beside public.json. */
const PROOF_NAME = /^(?:(.+)\.)?proof\.json$/;

export function addVerifyBatchCommand(program: Command, terminal: Terminal): void {
  program
    .command('verify-batch')
    .description('Verifies all proofs of a folder at once and names the bad ones.')
    .argument('<circuit>', 'ballot, orders, … (velum circuits list)')
    .argument('<dir>', 'has NAME.proof.json beside NAME.public.json, also in folders below')
    .option('--keys <dir>', "keys folder (default: the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  velum verify-batch orders proofs/\nExit codes: 0 all verified, 1 some are bad, 2 wrong options or files, 70 a bug.',
    )
    .action((circuit: string, dir: string, flags: BatchFlags) =>
      verifyBatch(circuitName(circuit), dir, flags, terminal),
    );
}

async function verifyBatch(
  circuit: CircuitName,
  dir: string,
  flags: BatchFlags,
  terminal: Terminal,
): Promise<void> {
  const names = await proofsBelow(resolve(terminal.cwd, dir), dir);
  const proofs: Uint8Array[] = [];
  const publics: bigint[][] = [];
  const reasons = new Map<string, string>();
  for (const name of names) {
    const pair = await readPair(name, (file) =>
      readJsonFile(resolve(terminal.cwd, dir, file), JSON_FILE_BYTES, Groth16Error.of('PROOF_FILE')),
    );
    if (typeof pair === 'string') reasons.set(name, pair);
    // What has not even the form of a proof is a bad proof like another: no bytes are none.
    proofs.push(typeof pair === 'string' ? new Uint8Array() : pair.proof);
    publics.push(typeof pair === 'string' ? [] : pair.publicSignals);
  }
  const keysDir = keysFolder(terminal.cwd, flags.keys);
  const pool = names.length >= POOLED ? await loadVerifierPool(circuit, { keysDir }) : undefined;
  const verifier = pool ?? (await loadVerifier(circuit, keysDir));
  const since = performance.now();
  const failing = new Set(await verifier.verifyBatch(publics, proofs));
  const verifyMs = Number((performance.now() - since).toFixed(1));
  await pool?.close();
  publics.forEach((signals, i) => {
    const broken = failing.has(i) ? undefined : dutyBroken(circuit, signals);
    if (broken !== undefined) reasons.set(names[i]!, `nobody may take these public signals: ${broken}`);
    if (broken !== undefined) failing.add(i);
  });
  const bad = names.filter((_, i) => failing.has(i));
  if (bad.length > 0) {
    const listed = bad.map((name) => {
      const reason = reasons.get(name);
      return printable(reason === undefined ? `  ${name}` : `  ${name}: ${reason}`);
    });
    const message = `${bad.length} of ${names.length} proofs of ${circuit} are bad:\n${listed.join('\n')}`;
    throw new ProofsError('NOT_VERIFIED', message, { circuit, proofs: names.length, bad, verifyMs });
  }
  const line = `verified ${names.length} proofs of ${circuit} in ${verifyMs} ms`;
  const value = { circuit, proofs: names.length, bad, verifyMs };
  await answerVerified(terminal, flags, await keyRecord(keysDir, circuit), value, line);
}

/**
 * A proof and its public signals, or why there are none: one file that cannot be read or is none of these keeps no other
 * proof of the folder from its verdict.
 */
async function readPair(
  name: string,
  read: (file: string) => Promise<unknown>,
): Promise<{ readonly proof: Uint8Array; readonly publicSignals: bigint[] } | string> {
  const publicName = name.replace(/proof\.json$/, 'public.json');
  try {
    return {
      proof: parseGroth16Proof(await read(name), name),
      publicSignals: parsePublicSignals(await read(publicName), publicName),
    };
  } catch (error) {
    if (error instanceof VelumError) return error.message;
    throw error;
  }
}

/** Paths of the proof files, relative to the folder, in the order of their names. */
async function proofsBelow(path: string, shown: string): Promise<string[]> {
  let entries: string[];
  try {
    entries = await readdir(path, { recursive: true });
  } catch (cause) {
    throw new FileError('FILE_UNREADABLE', `cannot read the folder ${shown}`, { path: shown }, cause);
  }
  const names = entries.filter((entry) => PROOF_NAME.test(entry.split(/[\\/]/).at(-1)!)).sort();
  if (names.length > 0) return names;
  const message = `${join(shown, '.')} has no proof: NAME.proof.json beside NAME.public.json is expected`;
  throw new Groth16Error('PROOF_FILE', message, { path: shown });
}
