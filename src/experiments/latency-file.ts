import { readFileSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileError } from '../base/errors.ts';
import { reason } from '../groth16/regular-file.ts';
import { LATENCY_FILE_BYTES, type LatencyTable, parseLatencies } from '../sim/latencies.ts';

const read = new Set<string>();

/** Files of latencies that were read in this process and lie in a folder or below it: an experiment there is made of them, too. */
export const latencyFilesBelow = (folder: string): string[] =>
  [...read].filter((path) => !/^(\.\.|\/|\w:)/.test(relative(folder, path)));

/**
 * Reads a file of latencies for an experiment: `new URL('latencies.csv', import.meta.url)` is the one beside it. Call it where the file is
 * loaded, not in `run`: the run's record then names it with its hash.
 * @throws {FileError} FILE_UNREADABLE
 * @throws {SimError} SIM_LATENCIES with all that is wrong
 */
export function readLatencies(file: URL | string): LatencyTable {
  const path = resolve(file instanceof URL || file.startsWith('file:') ? fileURLToPath(file) : file);
  const refuse = (why: string, cause?: unknown): never => {
    throw new FileError('FILE_UNREADABLE', `cannot read ${path}: ${why}`, { path }, cause);
  };
  let text: string;
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return refuse('it is no file');
    if (stats.size > LATENCY_FILE_BYTES) return refuse(`it is larger than ${LATENCY_FILE_BYTES} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    return refuse(reason(cause), cause);
  }
  read.add(path);
  return parseLatencies(text, path);
}
