import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError } from '../../base/errors.ts';
import { jsonProblem } from '../../base/json-place.ts';
import { makeFolders } from '../../groth16/make-folders.ts';
import { reason } from '../../groth16/regular-file.ts';
import { CliError } from '../errors.ts';
import { writeWholeFile } from '../files.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { PACKAGE_ROOT } from '../package-root.ts';

/** The example project, as it lies in this package. */
const EXAMPLE = join(PACKAGE_ROOT, 'examples/project');
/** Files whose names npm would not take into a package, or would obey there. */
const PLACES: Readonly<Record<string, string>> = {
  'ci.yml': '.github/workflows/circuits.yml',
  'ignored.txt': '.gitignore',
};
const SCRIPT = { name: 'circuits', command: 'velum test' } as const;
const MAX_PACKAGE_BYTES = 1 << 20;

/** Adds `velum init`. */
export function addInitCommand(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('Makes a working example project: a circuit with inputs, a test and a CI file.')
    .argument('[dir]', 'where; it is made if it is not there', '.')
    .option('--json', 'print one JSON object: {"dir", "written", "kept", "script"}', false)
    .addHelpText(
      'after',
      `
Writes circuits.json, circuits/, inputs/, test/, .github/workflows/circuits.yml and .gitignore. What is there already is kept as it is;
an existing package.json only gets the script "${SCRIPT.name}": "${SCRIPT.command}".

Examples:
  velum init
  velum init my-circuits
Exit codes: 0 done, 2 the folder or its package.json cannot be used.`,
    )
    .action((dir: string, flags: { json: boolean }) => init(dir, flags, terminal));
}

async function init(named: string, { json }: { readonly json: boolean }, terminal: Terminal): Promise<void> {
  const dir = resolve(terminal.cwd, named);
  const manifest = await manifestWithScript(dir);
  const [written, kept]: [string[], string[]] = [[], []];
  for (const source of await filesOf(EXAMPLE)) {
    const place = PLACES[source] ?? source;
    const isNew = await writeNewFile(join(dir, place), await readFile(join(EXAMPLE, source)));
    (isNew ? written : kept).push(place);
  }
  if (manifest.text !== undefined) {
    await writeWholeFile(join(dir, 'package.json'), manifest.text);
    if (manifest.isNew) written.push('package.json');
  }
  if (json)
    return terminal.out(`${JSON.stringify({ dir, written, kept, script: manifest.text !== undefined })}\n`);
  const lines = [
    ...written.map((path) => `wrote ${path}`),
    ...kept.map((path) => `kept  ${path}, which was there`),
    manifest.text === undefined
      ? `kept  package.json, which has a script "${SCRIPT.name}"`
      : `package.json has the script "${SCRIPT.name}": ${SCRIPT.command}`,
    '',
    `Next: ${named === '.' ? '' : `cd ${relative(terminal.cwd, dir)} && `}npx velum test, then commit what it writes to snapshots/.`,
  ];
  return terminal.out(`${lines.join('\n')}\n`);
}

/** Paths below a folder, in order. */
async function filesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
}

/** @returns whether it was written: nothing that has the name, a link neither, is touched */
async function writeNewFile(path: string, content: Uint8Array): Promise<boolean> {
  try {
    makeFolders(dirname(path));
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(dirname(path))) return false;
    throw new FileError('FILE_UNWRITABLE', `cannot write ${path}: ${reason(cause)}`, { path }, cause);
  }
}

/**
 * What package.json becomes: itself with one script more, written as it was indented.
 * @returns no text if it has a script of the name already
 * @throws {CliError} USAGE if it is no JSON object, with line and column
 */
async function manifestWithScript(
  dir: string,
): Promise<{ readonly text: string | undefined; readonly isNew: boolean }> {
  const path = join(dir, 'package.json');
  if (!existsSync(path)) {
    const name =
      basename(dir)
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[._-]+/, '') || 'circuits';
    return { text: manifestText({ name, private: true, scripts: {} }, '  '), isNew: true };
  }
  const text = await readTextFile(path, MAX_PACKAGE_BYTES);
  const problem = jsonProblem(text);
  if (problem !== undefined)
    throw new CliError('USAGE', `${path}:${problem.line}:${problem.column}: is not JSON: ${problem.problem}`);
  const manifest: unknown = JSON.parse(text);
  if (!isRecord(manifest) || !(manifest['scripts'] === undefined || isRecord(manifest['scripts'])))
    throw new CliError('USAGE', `${path} is no package.json: an object with an object "scripts" is expected`);
  const scripts = manifest['scripts'] ?? {};
  if (Object.hasOwn(scripts, SCRIPT.name)) return { text: undefined, isNew: false };
  const indent = /^\{\r?\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  return { text: manifestText({ ...manifest, scripts }, indent), isNew: false };
}

const manifestText = (
  manifest: { readonly scripts: object; readonly [key: string]: unknown },
  indent: string,
): string => {
  const scripts = { ...manifest.scripts, [SCRIPT.name]: SCRIPT.command };
  return `${JSON.stringify({ ...manifest, scripts }, null, indent)}\n`;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
