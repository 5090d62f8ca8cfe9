/** A circom source, by the name that findings give it. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** A line of a source, from 1. */
export interface DeclaredAt {
  readonly file: string;
  readonly line: number;
}

interface Template {
  readonly file: string;
  /** Line before the body begins, from 0, and the body without comments. */
  readonly line: number;
  readonly body: string;
}

/** Components that stand in one another, at most. */
const MAX_DEPTH = 64;
const TEMPLATE = /\btemplate\s+(?:custom\s+|parallel\s+)*([A-Za-z_$]\w*)\s*\([^)]*\)[^{;]*\{/g;
const MAIN = /\bcomponent\s+main\b[^=;]*=\s*([A-Za-z_$]\w*)/;

/** Where signals are declared, as far as the sources tell: templates are found by name, components by their declarations. */
export class SourceLines {
  private readonly templates = new Map<string, Template>();
  private readonly main: Template | undefined;

  /** @param sources the one with the main component first */
  constructor(sources: readonly SourceFile[]) {
    const codes = sources.map(({ name, text }) => ({ name, code: withoutComments(text) }));
    for (const { name, code } of codes)
      for (const match of code.matchAll(TEMPLATE)) {
        const from = match.index + match[0].length;
        const template = { file: name, line: lineAt(code, from), body: code.slice(from, endOf(code, from)) };
        if (!this.templates.has(match[1]!)) this.templates.set(match[1]!, template);
      }
    const main = codes[0] && MAIN.exec(codes[0].code)?.[1];
    this.main = main === undefined ? undefined : this.templates.get(main);
  }
  /**
   * The line that declares what a finding is about: of `check.lt.out[3]` the line of `component lt` in the template of
   * `check`, if that template is in a source that was read, else the line of `check`.
   * @returns undefined where nothing of it is found
   */
  placeOf(subject: string): DeclaredAt | undefined {
    let template = this.main;
    let place: DeclaredAt | undefined;
    const path = subject.split(/[\s,]/)[0]!.split('.').slice(0, MAX_DEPTH);
    for (const part of path) {
      const name = /^[A-Za-z_$]\w*/.exec(part)?.[0];
      if (template === undefined || name === undefined) return place;
      const at = declarationOf(template.body, name);
      if (at < 0) return place;
      place = { file: template.file, line: template.line + lineAt(template.body, at) + 1 };
      // An anonymous component is called by its template.
      const made = new RegExp(
        `\\b${name}(?:\\s*\\[[^\\]]*\\])*\\s*=\\s*(?:parallel\\s+)?([A-Za-z_$]\\w*)\\s*\\(`,
      );
      template = this.templates.get(made.exec(template.body)?.[1] ?? name);
    }
    return place;
  }
}

/** Where a body declares a signal or component, else where it first names it; −1 if it does not. */
function declarationOf(body: string, name: string): number {
  const word = new RegExp(`\\b${name}\\b`);
  const declared = new RegExp(`\\b(?:signal|component)\\b[^;]*?\\b${name}\\b`).exec(body);
  if (declared !== null) return declared.index + declared[0].length - name.length;
  return body.search(word);
}

/** Lines before a place. */
function lineAt(text: string, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Where the block that begins at a place ends. */
function endOf(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === '{') depth++;
    else if (code[at] === '}' && --depth === 0) return at;
  }
  return code.length;
}

/** The same text with blanks for comments. */
function withoutComments(text: string): string {
  return text.replace(/"[^"\n]*"|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (part) =>
    part.startsWith('"') ? part : part.replace(/[^\n]/g, ' '),
  );
}
