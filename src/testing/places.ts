import { join } from 'node:path';
import { type DeclaredAt, SourceLines } from '../audit/source-lines.ts';
import type { Artefacts } from '../project/build.ts';
import { shownFrom } from '../project/includes.ts';
import type { CircuitEntry, Project } from '../project/project-file.ts';

/** Lines of a circuit's own sources: those of packages are left out, since findings are for who wrote the rest. */
export class CircuitPlaces {
  readonly lines: SourceLines;
  /** Where the circuit's template begins: the place of what is about all of it. */
  readonly ofTemplate: DeclaredAt;
  /** Absolute paths of all that people write and a test reads. */
  readonly files: readonly string[];
  private readonly own: ReadonlySet<string>;

  /** @param file source of the circuit, from the project's folder */
  constructor(project: Project, entry: CircuitEntry, { sources, main }: Artefacts, file: string) {
    const shown = shownFrom(project.root);
    const own = sources
      .filter(({ path }) => !/[\\/]node_modules[\\/]/.test(path))
      .map(({ path, text }) => ({ name: shown(path), text }));
    this.own = new Set(own.map(({ name }) => name));
    this.lines = new SourceLines(own);
    const text = own.find(({ name }) => name === file)?.text ?? '';
    const begins =
      entry.template === undefined
        ? /\bcomponent\s+main\b/
        : new RegExp(`\\btemplate\\s+(?:\\w+\\s+)*${entry.template}\\b`);
    const line = text.split('\n').findIndex((one) => begins.test(one)) + 1;
    this.ofTemplate = { file, line: Math.max(1, line) };
    const { pass, fail } = entry.tests;
    this.files = [
      ...sources.map(({ path }) => path).filter((path) => path !== main || entry.template === undefined),
      ...[...pass, ...fail.map(({ input }) => input)].map((input) => join(project.root, input)),
    ];
  }

  of(subject: string): DeclaredAt | undefined {
    return this.lines.placeOf(subject);
  }

  /** The innermost line of a refusal, `file:line`, that is in a source of the project. */
  ofRefusal(places: readonly string[]): DeclaredAt {
    for (const place of places) {
      const [, file, line] = /^(.*):(\d+)$/.exec(place) ?? [];
      if (file !== undefined && this.own.has(file)) return { file, line: Number(line) };
    }
    return this.ofTemplate;
  }
}
