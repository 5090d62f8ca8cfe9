import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import type { Subject } from '../../src/audit/audit.ts';
import type { Rule } from '../../src/audit/findings.ts';
import { namesFromSym } from '../../src/audit/names.ts';
import { parseR1cs, parseWitness } from '../../src/groth16/r1cs.ts';
import { createWitnessCalculator } from '../../src/groth16/witness.ts';
import type { CircuitName } from '../../src/proofs/circuits.ts';
import type { Optimisation } from '../../src/proofs/compile.ts';
import { type CircuitInput, flatInput } from '../../src/testing/input-shape.ts';

/** A planted bug: what stands once in a source, and what it is replaced by. */
export interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Compiled files of a circuit. */
export interface CompiledFiles {
  readonly r1cs: string;
  readonly sym: string;
  readonly wasm: string;
}

/** Compiles a copy of a circuit in which a bug was planted. The copy has a folder of its own below build/. */
export async function compileMutant(
  name: string,
  main: string,
  { file, from, to }: Mutation,
  optimisation: Optimisation = 'O2',
): Promise<CompiledFiles> {
  const folder = join(root, 'build/mutants', name);
  const source = await readFile(join(root, file), 'utf8');
  if (source.split(from).length !== 2) throw new Error(`${file} does not have exactly one: ${from}`);
  await rm(join(folder, 'sources'), { recursive: true, force: true });
  for (const sources of ['circuits', 'test/circuits'])
    await cp(join(root, sources), join(folder, 'sources', sources), {
      recursive: true,
      filter: (path) => basename(path).endsWith('.circom') || !basename(path).includes('.'),
    });
  await mkdir(dirname(join(folder, 'sources', file)), { recursive: true });
  await writeFile(
    join(folder, 'sources', file),
    source.replace(from, () => to),
  );
  return compileCircuit(join(folder, 'sources', main), folder, optimisation);
}

/** A compiled circuit with one witness, as an audit wants it. */
export async function subjectOf(compiled: CompiledFiles, signals: CircuitInput): Promise<Subject> {
  const r1cs = parseR1cs(await readFile(compiled.r1cs));
  const names = namesFromSym(r1cs, await readFile(compiled.sym, 'utf8'));
  return {
    r1cs,
    names,
    witnesses: [{ label: 'a witness', witness: parseWitness(await witnessOf(compiled, signals)) }],
  };
}

/** A .wtns file's bytes. */
export async function witnessOf({ wasm }: CompiledFiles, signals: CircuitInput): Promise<Uint8Array> {
  const calculator = await createWitnessCalculator(basename(wasm) as CircuitName, await readFile(wasm));
  return calculator.calculate(flatInput(wasm, undefined, signals));
}

/** "rule subject" of each finding. */
export const told = (findings: readonly { readonly rule: Rule; readonly subject: string }[]): string[] =>
  findings.map(({ rule, subject }) => `${rule} ${subject}`);
