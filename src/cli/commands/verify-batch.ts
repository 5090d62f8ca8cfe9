import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError, VelumError } from '../../base/errors.ts';
import { printable } from '../../formats/problems.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { parseGroth16Proof, parsePublicSignals } from '../../groth16/json-files.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { answerVerified, JSON_FILE_BYTES } from '../circuit-args.ts';
import { CliError } from '../errors.ts';
import { readJsonFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { type BatchVerifier, batchVerifier } from '../own/batch-verifier.ts';
import { namedCircuit } from '../own/chosen.ts';

interface BatchFlags {
  readonly vkey?: string;
  readonly keys?: string;
  readonly json: boolean;
}

/** NAME.proof.json beside NAME.public.json, or proof.json beside public.json. */
const PROOF_NAME = /^(?:(.+)\.)?proof\.json$/;

export function addVerifyBatchCommand(program: Command, terminal: Terminal): void {
  program
    .command('verify-batch')
    .description('Verifies all proofs of a folder at once and names the bad ones.')
    .argument('[circuit]', 'of circuits.json, or ballot, orders, … (velum circuits list)')
    .argument('[dir]', 'has NAME.proof.json beside NAME.public.json, also in folders below')
    .option('--vkey <file>', 'a verification key of any circuit in place of a circuit by name')
    .option('--keys <dir>', "keys folder (default: the project's, or the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExamples:\n  velum verify-batch orders proofs/\n  velum verify-batch proofs/ --vkey verification_key.json\nWith --json prints {"circuit", "verified", "proofs", "bad", "reasons", "reason", "verifyMs", "keys"}: "bad" lists names, "reasons" says why by name.\nExit codes: 0 all verified, 1 some are bad, 2 wrong options or files, 70 a bug.',
    )
    .action((first: string | undefined, second: string | undefined, flags: BatchFlags) => {
      const isNamed = flags.vkey === undefined || second !== undefined;
      const dir = isNamed ? second : first;
      if (dir === undefined)
        throw new CliError(
          'USAGE',
          'name a circuit and a folder, or a folder and --vkey FILE\nSee velum verify-batch --help.',
        );
      const name = isNamed ? namedCircuit(first, 'verify-batch') : undefined;
      return verifyBatch((proofs) => batchVerifier(terminal.cwd, name, flags, proofs), dir, flags, terminal);
    });
}

async function verifyBatch(
  open: (proofs: number) => Promise<BatchVerifier>,
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
  const { name: circuit, verifier, record, broken: brokenBy, close } = await open(names.length);
  const since = performance.now();
  const failing = new Set(await verifier.verifyBatch(publics, proofs));
  const verifyMs = Number((performance.now() - since).toFixed(1));
  await close?.();
  publics.forEach((signals, i) => {
    const broken = failing.has(i) ? undefined : brokenBy(signals);
    if (broken !== undefined) reasons.set(names[i]!, `nobody may take these public signals: ${broken}`);
    if (broken !== undefined) failing.add(i);
  });
  const bad = names.filter((_, i) => failing.has(i));
  const reason = bad.length === 0 ? null : `${bad.length} of ${names.length} proofs of ${circuit} are bad`;
  const listed = bad.map((name) => {
    const why = reasons.get(name);
    return printable(why === undefined ? `  ${name}` : `  ${name}: ${why}`);
  });
  await answerVerified(
    terminal,
    flags,
    record,
    {
      ...{ circuit, verified: reason === null, proofs: names.length, bad },
      ...{ reasons: Object.fromEntries(reasons), reason, verifyMs },
    },
    `verified ${names.length} proofs of ${circuit} in ${verifyMs} ms`,
    reason === null
      ? undefined
      : new ProofsError('NOT_VERIFIED', `${reason}:\n${listed.join('\n')}`, { circuit }),
  );
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
