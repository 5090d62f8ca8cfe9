import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { atExit, withScratchDir } from '../groth16/at-exit.ts';
import { makeFolders } from '../groth16/make-folders.ts';
import { type Diagnostic, diagnosticText, parseDiagnostics } from './diagnostics.ts';
import { ProjectError } from './errors.ts';
import type { CircomSource } from './includes.ts';
import { toolFolder, toolVersion } from './packages.ts';
import type { Optimization } from './project-file.ts';

/** How long circom may take, and what it may print. */
const COMPILE_LIMIT_MS = 30 * 60_000;
const MAX_LOG_CHARS = 1 << 20;

/** What is compiled: sources as they were read, the first of them with the main component. */
export interface CompileJob {
  readonly name: string;
  readonly sources: readonly CircomSource[];
  readonly optimize: Optimization;
  /** Gets <name>.r1cs, .sym and .wasm, and <name>.sources, which tells of which sources they are. */
  readonly folder: string;
  /** How a path is called in messages. */
  readonly shown: (path: string) => string;
  readonly limitMs?: number;
}

/** Paths of what circom wrote, and what it warned of. */
export interface Compiled {
  readonly r1cs: string;
  readonly sym: string;
  readonly wasm: string;
  readonly messages: readonly Diagnostic[];
}

/** What `<name>.sources` holds. */
interface Stamp {
  readonly sources: string;
  readonly messages: readonly Diagnostic[];
}

/**
 * Compiles a circuit with circom 2; nothing is done when sources, flags and compiler are those of the last time.
 *
 * The compiler is WebAssembly and sees only files below its folder. So the sources are copied into a new one, flat, each
 * `include` naming the copy: libraries may lie anywhere, and links lead where they lead. Lines stay as they are.
 * @throws {ProjectError} CIRCUIT_COMPILE with file, line and column of the source; TOOL_MISSING
 */
export async function compileSources(job: CompileJob): Promise<Compiled> {
  const { name, sources, folder } = job;
  const place = (ending: string): string => join(folder, `${name}.${ending}`);
  const files = { r1cs: place('r1cs'), sym: place('sym'), wasm: place('wasm') };
  const flags = ['--r1cs', '--sym', '--wasm', `--${job.optimize}`];
  const hash = hashOf(sources, flags, job.shown);
  const old = await readStamp(place('sources'));
  if (old?.sources === hash && Object.values(files).every((path) => existsSync(path)))
    return { ...files, messages: old.messages };
  makeFolders(folder);
  return withScratchDir(folder, async (work) => {
    const staged = stage(sources, name);
    for (const { file, text } of staged.values()) await writeFile(join(work, file), text);
    const paths = new Map([...staged].map(([path, { file }]) => [file, path]));
    const { code, log } = await runCompiler(work, [`${name}.circom`, ...flags], job);
    const messages = parseDiagnostics(log, (file) => paths.get(basename(file)) ?? file);
    if (code !== 0) throw refusal(job, messages, log);
    await rm(place('sources'), { force: true });
    await rename(join(work, `${name}.r1cs`), files.r1cs);
    await rename(join(work, `${name}.sym`), files.sym);
    await rename(join(work, `${name}_js`, `${name}.wasm`), files.wasm);
    const stamp: Stamp = { sources: hash, messages };
    await writeFile(place('sources'), `${JSON.stringify(stamp)}\n`);
    return { ...files, messages };
  });
}

function hashOf(
  sources: readonly CircomSource[],
  flags: readonly string[],
  shown: (path: string) => string,
): string {
  const hash = createHash('sha256').update(JSON.stringify([toolVersion('circom2'), flags]));
  for (const { path, text } of sources) hash.update(JSON.stringify([shown(path), text]));
  return hash.digest('hex');
}

/** @returns undefined if there is none, or none of this program */
async function readStamp(path: string): Promise<Stamp | undefined> {
  try {
    const stamp = JSON.parse(await readFile(path, 'utf8')) as Partial<Stamp>;
    return typeof stamp.sources === 'string' && Array.isArray(stamp.messages) ? (stamp as Stamp) : undefined;
  } catch {
    return undefined;
  }
}

/** Names and texts of the copies: path of the source → copy. */
function stage(sources: readonly CircomSource[], name: string): Map<string, { file: string; text: string }> {
  const names = new Map(
    sources.map(({ path }, i) => [
      path,
      i === 0 ? `${name}.circom` : `${i}-${basename(path).replace(/[^\w.-]/g, '_')}`,
    ]),
  );
  return new Map(
    sources.map(({ path, text, includes }) => {
      let copy = '';
      let at = 0;
      for (const { from, to, path: included } of includes) {
        copy += text.slice(at, from) + names.get(included)!;
        at = to;
      }
      return [path, { file: names.get(path)!, text: copy + text.slice(at) }];
    }),
  );
}

function runCompiler(
  cwd: string,
  args: readonly string[],
  { name, sources, limitMs = COMPILE_LIMIT_MS, shown }: CompileJob,
): Promise<{ code: number | null; log: string }> {
  const cli = join(toolFolder('circom2'), 'cli.js');
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const forget = atExit(() => void child.kill('SIGKILL'));
    let log = '';
    const keep = (chunk: Buffer): void => {
      log = (log + chunk).slice(0, MAX_LOG_CHARS);
    };
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', fail);
    child.on('close', (code) => {
      clearTimeout(timer);
      forget();
      if (!isLate) return done({ code, log });
      const file = sources[0]!.path;
      const message = `${shown(file)}: circom did not end within ${limitMs / 1000} s on ${name}: does a template use itself, or a loop not end?`;
      fail(new ProjectError('CIRCUIT_COMPILE', message, { file }));
    });
  });
}

/** The first error has the place; all of them are told. */
function refusal({ name, sources, shown }: CompileJob, messages: readonly Diagnostic[], log: string) {
  const errors = messages.filter(({ level }) => level === 'error');
  const file = sources[0]!.path;
  if (errors.length === 0) {
    // Too deep a recursion or too much memory ends the compiler without a word of its own.
    const said =
      log
        .trim()
        .split('\n')
        .find((line) => /error|unreachable|memory/i.test(line)) ?? 'it says nothing';
    const message = `${shown(sources[0]!.path)}: circom ended while it compiled ${name}: ${said.trim().slice(0, 200)}; does a template use itself?`;
    return new ProjectError('CIRCUIT_COMPILE', message, { file: sources[0]!.path });
  }
  const [first] = errors as [Diagnostic];
  const place = {
    file: first.file ?? file,
    ...(first.line === undefined ? {} : { line: first.line, column: first.column! }),
  };
  const text = errors.map((one) => diagnosticText({ file, ...one }, shown)).join('\n');
  return new ProjectError('CIRCUIT_COMPILE', text, place);
}
