import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VelumError } from '../base/errors.ts';
import { readRegularFile } from '../groth16/regular-file.ts';
import { ExperimentError } from './errors.ts';
import { latencyFilesBelow } from './latency-file.ts';

/** A file that something of one's own is made of: SHA-256 as `sha256sum` prints it. */
export interface OwnSource {
  /** Relative to the folder of the file that was named. */
  readonly name: string;
  readonly sha256: string;
}

/** The file that was named, and what it imports by a relative path or reads as latencies. */
export interface OwnFile extends OwnSource {
  readonly others: readonly OwnSource[];
}

/** A TypeScript or JavaScript file of one's own, loaded. */
export interface OwnModule {
  readonly path: string;
  readonly file: OwnFile;
  /** What it exports by default. */
  readonly exported: unknown;
}

export const OWN_SOURCE_BYTES = 1 << 20;
export const MAX_SOURCES = 100;
const EXTENSIONS = /\.[cm]?[jt]s$/;

/** Whether a name on a command line is that of a file. */
export const isModulePath = (name: string): boolean => EXTENSIONS.test(name) || /[/\\]/.test(name);

/**
 * Runs a file and gives what it exports by default. TypeScript goes through tsx.
 * @param path absolute
 * @throws {ExperimentError} EXPERIMENT_FILE if it cannot be loaded
 * @throws {FileError} FILE_UNREADABLE
 */
export async function loadOwnModule(path: string): Promise<OwnModule> {
  const name = basename(path);
  if (!EXTENSIONS.test(name))
    throw fileRefusal(path, 'a file that ends with .ts, .mts, .mjs or .js is expected');
  const sources = await sourcesOf(path);
  await readModules(sources);
  const loaded = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    if (cause instanceof VelumError) throw cause;
    throw fileRefusal(path, `it cannot be loaded: ${messageOf(cause)}`, cause);
  });
  if (!Object.hasOwn(loaded, 'default')) throw fileRefusal(path, 'it has no `export default`');
  const folder = dirname(path);
  const others = [...new Set([...sources.slice(1), ...latencyFilesBelow(folder)])];
  const hashed = await Promise.all(
    others.map(async (each) => ({ name: relative(folder, each), sha256: await hashOf(each) })),
  );
  const file: OwnFile = { name, sha256: await hashOf(path), others: hashed.sort(byName) };
  return { path, file, exported: loaded.default };
}

const byName = (a: OwnSource, b: OwnSource): number => (a.name < b.name ? -1 : 1);

export const fileRefusal = (path: string, message: string, cause?: unknown): Error =>
  new ExperimentError('EXPERIMENT_FILE', `${basename(path)}: ${message}`, { path, problems: [] }, cause);

/** A file of one's own that imports or exports is a module whatever the package.json above it says: `npm init` says that it is none. */
const MODULES_BY_SYNTAX = `
import { readFileSync } from 'node:fs';
const SYNTAX = /^\\s*(import\\s*[\\w{*'"]|export\\s*[\\w{*])/m;
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (found.url.includes('/node_modules/') || !found.url.startsWith('file:')) return found;
  const isModule = /\\.ts(\\?|$)/.test(found.url) ||
    (found.format === 'commonjs' && found.url.endsWith('.js') && SYNTAX.test(readFileSync(new URL(found.url), 'utf8')));
  return isModule ? { ...found, format: 'module' } : found;
}`;

let isReading: 'nothing' | 'modules' | 'TypeScript' = 'nothing';
async function readModules(sources: readonly string[]): Promise<void> {
  const isTypeScript = sources.some((each) => each.endsWith('ts'));
  if (isReading === 'TypeScript' || (!isTypeScript && isReading === 'modules')) return;
  if (!isTypeScript && !sources.some((each) => each.endsWith('.js'))) return;
  if (isTypeScript) (await import('tsx/esm/api')).register();
  // After tsx, whose answers it corrects.
  register(`data:text/javascript,${encodeURIComponent(MODULES_BY_SYNTAX)}`);
  isReading = isTypeScript ? 'TypeScript' : 'modules';
}

/** What an import failed with, and what to do where that is known. */
function messageOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const isLost = /Cannot find (package|module) '?(velum)\b/.test(message);
  return isLost ? `${message}; install the package beside it: npm install velum` : message;
}

const hashOf = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readRegularFile(path, OWN_SOURCE_BYTES))
    .digest('hex');

const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** The file and all that it imports by relative paths. @returns absolute paths, the file first */
async function sourcesOf(path: string): Promise<string[]> {
  const found = [path];
  for (const each of found) {
    if (found.length > MAX_SOURCES) throw fileRefusal(path, `it imports more than ${MAX_SOURCES} files`);
    const text = String(await readRegularFile(each, OWN_SOURCE_BYTES));
    if (!EXTENSIONS.test(each)) continue;
    for (const [, specifier] of text.matchAll(RELATIVE_IMPORT)) {
      const named = resolve(dirname(each), specifier!);
      const place = [named, named.replace(/\.([cm]?)js$/, '.$1ts'), `${named}.ts`, join(named, 'index.ts')];
      const other = place.find((candidate) => EXTENSIONS.test(candidate) && existsSync(candidate));
      if (other !== undefined && !found.includes(other)) found.push(other);
    }
  }
  return found;
}
