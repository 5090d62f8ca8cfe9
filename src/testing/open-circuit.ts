import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { MAX_R1CS_BYTES } from '../groth16/r1cs.ts';
import { readRegularFile } from '../groth16/regular-file.ts';
import { MAX_PROGRAM_BYTES } from '../groth16/wasm-limits.ts';
import { type Artefacts, buildCircuit } from '../project/build.ts';
import { shownFrom, templatesOf } from '../project/includes.ts';
import {
  type CircuitEntry,
  findProject,
  type Optimization,
  type Parameter,
  type Project,
  requireProject,
} from '../project/project-file.ts';
import { CircuitTester } from './circuit-tester.ts';
import { TestingError } from './errors.ts';
import type { CompiledParts, RunProgram } from './tested-circuit.ts';

/** Paths of a compiled circuit, as circom writes it. */
export interface CompiledPaths {
  readonly r1cs: string;
  /** The witness program, `<name>_js/<name>.wasm` of circom's output. */
  readonly wasm: string;
  /** Names of the signals. Without it wire 7 is called `w7`. */
  readonly sym?: string;
}

/** A parameter of a template: a whole number, or an array of them. */
export type TemplateParameter = bigint | number | readonly TemplateParameter[];

/** A source, and what of it becomes the main component. */
export interface CircuitSource {
  /** Path of a .circom file, from the current folder. */
  readonly file: string;
  /** Left out where the file has a main component. */
  readonly template?: string;
  readonly params?: readonly TemplateParameter[];
  /** Inputs that are public. */
  readonly pubs?: readonly string[];
  /** How far circom simplifies: `O1` unless said; `O0` keeps every signal readable. */
  readonly optimize?: Optimization;
}

/** Bytes of a .sym file, at most. */
const MAX_SYM_BYTES = 1 << 28;

/**
 * Opens a circuit for tests, compiled if it is not yet: a project's circuit by its name in `circuits.json`, which is looked for from the
 * current folder upwards; a template of a source; or what circom has made.
 * @throws {ProjectError} PROJECT_MISSING, PROJECT_FILE, CIRCUIT_SOURCE, CIRCUIT_COMPILE
 * @throws {TestingError} TEST_CIRCUIT if the project has none of this name
 * @throws {FileError} FILE_UNREADABLE
 * @throws {Groth16Error} CIRCUIT_FILE
 */
export async function circuitTester(source: string | CircuitSource | CompiledPaths): Promise<CircuitTester> {
  if (typeof source === 'string') {
    const project = requireProject(process.cwd());
    const { tester } = await openEntry(project, entryNamed(project, source));
    return tester;
  }
  if ('file' in source) return openSource(source);
  return new CircuitTester(await readParts(basename(source.r1cs, '.r1cs'), source));
}

/** @throws {TestingError} TEST_CIRCUIT */
export function entryNamed(project: Project, name: string): CircuitEntry {
  const entry = project.circuits.get(name);
  if (entry !== undefined) return entry;
  const names = [...project.circuits.keys()].join(', ');
  throw new TestingError(
    'TEST_CIRCUIT',
    `${project.file} has no circuit ${name}; there are ${names || 'none'}`,
    {
      circuit: name,
    },
  );
}

/**
 * @param options `name` for messages, and what runs the witness program
 * @throws as `circuitTester`
 */
export async function openEntry(
  project: Project,
  entry: CircuitEntry,
  { name = entry.name, run }: { readonly name?: string; readonly run?: RunProgram } = {},
): Promise<{ readonly tester: CircuitTester; readonly artefacts: Artefacts }> {
  const artefacts = await buildCircuit(project, entry);
  const shown = shownFrom(project.root);
  const templates = new Map<string, string>();
  for (const template of templatesOf(artefacts.sources))
    if (!templates.has(template.name)) templates.set(template.name, shown(template.path));
  const parts = await readParts(name, artefacts);
  return { tester: new CircuitTester({ ...parts, templates, ...(run && { run }) }), artefacts };
}

async function openSource({ file, template, params = [], pubs = [], optimize = 'O1' }: CircuitSource) {
  const path = resolve(file);
  const root = findProject(dirname(path))?.root ?? process.cwd();
  const parameters = params.map(parameterOf);
  const about = [path, template, parameters, pubs, optimize];
  const text = JSON.stringify(about, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  const called = template ?? basename(path, '.circom');
  const entry: CircuitEntry = {
    name: `${called}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`,
    file: path,
    template,
    params: parameters,
    pubs,
    optimize,
    version: '2.0.0',
    include: [],
    tests: { pass: [], fail: [] },
    waivers: [],
    assume: [],
    target: [],
  };
  const project = { root, file: path, text: '', sources: dirname(path), circuits: new Map() };
  return (await openEntry(project, entry, { name: called })).tester;
}

const parameterOf = (value: TemplateParameter): Parameter =>
  typeof value === 'object' ? value.map(parameterOf) : BigInt(value);

async function readParts(name: string, { r1cs, wasm, sym }: CompiledPaths): Promise<CompiledParts> {
  return {
    name,
    r1cs: await readRegularFile(r1cs, MAX_R1CS_BYTES),
    sym: sym === undefined ? undefined : new TextDecoder().decode(await readRegularFile(sym, MAX_SYM_BYTES)),
    wasm: await readRegularFile(wasm, MAX_PROGRAM_BYTES),
  };
}
