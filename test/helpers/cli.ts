import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { main } from '../../src/cli/main.ts';
import { root } from '../../src/proofs/compile.ts';

/** The built program. */
export const PROGRAM = join(root, 'dist/cli/main.js');

/** What a command line answered. */
export interface Answer {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line that needs no epoch, in this process. */
export async function velumIn(cwd: string, ...args: readonly string[]): Promise<Answer> {
  const [out, err]: string[][] = [[], []];
  const collect = (texts: string[]) => async (text: string) => void texts.push(text);
  const terminal = { out: collect(out!), err: collect(err!), isErrTty: false, hasColour: false, cwd };
  const exitCode = await main(args, terminal, () => Promise.reject(new Error('no epoch is run here')));
  return { exitCode, out: out!.join(''), err: err!.join('') };
}

/** What a process printed until it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Node, a script and its arguments, in a process of its own; an exit code that is not 0 is an answer as well. */
export async function nodeProcess(cwd: string, ...args: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      cwd,
      maxBuffer: 1 << 26,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

/** The built program, from the root of the package, as a person runs it. */
export const velum = (...args: readonly string[]): Promise<Ended> => nodeProcess(root, PROGRAM, ...args);

/** The same of what starts no process, in this one. */
export async function endedIn(cwd: string, ...args: readonly string[]): Promise<Ended> {
  const { exitCode, out, err } = await velumIn(cwd, ...args);
  return { code: exitCode, stdout: out, stderr: err };
}
