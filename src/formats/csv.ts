/** A row of a CSV file and the line it starts on, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** What is wrong with a CSV file as such; `line` is where. */
export interface CsvProblem {
  readonly line: number;
  readonly reason: string;
}

/** Whether a text looks like JSON: then no message about its rows helps. */
export const isJsonText = (text: string): boolean => /^\uFEFF?\s*[[{]/.test(text);

/** A field: quoted with "" for a quote inside, or bare without quotes and commas. @see RFC 4180 §2 */
const FIELD = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;

/**
 * Splits RFC 4180 text into rows. CRLF or LF ends a row, a byte order mark and empty lines are passed over.
 * A row that is not RFC 4180 becomes a problem and the reading goes on at the next line.
 */
export function parseCsv(text: string): { rows: CsvRow[]; problems: CsvProblem[] } {
  const rows: CsvRow[] = [];
  const problems: CsvProblem[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const row = readRow(text, at);
    if ('reason' in row) problems.push({ line, reason: row.reason });
    else if (row.fields.length > 1 || row.fields[0] !== '') rows.push({ line, fields: row.fields });
    for (let i = at; i < row.end; i++) if (text[i] === '\n') line++;
    at = row.end;
  }
  return { rows, problems };
}

type Row =
  | { readonly fields: string[]; readonly end: number }
  | { readonly reason: string; readonly end: number };

function readRow(text: string, start: number): Row {
  const fields: string[] = [];
  for (let at = start; ; at++) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(text)!;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    at = FIELD.lastIndex;
    if (at >= text.length) return { fields, end: at };
    if (text[at] === '\n') return { fields, end: at + 1 };
    if (text.startsWith('\r\n', at)) return { fields, end: at + 2 };
    if (text[at] !== ',') return { reason: reasonAt(text, at, match[0]), end: endOfLine(text, at) };
  }
}

function reasonAt(text: string, at: number, field: string): string {
  if (text[at] === '\r') return 'a carriage return without a line feed';
  if (text[at] !== '"') return 'text after a closing quote';
  return field === '' || field.startsWith('"')
    ? 'a quote that is never closed'
    : 'a quote inside a bare field';
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}
