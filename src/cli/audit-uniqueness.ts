import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseAssumption, wiresNamed } from '../audit/assumptions.ts';
import { describeConstraint } from '../audit/audit.ts';
import { uniquenessText } from '../audit/certificate/certificate-file.ts';
import type { Names } from '../audit/names.ts';
import { type OutputVerdict, outputVerdicts } from '../audit/outputs.ts';
import type { UniquenessResult } from '../audit/uniqueness.ts';
import { auditUniquenessInThread } from '../audit/uniqueness-thread.ts';
import type { R1cs } from '../groth16/r1cs.ts';
import { CliError } from './errors.ts';
import { writeWholeFile } from './files.ts';
import type { Terminal } from './io.ts';

/** A circuit whose outputs are asked. */
export interface AskedCircuit {
  readonly r1csFile: Uint8Array;
  readonly r1cs: R1cs;
  readonly modulus: bigint;
  readonly names: Names;
  readonly witnesses: readonly (readonly bigint[])[];
  readonly sha256: string;
}

export interface AskedFor {
  readonly assume: readonly string[];
  readonly target: readonly string[];
  readonly budgetMs: number;
  /** Where files are written. */
  readonly out: string;
}

/** The engine's answer, with names and files. */
export interface Answered {
  readonly result: UniquenessResult;
  readonly outputs: readonly OutputVerdict[];
  readonly assumptions: readonly ReturnType<typeof parseAssumption>[number][];
}

/**
 * Proves or forges the outputs, and writes certificate, witnesses and inputs.
 * @throws {AuditError} ASSUMPTION
 * @throws {CliError} USAGE if --target names no public input
 */
export async function askUniqueness(
  circuit: AskedCircuit,
  asked: AskedFor,
  terminal: Terminal,
): Promise<Answered> {
  const { r1cs, names } = circuit;
  const inputs = namesBetween(names, r1cs.outputCount, r1cs.publicInputCount + r1cs.privateInputCount);
  const publicInputs = namesBetween(names, r1cs.outputCount, r1cs.publicInputCount);
  const assumptions = asked.assume.flatMap((text) => parseAssumption(text, inputs, circuit.modulus));
  const targets = asked.target.flatMap((pattern) => {
    const found = wiresNamed(pattern, publicInputs);
    if (found.length === 0)
      throw new CliError('USAGE', `--target ${pattern} names no public input\nSee velum audit --help.`);
    return found;
  });
  const { r1csFile, witnesses } = circuit;
  const request = { r1cs: r1csFile, assumptions, targets, witnesses };
  const result = await auditUniquenessInThread(request, asked.budgetMs, (stage, decided, total) => {
    if (terminal.isErrTty)
      void terminal.err(`\r\u001b[K${bar(decided, total)} ${stage}: ${decided} of ${total} outputs`);
  });
  if (terminal.isErrTty) await terminal.err('\r\u001b[K');
  const files = await writeFiles(circuit, asked.out, result, targets, terminal.cwd);
  const outputs = outputVerdicts(result, names, (index) => describeConstraint(r1cs, names, index), files);
  return { result, outputs, assumptions };
}

const BAR = 24;
const bar = (done: number, total: number): string => {
  const filled = total === 0 ? BAR : Math.floor((BAR * done) / total);
  return `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}]`;
};

const namesBetween = (names: Names, after: number, count: number): Map<number, string> =>
  new Map(Array.from({ length: count }, (_, i) => [after + 1 + i, names.wires[after + 1 + i]!]));

async function writeFiles(
  { r1cs, names, sha256 }: AskedCircuit,
  out: string,
  { certificate, forgeries }: UniquenessResult,
  targets: readonly number[],
  cwd: string,
): Promise<{ certificate: string | undefined; pairs: string[][] }> {
  if (certificate === undefined && forgeries.length === 0) return { certificate: undefined, pairs: [] };
  const folder = resolve(cwd, out);
  await mkdir(folder, { recursive: true });
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeWholeFile(join(folder, name), content);
    return relative(cwd, join(folder, name));
  };
  const pairs: string[][] = [];
  for (const [i, { first, second, values }] of forgeries.entries()) {
    const inputs = namesBetween(names, r1cs.outputCount, r1cs.publicInputCount + r1cs.privateInputCount);
    const differ = values.first.flatMap((value, wire) =>
      value === values.second[wire] ? [] : [[names.wires[wire]!, `${value}`, `${values.second[wire]}`]],
    );
    const told = {
      inputs: Object.fromEntries([...inputs].map(([wire, name]) => [name, `${values.first[wire]}`])),
      differ,
    };
    pairs.push([
      await write(`forged-${i}-a.wtns`, first),
      await write(`forged-${i}-b.wtns`, second),
      await write(`forged-${i}-inputs.json`, `${JSON.stringify(told, null, 2)}\n`),
    ]);
  }
  if (certificate === undefined) return { certificate: undefined, pairs };
  const text = uniquenessText({ r1csSha256: sha256, targets, certificate });
  return { certificate: await write('certificate.json', text), pairs };
}
