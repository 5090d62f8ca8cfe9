import { dirname, join, relative, resolve } from 'node:path';
import type { AuditFiles } from '../audit/examine.ts';
import type { Snapshot } from '../audit/snapshot.ts';
import type { SourceFile } from '../audit/source-lines.ts';
import { FileError } from '../base/errors.ts';
import { MAX_R1CS_BYTES, MAX_WTNS_BYTES } from '../groth16/r1cs.ts';
import { readRegularFile } from '../groth16/regular-file.ts';
import { MAX_PROGRAM_BYTES } from '../groth16/wasm-limits.ts';
import { root } from '../proofs/compile.ts';
import { openOwnCircuit } from '../proofs/own-circuit.ts';
import { circuitName } from './circuit-args.ts';
import { inputPath, readInputFile } from './input-file.ts';
import { readTextFile } from './io.ts';

/** Names and waivers of a circuit of a few million constraints, at most. */
export const MAX_TEXT_BYTES = 1 << 28;
const MAX_SOURCE_BYTES = 1 << 22;
/** Sources that are read for lines, at most. */
const MAX_SOURCES = 200;

/** A circuit with all that its audit reads. */
export interface OpenedCircuit {
  readonly files: AuditFiles;
  /** What was reviewed, if the circuit is one of ours. */
  readonly reviewed: Snapshot | undefined;
  /** Main source, if it is there, else the compiled file: as findings call it. */
  readonly file: string;
  /** The main source and what it includes beside it, or nothing. */
  readonly sources: readonly SourceFile[];
}

/** Files of a circuit, as a command line names them. */
export interface CircuitFileFlags {
  readonly r1cs: string;
  readonly sym?: string;
  readonly wasm?: string;
  readonly wtns?: readonly string[];
  readonly source?: string;
}

export async function openOwn(circuit: string): Promise<OpenedCircuit> {
  const own = await openOwnCircuit(circuitName(circuit));
  return { ...own, sources: await sourcesFrom(join(root, own.file), root) };
}

/**
 * A circuit from files, whoever wrote it.
 * @throws {FileError} FILE_UNREADABLE
 */
export async function openFiles(flags: CircuitFileFlags, cwd: string): Promise<OpenedCircuit> {
  const bytesOf = async (file: string, maxBytes: number) => ({
    name: file,
    bytes: await readInputFile(inputPath(cwd, file), maxBytes),
  });
  const r1cs = await bytesOf(flags.r1cs, MAX_R1CS_BYTES);
  const witnesses = [];
  for (const file of flags.wtns ?? []) witnesses.push(await bytesOf(file, MAX_WTNS_BYTES));
  const { sym } = flags;
  const text = sym === undefined ? undefined : await readTextFile(inputPath(cwd, sym), MAX_TEXT_BYTES);
  const wasm =
    flags.wasm === undefined ? undefined : await readRegularFile(resolve(cwd, flags.wasm), MAX_PROGRAM_BYTES);
  const sources =
    flags.source === undefined
      ? await sourcesFrom(resolve(cwd, flags.r1cs.replace(/(\.r1cs)?$/, '.circom')), cwd)
      : await sourcesFrom(resolve(cwd, flags.source), cwd, true);
  return {
    files: {
      r1cs,
      witnesses,
      ...(text !== undefined && { sym: { name: sym!, text } }),
      ...(wasm !== undefined && { wasm }),
    },
    reviewed: undefined,
    file: sources[0]?.name ?? shown(resolve(cwd, flags.r1cs), cwd),
    sources,
  };
}

/** A path as it is called on every machine: from the working directory, or by its own name if it lies outside. */
function shown(path: string, cwd: string): string {
  const short = relative(cwd, path).replaceAll('\\', '/');
  return short.startsWith('..') || short.includes(':') ? short.split('/').at(-1)! : short;
}

/**
 * A source and what it includes by paths relative to itself. Packages are left out: findings are for who wrote the rest.
 * @param isAsked whether it must be there; else it only tells lines
 */
async function sourcesFrom(main: string, cwd: string, isAsked = false): Promise<SourceFile[]> {
  const found = new Map<string, SourceFile>();
  const waiting = [main];
  for (let path = waiting.shift(); path !== undefined && found.size < MAX_SOURCES; path = waiting.shift()) {
    if (found.has(path)) continue;
    const text = await sourceAt(path, isAsked && path === main);
    if (text === undefined) continue;
    found.set(path, { name: shown(path, cwd), text });
    for (const [, included] of text.matchAll(/^\s*include\s+"([^"\n]+)"/gm)) {
      const beside = resolve(dirname(path), included!);
      if (!beside.includes('node_modules')) waiting.push(beside);
    }
  }
  return [...found.values()];
}

async function sourceAt(path: string, isAsked: boolean): Promise<string | undefined> {
  try {
    return await readTextFile(path, MAX_SOURCE_BYTES);
  } catch (error) {
    if (!isAsked && FileError.is(error, 'FILE_UNREADABLE')) return undefined;
    throw error;
  }
}
