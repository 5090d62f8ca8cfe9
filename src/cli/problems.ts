import { type ErrorCode, VelumError } from '../base/errors.ts';

/** One thing that is wrong with a file: where (a line and column, or a JSON path) and why. */
export interface Problem {
  readonly where: string;
  readonly reason: string;
}

/** Problems that an error message lists; its data has all of them. */
const LISTED = 50;

/** Names what a file said, cut and with control characters escaped, so that it cannot disturb a terminal. */
export function quote(text: string): string {
  const cut = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(cut).replace(/[\u007f-\u009f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
}

/** All problems of one file as one error. */
export function fileError(code: ErrorCode, file: string, problems: readonly Problem[]): VelumError {
  const listed = problems.slice(0, LISTED).map(({ where, reason }) => `  ${where}: ${reason}`);
  if (problems.length > LISTED) listed.push(`  … and ${problems.length - LISTED} more`);
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new VelumError(code, `${file} has ${count}:\n${listed.join('\n')}`, { file, problems });
}
