import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { FileError } from '../base/errors.ts';
import { ProjectError } from './errors.ts';
import { readSmallFile } from './text-file.ts';

/** What a compiler is given, at most. */
const MAX_SOURCE_BYTES = 1 << 23;
const MAX_SOURCES = 2000;
const MAX_TOTAL_CHARS = 1 << 27;

interface Include {
  /** What stands between the quotes, where in the text, and which file it is. */
  readonly from: number;
  readonly to: number;
  readonly path: string;
}

/** A source and what it includes. */
export interface CircomSource {
  /** Real path, whatever links lead to it. */
  readonly path: string;
  readonly text: string;
  readonly includes: readonly Include[];
}

/** The code of a circom source with the same length and lines: what stands in comments is blank. */
export function withoutComments(text: string): string {
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ');
  return text.replace(/"[^"\n]*"|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (part) =>
    part.startsWith('"') ? part : blank(part),
  );
}

const INCLUDE = /^([ \t]*|.*?[;}][ \t]*)include\s+"([^"\n]*)"/gm;

/** Line and column, from 1, of a place in a text. */
const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/**
 * A main source and all that it includes, each file once as circom has it: files may include each other in circles, as
 * those of circomlib do.
 * @param main      the text may be one that is in no file yet
 * @param libraries folders in which to look after the including file's own
 * @param shown     how a path is called in errors
 * @throws {ProjectError} CIRCUIT_SOURCE with file and line of the include that leads nowhere
 */
export function readSources(
  main: { readonly path: string; readonly text?: string },
  libraries: readonly string[],
  shown: (path: string) => string,
): CircomSource[] {
  const sources = new Map<string, CircomSource>();
  const waiting: { readonly path: string; readonly text: string }[] = [];
  let chars = 0;
  const enter = (path: string, text: string): void => {
    chars += text.length;
    if (sources.size + waiting.length >= MAX_SOURCES || chars > MAX_TOTAL_CHARS) {
      const message = `${shown(main.path)} includes more than ${MAX_SOURCES} files or ${MAX_TOTAL_CHARS} characters`;
      throw new ProjectError('CIRCUIT_SOURCE', message, { file: main.path });
    }
    waiting.push({ path, text });
  };
  const known = new Set<string>();
  const mainPath = main.text === undefined ? realPath(main.path) : main.path;
  known.add(mainPath);
  enter(mainPath, main.text ?? readSource(main.path, shown));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { path, text } = next;
    const includes: Include[] = [];
    for (const match of withoutComments(text).matchAll(INCLUDE)) {
      const target = match[2]!;
      const to = match.index + match[0].length - 1;
      const place = { file: path, line: lineAt(text, to) };
      const found = resolveInclude(target, dirname(path), libraries);
      if (found === undefined) {
        const looked = [dirname(path), ...libraries].map((folder) => `  ${shown(folder)}`).join('\n');
        const message = `${shown(path)}:${place.line}: there is no file to include as "${target}"; looked for in\n${looked}`;
        throw new ProjectError('CIRCUIT_SOURCE', message, place);
      }
      if (!known.has(found)) {
        known.add(found);
        enter(found, readSource(found, shown, `${shown(path)}:${place.line}: `));
      }
      includes.push({ from: to - target.length, to, path: found });
    }
    sources.set(path, { path, text, includes });
  }
  return [...sources.values()];
}

function resolveInclude(target: string, beside: string, libraries: readonly string[]): string | undefined {
  if (target === '') return undefined;
  const places = isAbsolute(target) ? [target] : [beside, ...libraries].map((folder) => join(folder, target));
  const found = places.find((path) => existsSync(path));
  return found === undefined ? undefined : realPath(found);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function readSource(path: string, shown: (path: string) => string, by = ''): string {
  try {
    return readSmallFile(path, MAX_SOURCE_BYTES);
  } catch (cause) {
    if (!FileError.is(cause, 'FILE_UNREADABLE')) throw cause;
    const message = `${by}${cause.message.replace(path, shown(path))}`;
    throw new ProjectError('CIRCUIT_SOURCE', message, { file: path }, cause);
  }
}

/** How paths of a project are called: relative to its folder, unless they lie outside of it. */
export const shownFrom =
  (root: string) =>
  (path: string): string => {
    const short = relative(root, path);
    return short === '' ? '.' : short.startsWith('..') || isAbsolute(short) ? path : short;
  };

const TEMPLATE = /\btemplate\s+(?:(?:custom|parallel|extern_c)\s+)*([A-Za-z_]\w*)\s*\(([^)]*)\)/g;

/** The templates of sources, with their files and the number of their parameters. */
export function templatesOf(
  sources: readonly CircomSource[],
): { readonly name: string; readonly path: string; readonly parameters: number }[] {
  return sources.flatMap(({ path, text }) =>
    [...withoutComments(text).matchAll(TEMPLATE)].map(([, name, list]) => ({
      name: name!,
      path,
      parameters: list!.trim() === '' ? 0 : list!.split(',').length,
    })),
  );
}
