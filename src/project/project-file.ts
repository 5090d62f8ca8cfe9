import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  anyText,
  choice,
  type Form,
  flag,
  integer,
  list,
  mapOf,
  mapped,
  matching,
  object,
  type Path,
  readForm,
  refined,
} from '../base/forms.ts';
import { jsonProblem, placeInJson } from '../base/json-place.ts';
import { ProjectError } from './errors.ts';
import { readSmallFile } from './text-file.ts';

/** A project's own list of circuits; circomkit reads the same file. */
export const PROJECT_FILE = 'circuits.json';
/** circomkit's settings, of which `dirCircuits`, `include`, `optimization` and `prime` are read. */
export const SETTINGS_FILE = 'circomkit.json';
/** This package's own registry has the same name, and is no project. */
const REGISTRY = resolve(import.meta.dirname, '..', '..', 'circuits');
const MAX_FILE_BYTES = 1 << 20;
const MAX_CIRCUITS = 1000;

/** How far circom simplifies: O0 not at all, O1 its default, O2 substitutes linear constraints away. */
export type Optimization = 'O0' | 'O1' | 'O2';

/** A parameter of a template: a number or an array of them. */
export type Parameter = bigint | readonly Parameter[];

/** An input file that the circuit must refuse. */
export interface FailingInput {
  /** Path of the file, relative to the project. */
  readonly input: string;
  /** Where it must fail: a template, `Template:line`, or a file and line of a source. */
  readonly at?: string;
}

/** Why a finding of the audit is no defect. */
export interface EntryWaiver {
  readonly rule: string;
  readonly subject: string;
  readonly reason: string;
}

/** One circuit of a project. */
export interface CircuitEntry {
  readonly name: string;
  /** As the project file names it. @see sourceFile */
  readonly file: string;
  /** What becomes `main`; undefined where the file has a main component of its own. */
  readonly template: string | undefined;
  readonly params: readonly Parameter[];
  /** Names of the inputs that are public; the other inputs are private. */
  readonly pubs: readonly string[];
  readonly optimize: Optimization;
  /** Version that the generated main component asks for. */
  readonly version: string;
  /** Folders in which `include` looks besides those of the project, absolute. */
  readonly include: readonly string[];
  /** Input files that must satisfy the circuit and that must not. */
  readonly tests: { readonly pass: readonly string[]; readonly fail: readonly FailingInput[] };
  readonly waivers: readonly EntryWaiver[];
  /** What callers promise of inputs, as `velum audit --assume` takes it. */
  readonly assume: readonly string[];
  /** Public inputs that the audit asks like outputs. */
  readonly target: readonly string[];
}

export interface Project {
  /** Absolute path of the folder of `circuits.json`. */
  readonly root: string;
  /** Absolute path of `circuits.json`, and its text, in which places are told. */
  readonly file: string;
  readonly text: string;
  /** Folder below which sources are named, absolute: `circuits`, unless circomkit.json says otherwise. */
  readonly sources: string;
  /** In the order of the file. */
  readonly circuits: ReadonlyMap<string, CircuitEntry>;
}

const name = matching(/^[A-Za-z_]\w{0,63}$/, 'is no name: letters, digits and _, at most 64');
const params: Form<Parameter> = (value, path) =>
  Array.isArray(value) ? value.map((part, i) => params(part, [...path, i])) : parameter(value, path);
const decimal = matching(/^-?\d{1,80}$/, 'is no whole number, nor a text of decimal digits', (value, path) =>
  typeof value === 'number' ? String(integer(value, path)) : anyText(value, path),
);
const parameter = mapped(decimal, BigInt);
const shortText = matching(/^[^\p{Cc}]{1,1000}$/u, 'is no text of 1 to 1,000 characters');
const texts = list(shortText);
const failing: Form<FailingInput> = (value, path) =>
  typeof value === 'string'
    ? { input: shortText(value, path) }
    : object({ input: shortText }, { optional: { at: shortText }, isClosed: true })(value, path);
const waiver = object(
  {
    rule: shortText,
    subject: shortText,
    reason: refined(shortText, (text) => text.length >= 30, 'is too short to say why this is no defect'),
  },
  { isClosed: true },
);

const entryForm = object(
  { file: shortText },
  {
    problem: 'is no object with a file and a template',
    isClosed: true,
    optional: {
      template: name,
      params: list(params),
      pubs: list(name),
      optimize: choice(['O0', 'O1', 'O2'], 'is none of "O0", "O1" and "O2"'),
      version: matching(/^\d+\.\d+\.\d+$/, 'is no version such as "2.1.9"'),
      include: texts,
      tests: object({}, { optional: { pass: texts, fail: list(failing) }, isClosed: true }),
      waivers: list(waiver),
      assume: texts,
      target: texts,
      /** circomkit puts the generated file there; here it lies in the folder of the build. */
      dir: shortText,
      usesCustomTemplates: refined(flag, (uses) => !uses, 'is true, and Groth16 has no custom templates'),
    },
  },
);
const projectForm = mapOf(entryForm, 'is no object of circuits by their names');

const settingsForm = object(
  {},
  {
    optional: {
      dirCircuits: shortText,
      include: texts,
      optimization: refined(integer, (level) => level >= 0 && level <= 2, 'is none of 0, 1 and 2'),
      prime: choice(['bn128'], 'is not "bn128": proofs are over BN254 only'),
    },
  },
);

/** @throws {ProjectError} PROJECT_FILE with line and column */
function readWith<T>(form: Form<T>, path: string, text: string): T {
  const mistake = jsonProblem(text);
  if (mistake !== undefined) throw projectProblem(path, mistake, `is not JSON: ${mistake.problem}`);
  const read = readForm(form, JSON.parse(text));
  if ('data' in read) return read.data;
  throw projectProblem(path, placeInJson(text, read.path), `${jsonPath(read.path)} ${read.problem}`);
}

/** `$.mul.params[0]` */
const jsonPath = (path: Path): string =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number'
        ? `${text}[${step}]`
        : /^\w+$/.test(step)
          ? `${text}.${step}`
          : `${text}[${JSON.stringify(step.slice(0, 40))}]`,
    '$',
  );

const projectProblem = (
  file: string,
  { line, column }: { readonly line: number; readonly column: number },
  problem: string,
) => new ProjectError('PROJECT_FILE', `${file}:${line}:${column}: ${problem}`, { file, line, column });

/** An error about a part of an entry, with its place in the project file. */
export function entryProblem(project: Project, entry: CircuitEntry, part: Path, problem: string) {
  const place = placeInJson(project.text, [entry.name, ...part]);
  return projectProblem(project.file, place, `${jsonPath([entry.name, ...part])} ${problem}`);
}

/**
 * The project whose `circuits.json` is nearest, from a folder upwards. Nothing is compiled and no source is read.
 * @returns undefined if no folder has one
 * @throws {ProjectError} PROJECT_FILE with line and column of the first thing that is wrong
 * @throws {FileError} FILE_UNREADABLE
 */
export function findProject(fromDir: string): Project | undefined {
  for (let root = resolve(fromDir); ; root = dirname(root)) {
    if (root !== REGISTRY && existsSync(join(root, PROJECT_FILE))) return readProject(root);
    if (root === dirname(root)) return undefined;
  }
}

/** The same, where there must be one. @throws {ProjectError} PROJECT_MISSING, PROJECT_FILE */
export function requireProject(fromDir: string): Project {
  const project = findProject(fromDir);
  if (project !== undefined) return project;
  const message = `no ${PROJECT_FILE} stands in ${resolve(fromDir)} or a folder above it`;
  throw new ProjectError('PROJECT_MISSING', message, { from: resolve(fromDir) });
}

function readProject(root: string): Project {
  const file = join(root, PROJECT_FILE);
  const text = readSmallFile(file, MAX_FILE_BYTES);
  const read = readWith(projectForm, file, text);
  const settingsFile = join(root, SETTINGS_FILE);
  const settings = existsSync(settingsFile)
    ? readWith(settingsForm, settingsFile, readSmallFile(settingsFile, MAX_FILE_BYTES))
    : {};
  const names = Object.keys(read);
  const problemAt = (path: Path, problem: string) =>
    projectProblem(file, placeInJson(text, path), `${jsonPath(path)} ${problem}`);
  if (names.length > MAX_CIRCUITS) throw problemAt([], `lists more than ${MAX_CIRCUITS} circuits`);
  const circuits = new Map<string, CircuitEntry>();
  for (const [named, entry] of Object.entries(read)) {
    if (!/^[A-Za-z0-9_][\w-]{0,63}$/.test(named))
      throw problemAt([named], 'is no name of a circuit: letters, digits, _ and -, at most 64');
    const { template, pubs = [], params: given = [], tests, include = [] } = entry;
    if (template === undefined && (pubs.length > 0 || given.length > 0))
      throw problemAt([named], 'names no template: pubs and params are for one');
    const twice = pubs.findIndex((pub, i) => pubs.indexOf(pub) !== i);
    if (twice >= 0) throw problemAt([named, 'pubs', twice], 'is named twice');
    circuits.set(named, {
      name: named,
      file: entry.file,
      template,
      params: given,
      pubs,
      optimize: entry.optimize ?? (`O${settings.optimization ?? 1}` as Optimization),
      version: entry.version ?? '2.0.0',
      include: [...include, ...(settings.include ?? [])].map((folder) => resolve(root, folder)),
      tests: { pass: tests?.pass ?? [], fail: tests?.fail ?? [] },
      waivers: entry.waivers ?? [],
      assume: entry.assume ?? [],
      target: entry.target ?? [],
    });
  }
  return { root, file, text, sources: resolve(root, settings.dirCircuits ?? 'circuits'), circuits };
}

/**
 * Absolute path of an entry's source: `mul` is `circuits/mul.circom`; a path that ends with .circom is taken from the
 * project's folder, then from the folder of its circuits.
 * @throws {ProjectError} PROJECT_FILE naming the places where it was looked for
 */
export function sourceFile(project: Project, entry: CircuitEntry): string {
  const places = entry.file.endsWith('.circom')
    ? [resolve(project.root, entry.file), resolve(project.sources, entry.file)]
    : [resolve(project.sources, `${entry.file}.circom`), resolve(project.root, `${entry.file}.circom`)];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw entryProblem(project, entry, ['file'], `is not there: neither ${places.join(' nor ')}`);
}
