import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { TraceFrame } from '../groth16/errors.ts';
import { root } from './compile.ts';

/** A numbered constraint of a circuit's header. */
export interface NumberedConstraint {
  /** C1, C2, … */
  readonly number: string;
  readonly meaning: string;
}

/** What an input broke: one constraint, or the few that share a line. */
export interface BrokenConstraint {
  readonly constraints: readonly NumberedConstraint[];
  /** File and line of the circuit, relative to the package. */
  readonly where: string;
}

const HEADER_LINE = /^\/\/ {3}(C\d+) +(.*)$/;
/** `// C6`, `// C3, C4` or `// C6 … C9`, alone on a line or after code; words may follow a colon. */
const NUMBERS = /\/\/ (C\d+(?:(?:, | … )C\d+)*)(?::.*)?$/;

/** The numbered constraints of a circuit's header, in order. */
export function numberedConstraints(source: string): NumberedConstraint[] {
  return source.split('\n').flatMap((line) => {
    const match = HEADER_LINE.exec(line);
    return match === null ? [] : [{ number: match[1]!, meaning: match[2]! }];
  });
}

/** Numbers, from 1, that the source gives to a line: beside it, else in the nearest comment above in its template. */
function numbersAt(source: string, line: number): number[] {
  const lines = source.split('\n');
  for (let at = line - 1; at >= 0; at--) {
    const text = lines[at] ?? '';
    const match = at === line - 1 || /^\s*\/\//.test(text) ? NUMBERS.exec(text) : null;
    if (match !== null) return expand(match[1]!);
    if (/^template /.test(text)) return [];
  }
  return [];
}

function expand(numbers: string): number[] {
  return numbers.split(', ').flatMap((part) => {
    const [first, last = first] = part.split(' … ').map((number) => Number(number.slice(1)));
    return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
  });
}

/** The circuit's own file that declares a template; circomlib's are not among them. */
function fileOf(template: string, files: ReadonlyMap<string, string>): string | undefined {
  return [...files].find(([, source]) => new RegExp(`^template ${template}\\(`, 'm').test(source))?.[0];
}

/** The sources a circuit includes from this package, itself first: path → text. */
async function ownSources(path: string, seen = new Map<string, string>()): Promise<Map<string, string>> {
  if (seen.has(path)) return seen;
  const source = await readFile(path, 'utf8');
  seen.set(path, source);
  for (const match of source.matchAll(/^include "((?:lib\/)?[a-z.-]+\.circom)";/gm)) {
    const beside = join(path, '..', match[1]!);
    await ownSources(beside, seen).catch(() => seen);
  }
  return seen;
}

/**
 * Names the numbered constraint in which a witness program stopped.
 *
 * The outermost frame is the statement's template: its source numbers each line or group of lines. Where a group is a
 * component with as many numbered constraints of its own, the frame within says which of them.
 * @param path  the circuit's source
 * @param trace innermost frame first, as the program reports it
 * @returns     undefined if the trace does not fit the sources
 */
export async function brokenConstraint(
  path: string,
  trace: readonly TraceFrame[],
): Promise<BrokenConstraint | undefined> {
  const files = await ownSources(path);
  const main = files.get(path)!;
  const header = numberedConstraints(main);
  const [outermost, ...inner] = [...trace].reverse();
  if (outermost === undefined || fileOf(outermost.template, files) !== path) return undefined;
  let found = numbersAt(main, outermost.line).flatMap((number) => header[number - 1] ?? []);
  for (const { template, line } of inner) {
    const file = fileOf(template, files);
    if (file === undefined || found.length < 2) break;
    const source = files.get(file)!;
    const within = numbersAt(source, line);
    if (within.length === 0 || numberedConstraints(source).length !== found.length) continue;
    const group = found;
    found = within.flatMap((number) => group[number - 1] ?? []);
  }
  if (found.length === 0) return undefined;
  return { constraints: found, where: `${relative(root, path)}:${outermost.line}` };
}
