import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ProofsError } from './errors.ts';

/** This package's root, from src/ as from dist/; circom2 is WebAssembly and sees only what lies below it. */
export const root = resolve(import.meta.dirname, '..', '..');
const LIBRARY = 'node_modules/circomlib/circuits';
/** O2 substitutes linear constraints away, the compiler's default O1 keeps them: PLONK has use for those only. */
export type Optimisation = 'O1' | 'O2';

const flagsOf = (optimisation: Optimisation): string[] => [
  '--r1cs',
  '--sym',
  '--wasm',
  `--${optimisation}`,
  '-l',
  LIBRARY,
];

export interface CompiledCircuit {
  readonly r1cs: string;
  readonly sym: string;
  readonly wasm: string;
}

/**
 * Name and version of an installed tool, as MANIFEST.json names it.
 * @throws {ProofsError} TOOL_MISSING
 */
export function toolVersion(name: string): string {
  const path = join(root, 'node_modules', name, 'package.json');
  if (!existsSync(path))
    throw new ProofsError('TOOL_MISSING', `${name} is not installed: run \`npm install\` in ${root}`, {
      name,
    });
  return `${name} ${JSON.parse(readFileSync(path, 'utf8')).version}`;
}

/** All files `path` includes, itself first, each once. */
async function sourcesOf(path: string, seen = new Map<string, string>()): Promise<Map<string, string>> {
  if (seen.has(path)) return seen;
  const text = await readFile(path, 'utf8');
  seen.set(path, text);
  for (const match of text.matchAll(/^\s*include\s+"([^"]+)"\s*;/gm)) {
    const beside = resolve(dirname(path), match[1]!);
    await sourcesOf(existsSync(beside) ? beside : join(root, LIBRARY, match[1]!), seen);
  }
  return seen;
}

async function sourceHash(path: string, flags: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([toolVersion('circom2'), flags]));
  for (const [file, text] of [...(await sourcesOf(path))].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(JSON.stringify([relative(root, file), text]));
  return hash.digest('hex');
}

function runCompiler(path: string, flags: readonly string[], out: string): Promise<void> {
  const cli = createRequire(import.meta.url).resolve('circom2/cli.js');
  const args = [cli, relative(root, path), ...flags, '-o', relative(root, out)];
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    child.stdout.on('data', (chunk) => (log += chunk));
    child.stderr.on('data', (chunk) => (log += chunk));
    child.on('error', fail);
    child.on('close', (code) =>
      code === 0
        ? done()
        : fail(new ProofsError('CIRCUIT_COMPILE', `circom2 refused ${relative(root, path)}:\n${log}`)),
    );
  });
}

/**
 * Compiles one circuit to <into>/<name>.{r1cs,sym,wasm}; nothing is done when the sources are those of the last time.
 * @param path file with a main component, below the repository
 * @param into directory below the repository, `build/circuits` unless said
 * @throws {ProofsError} TOOL_MISSING without circom2, a development dependency; CIRCUIT_COMPILE with its messages
 */
export async function compileCircuit(
  path: string,
  into = join(root, 'build/circuits'),
  optimisation: Optimisation = 'O2',
): Promise<CompiledCircuit> {
  const name = basename(path, '.circom');
  const compiled = {
    r1cs: join(into, `${name}.r1cs`),
    sym: join(into, `${name}.sym`),
    wasm: join(into, `${name}.wasm`),
  };
  const stamp = join(into, `${name}.sources`);
  const flags = flagsOf(optimisation);
  const hash = await sourceHash(path, flags);
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === hash) return compiled;

  const work = join(into, `.${name}-${process.pid}`);
  await mkdir(work, { recursive: true });
  try {
    await runCompiler(path, flags, work);
    await rm(stamp, { force: true });
    await rename(join(work, `${name}.r1cs`), compiled.r1cs);
    await rename(join(work, `${name}.sym`), compiled.sym);
    await rename(join(work, `${name}_js`, `${name}.wasm`), compiled.wasm);
    await writeFile(stamp, hash);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return compiled;
}
