/** What circom says of a source. */
export interface Diagnostic {
  readonly level: 'error' | 'warning';
  /** circom's own code, such as T3001. */
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

const MAX_DIAGNOSTICS = 100;

/**
 * Reads what circom prints. Every message begins with `error[CODE]: title`; the place and what is underlined follow.
 * @param log     with or without colours
 * @param pathOf  the source that a staged name stands for
 */
export function parseDiagnostics(log: string, pathOf: (staged: string) => string): Diagnostic[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal begin with one
  const plain = log.replace(/\u001b\[[0-9;]*m/g, '');
  return plain
    .split(/^(?=(?:error|warning)\[)/m)
    .flatMap((part) => {
      const [, level, code, title] = /^(error|warning)\[(\w+)\]: *(.*)/.exec(part) ?? [];
      if (level === undefined) return [];
      const [, staged, line, column] = /┌─ "([^"\n]+)":(\d+):(\d+)/.exec(part) ?? [];
      const labels = [...part.matchAll(/^\s*│.*\^+ +(.+)$/gm)].map(([, label]) => label!.trim());
      const said = labels.filter((label) => !/^(found )?here$/.test(label));
      const message = [
        title!.trim().replace(/"([^"\n]+\.circom)"/g, (_, name) => pathOf(name)),
        ...said,
      ].join(': ');
      const about = /"([^"\n]+\.circom)"/.exec(title!)?.[1];
      const place =
        staged !== undefined
          ? { file: pathOf(staged), line: Number(line), column: Number(column) }
          : about === undefined
            ? {}
            : { file: pathOf(about) };
      return [{ level: level as 'error' | 'warning', code: code!, message, ...place }];
    })
    .slice(0, MAX_DIAGNOSTICS);
}

/** `circuits/mul.circom:3:5: error T3001: Non quadratic constraints are not allowed!` */
export function diagnosticText(
  { level, code, message, file, line, column }: Diagnostic,
  shown: (path: string) => string,
): string {
  const at = line === undefined ? '' : `:${line}:${column}`;
  const place = file === undefined ? '' : `${shown(file)}${at}: `;
  return `${place}${level} ${code}: ${message}`;
}
