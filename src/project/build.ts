import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { makeFolders } from '../groth16/make-folders.ts';
import { type Compiled, type CompileJob, compileSources } from './compiler.ts';
import type { Diagnostic } from './diagnostics.ts';
import { ProjectError } from './errors.ts';
import { type CircomSource, readSources, shownFrom, templatesOf } from './includes.ts';
import { libraryFolders } from './packages.ts';
import { type CircuitEntry, entryProblem, type Parameter, type Project, sourceFile } from './project-file.ts';

/** What a circuit of a project was compiled to. */
export interface Artefacts extends Compiled {
  /** Absolute path of the source with the main component: one that is written here, unless the source has its own. */
  readonly main: string;
  /** Folder of all of it, `build/<name>` of the project. */
  readonly folder: string;
  /** The main source first, then all that it includes. */
  readonly sources: readonly CircomSource[];
  /** Warnings of circom. */
  readonly messages: readonly Diagnostic[];
}

/** Where what is built of a circuit lies. */
export const buildFolder = (project: Project, name: string): string => join(project.root, 'build', name);

/**
 * Compiles a circuit of a project into its folder; nothing is done for what is built already.
 * @throws {ProjectError} PROJECT_FILE with the place in the project file: no such source, template, parameter or public input;
 *   CIRCUIT_SOURCE with the place of an include that leads nowhere; CIRCUIT_COMPILE with the place in the source
 */
export async function buildCircuit(
  project: Project,
  entry: CircuitEntry,
  { limitMs }: Pick<CompileJob, 'limitMs'> = {},
): Promise<Artefacts> {
  const folder = buildFolder(project, entry.name);
  const shown = shownFrom(project.root);
  const source = sourceFile(project, entry);
  const folders = libraryFolders(project.root, entry.include);
  const isGenerated = entry.template !== undefined;
  const main = isGenerated ? join(folder, `${entry.name}.circom`) : source;
  const text = isGenerated ? mainComponent(entry, relative(folder, source)) : undefined;
  const sources = readSources({ path: main, ...(text === undefined ? {} : { text }) }, folders, shown);
  if (isGenerated) checkTemplate(project, entry, source, sources.slice(1), shown);
  if (text !== undefined) writeChanged(main, text);
  try {
    const limit = limitMs === undefined ? {} : { limitMs };
    const { name, optimize } = entry;
    const compiled = await compileSources({ name, sources, optimize, folder, shown, ...limit });
    return { ...compiled, main, folder, sources };
  } catch (error) {
    throw isGenerated ? inProjectFile(error, project, entry, main, shown) : error;
  }
}

function mainComponent({ template, params, pubs, version }: CircuitEntry, source: string): string {
  const list = pubs.length === 0 ? '' : ` {public [${pubs.join(', ')}]}`;
  return [
    `// Written from circuits.json: changes are lost.`,
    `pragma circom ${version};`,
    `include "${source.replaceAll('\\', '/')}";`,
    `component main${list} = ${template}(${params.map(literal).join(', ')});`,
    '',
  ].join('\n');
}

const literal = (value: Parameter): string =>
  typeof value === 'bigint' ? value.toString() : `[${value.map(literal).join(', ')}]`;

/** The same file is not written again: whoever watches it would wake up. */
function writeChanged(path: string, text: string): void {
  try {
    if (readFileSync(path, 'utf8') === text) return;
  } catch {
    // Not there yet.
  }
  makeFolders(dirname(path));
  writeFileSync(path, text);
}

/** That there is such a template, with as many parameters. */
function checkTemplate(
  project: Project,
  entry: CircuitEntry,
  source: string,
  sources: readonly CircomSource[],
  shown: (path: string) => string,
): void {
  const templates = templatesOf(sources);
  const found = templates.find(({ name }) => name === entry.template);
  if (found === undefined) {
    const own = templates.filter(({ path }) => path === sources[0]?.path).map(({ name }) => name);
    const there = own.length === 0 ? 'it has none' : `there are ${own.slice(0, 20).join(', ')}`;
    throw entryProblem(project, entry, ['template'], `is no template of ${shown(source)}: ${there}`);
  }
  const [given, wanted] = [entry.params.length, found.parameters];
  if (given !== wanted) {
    const counted = `${entry.template} of ${shown(found.path)} takes ${wanted} ${wanted === 1 ? 'parameter' : 'parameters'}, not ${given}`;
    throw entryProblem(project, entry, entry.params.length > 0 ? ['params'] : [], counted);
  }
}

/** An error in the main component that was written is one of the project file, which says what stands there. */
function inProjectFile(
  error: unknown,
  project: Project,
  entry: CircuitEntry,
  main: string,
  shown: (path: string) => string,
): unknown {
  if (!ProjectError.is(error, 'CIRCUIT_COMPILE') || error.data.file !== main) return error;
  const notInput = /(\w+) is not an input signal/.exec(error.message)?.[1];
  const at = notInput === undefined ? -1 : entry.pubs.indexOf(notInput);
  if (at >= 0) return entryProblem(project, entry, ['pubs', at], `is no input of ${entry.template}`);
  const problem = error.message.replaceAll(new RegExp(`^${escaped(shown(main))}(:\\d+:\\d+)?: `, 'gm'), '');
  return entryProblem(project, entry, [], `cannot be compiled: ${problem}`);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
