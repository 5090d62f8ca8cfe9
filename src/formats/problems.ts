import type { VelumError } from '../base/errors.ts';
import type { FileProblems, Problem } from './errors.ts';

/** The text with control and invisible format characters escaped, so that it cannot disturb a terminal. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);

/** Names what a file said: printable, in quotes, cut where it is long. */
export function quote(text: string): string {
  const cut = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return printable(JSON.stringify(cut));
}

/** Makes the error of one kind of file. */
export type FileFailure = (message: string, data: FileProblems, cause?: unknown) => VelumError;

/** All problems of one file as one error. */
export function fileError(failure: FileFailure, file: string, problems: readonly Problem[]): VelumError {
  const listed = problems.map(({ where, reason }) => `  ${where}: ${reason}`);
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return failure(`${file} has ${count}:\n${listed.join('\n')}`, { file, problems });
}
