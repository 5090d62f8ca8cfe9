import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { root } from '../../src/proofs/compile.ts';

const run = promisify(execFile);

/** One line of the stock command line tool, a process from start to end; colours taken off what it prints. */
export async function snarkjs(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(join(root, 'node_modules/.bin/snarkjs'), args, { cwd, maxBuffer: 1 << 26 });
  return stripVTControlCharacters(stdout);
}

/** One line of this package's command line tool, as built; rejects unless it ends by itself with exit code 0. */
export async function velumCli(cwd: string, line: string): Promise<string> {
  const { stdout } = await run(process.execPath, [join(root, 'dist/cli/main.js'), ...line.split(' ')], {
    cwd,
  });
  return stdout;
}

/** Ids of the living processes that a process has started; one that only waits to be noticed is none, nor is `ps`. */
export async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, ppid, stat, name]) => Number(ppid) === parent && !stat!.startsWith('Z') && name !== 'ps')
    .map(([pid]) => Number(pid));
}
