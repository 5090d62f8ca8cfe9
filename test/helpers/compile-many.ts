import fs from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { root } from '../../src/proofs/compile.ts';

interface Runner {
  compile: () => Promise<WebAssembly.Module>;
  execute: (bytes?: Uint8Array) => Promise<unknown>;
}
const require = createRequire(import.meta.url);
const { CircomRunner, bindings } = require('circom2') as {
  readonly CircomRunner: new (options: object) => Runner;
  readonly bindings: object;
};
const compiler = WebAssembly.compile(fs.readFileSync(require.resolve('circom2/circom.wasm')));

/**
 * Compiles circuits one after the other in this process: of a small one, starting the compiler takes longer than its work.
 * @param path file with a main component, below this package, as is `into`
 * @returns whether it compiles; then <into>/<name>.r1cs and .sym are there
 */
export async function compileHere(
  path: string,
  into: string,
  optimisation: 'O0' | 'O1' | 'O2',
): Promise<boolean> {
  fs.mkdirSync(into, { recursive: true });
  const library = 'node_modules/circomlib/circuits';
  const args = [
    relative(root, path),
    `--${optimisation}`,
    '--r1cs',
    '--sym',
    '-l',
    library,
    '-o',
    relative(root, into),
  ];
  const here = { '.': root };
  const silent = { ...fs, writeSync: (fd: number, ...rest: unknown[]) => writeBut(fd, rest) };
  const runner = new CircomRunner({
    args,
    preopens: here,
    bindings: { ...bindings, fs: silent, isTTY: () => false },
  });
  runner.compile = () => compiler;
  try {
    await runner.execute();
  } catch {
    return false;
  }
  return fs.existsSync(
    join(
      into,
      `${path
        .split('/')
        .at(-1)!
        .replace(/\.circom$/, '')}.r1cs`,
    ),
  );
}

/** What the compiler says to a terminal is left out. */
function writeBut(fd: number, rest: unknown[]): number {
  if (fd === 1 || fd === 2) return (rest[2] as number | undefined) ?? (rest[0] as Uint8Array).length;
  return (fs.writeSync as (...all: unknown[]) => number)(fd, ...rest);
}
