import { type ErrorCode, VelumError } from '../base/errors.ts';

/** One thing that is wrong with a file: where (a line and column, or a JSON path) and why. */
export interface Problem {
  readonly where: string;
  readonly reason: string;
}

/** The text with control and invisible format characters escaped, so that it cannot disturb a terminal. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);

/** Names what a file said: printable, in quotes, cut where it is long. */
export function quote(text: string): string {
  const cut = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return printable(JSON.stringify(cut));
}

/** All problems of one file as one error. */
export function fileError(code: ErrorCode, file: string, problems: readonly Problem[]): VelumError {
  const listed = problems.map(({ where, reason }) => `  ${where}: ${reason}`);
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new VelumError(code, `${file} has ${count}:\n${listed.join('\n')}`, { file, problems });
}
