import type { Path } from './forms.ts';

/** Where something stands in a text, both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** JSON that people write is nested less deep. */
const MAX_DEPTH = 200;

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Never leaves this module. */
class JsonProblem extends Error {
  readonly at: number;
  constructor(at: number, problem: string) {
    super(problem);
    this.at = at;
  }
}

/** Walks a JSON text and notes where the value at a path begins; of a path that ends too deep, the nearest above. */
class Walker {
  readonly #text: string;
  readonly #path: Path;
  #at = 0;
  found = 0;

  constructor(text: string, path: Path) {
    this.#text = text;
    this.#path = path;
  }

  whole(): void {
    this.#value(0, true);
    if (this.#peek() !== undefined) this.#refuse('nothing is expected after the value');
  }

  /** @param onPath whether the path so far is the one that is looked for */
  #value(depth: number, onPath: boolean): void {
    const first = this.#peek();
    if (onPath) this.found = this.#at;
    if (depth > MAX_DEPTH) this.#refuse('is nested too deep');
    if (first === '{') return this.#members(depth, onPath);
    if (first === '[') return this.#items(depth, onPath);
    if (first === '"') return void this.#string();
    this.#take(SCALAR, first === undefined ? 'the text ends too early' : 'no value begins like this');
  }

  #members(depth: number, onPath: boolean): void {
    this.#at++;
    for (let isFirst = true; this.#peek() !== '}'; isFirst = false) {
      if (!isFirst) this.#expect(',');
      this.#peek();
      const key = this.#string();
      const isNext = onPath && this.#path[depth] === key;
      this.#expect(':');
      this.#value(depth + 1, isNext);
    }
    this.#at++;
  }

  #items(depth: number, onPath: boolean): void {
    this.#at++;
    for (let index = 0; this.#peek() !== ']'; index++) {
      if (index > 0) this.#expect(',');
      this.#value(depth + 1, onPath && this.#path[depth] === index);
    }
    this.#at++;
  }

  #string(): string {
    return JSON.parse(this.#take(STRING, 'a text in double quotes is expected'));
  }

  /** The next sign that is no space; undefined at the end. */
  #peek(): string | undefined {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)![0].length;
    return this.#text[this.#at];
  }

  #expect(sign: string): void {
    if (this.#peek() !== sign) this.#refuse(`"${sign}" is expected`);
    this.#at++;
  }

  #take(pattern: RegExp, problem: string): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0];
    if (taken === undefined) return this.#refuse(problem);
    this.#at += taken.length;
    return taken;
  }

  #refuse(problem: string): never {
    throw new JsonProblem(this.#at, problem);
  }
}

function placeAt(text: string, at: number): TextPlace {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Where a text stops being JSON, and what is wrong there; undefined if it is JSON. */
export function jsonProblem(text: string): (TextPlace & { readonly problem: string }) | undefined {
  try {
    new Walker(text, []).whole();
    return undefined;
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    return { ...placeAt(text, error.at), problem: error.message };
  }
}

/** What to say of a text that `JSON.parse` refuses: `not JSON: line 2, column 7: "," is expected`. */
export function notJson(text: string): string {
  const found = jsonProblem(text);
  return found === undefined
    ? 'not JSON'
    : `not JSON: line ${found.line}, column ${found.column}: ${found.problem}`;
}

/**
 * Where the value at a path stands, or the nearest value around it that is there.
 * @param text JSON, as `JSON.parse` takes it
 */
export function placeInJson(text: string, path: Path): TextPlace {
  const walker = new Walker(text, path);
  try {
    walker.whole();
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
  }
  return placeAt(text, walker.found);
}
