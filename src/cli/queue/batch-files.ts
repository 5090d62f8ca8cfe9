import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileError } from '../../base/errors.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { parseGroth16Proof, parsePublicSignals } from '../../groth16/json-files.ts';
import type { Verifier } from '../../groth16/verifier.ts';
import { JSON_FILE_BYTES } from '../circuit-args.ts';
import { CliError } from '../errors.ts';
import { readJsonFile } from '../files.ts';
import { readTextFile } from '../io.ts';

/** One input of a batch, as text; secret. */
export interface BatchInput {
  /** What its proof is called. */
  readonly name: string;
  /** Names it in errors. */
  readonly where: string;
  readonly text: string;
  /** When its file was last changed. */
  readonly changedMs: number;
}

const MAX_LINES_BYTES = 1 << 28;
const MAX_INPUTS = 100_000;

/**
 * The inputs of a folder, a file NAME.json each, or the lines of a file that ends with .jsonl, which are called 000001 and so on.
 * @throws {FileError} FILE_UNREADABLE; {CliError} USAGE if there are none, or too many
 */
export async function batchInputs(cwd: string, named: string): Promise<BatchInput[]> {
  const path = resolve(cwd, named);
  const isLines = named.endsWith('.jsonl');
  const inputs = isLines ? await linesOf(path, named) : await filesOf(path, named);
  const wanted = isLines ? 'a line each' : 'NAME.json each';
  if (inputs.length === 0) throw new CliError('USAGE', `${named} holds no inputs: ${wanted} is expected`);
  if (inputs.length > MAX_INPUTS)
    throw new CliError('USAGE', `${named} holds ${inputs.length} inputs: ${MAX_INPUTS} at a time, at most`);
  return inputs;
}

async function linesOf(path: string, named: string): Promise<BatchInput[]> {
  const text = await readTextFile(path, MAX_LINES_BYTES);
  const { mtimeMs: changedMs } = await stat(path);
  return text.split('\n').flatMap((line, i) => {
    const input = {
      name: String(i + 1).padStart(6, '0'),
      where: `${named} line ${i + 1}`,
      text: line,
      changedMs,
    };
    return line.trim() === '' ? [] : [input];
  });
}

async function filesOf(path: string, named: string): Promise<BatchInput[]> {
  const names = await readdir(path).catch((cause: unknown) => {
    const message = `cannot read the folder ${named}; a folder or a file that ends with .jsonl is expected`;
    throw new FileError('FILE_UNREADABLE', message, { path: named }, cause);
  });
  const inputs: BatchInput[] = [];
  for (const file of names.filter((name) => /.\.json$/.test(name)).sort()) {
    const text = await readTextFile(join(path, file), JSON_FILE_BYTES);
    const { mtimeMs: changedMs } = await stat(join(path, file));
    inputs.push({ name: file.replace(/\.json$/, ''), where: join(named, file), text, changedMs });
  }
  return inputs;
}

/** Where the proof of an input goes, and its public signals. */
export const proofPaths = (dir: string, name: string) => ({
  proof: join(dir, `${name}.proof.json`),
  publics: join(dir, `${name}.public.json`),
});

/** Whether an input has been proved already: both files are there, newer than the input, and are a proof. */
export async function isProved(
  dir: string,
  { name, changedMs }: BatchInput,
  verifier: Pick<Verifier, 'verify'>,
): Promise<boolean> {
  const { proof, publics } = proofPaths(dir, name);
  try {
    for (const path of [proof, publics]) if ((await stat(path)).mtimeMs < changedMs) return false;
    const read = (path: string): Promise<unknown> =>
      readJsonFile(path, JSON_FILE_BYTES, Groth16Error.of('PROOF_FILE'));
    const signals = parsePublicSignals(await read(publics), publics);
    return await verifier.verify(signals, parseGroth16Proof(await read(proof), proof));
  } catch {
    return false;
  }
}
