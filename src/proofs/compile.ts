import { basename, join, relative, resolve } from 'node:path';
import { type Compiled, compileSources } from '../project/compiler.ts';
import { readSources } from '../project/includes.ts';
import { libraryFolders } from '../project/packages.ts';

/** This package's root, from src/ as from dist/. */
export const root = resolve(import.meta.dirname, '..', '..');

/** O2 substitutes linear constraints away, the compiler's default O1 keeps them: PLONK has use for those only. */
export type Optimisation = 'O1' | 'O2';

/**
 * Compiles one of this package's circuits to <into>/<name>.{r1cs,sym,wasm}; nothing is done when the sources are those of
 * the last time.
 * @param path file with a main component
 * @param into `build/circuits` unless said
 * @throws {ProjectError} TOOL_MISSING without circom2; CIRCUIT_SOURCE, CIRCUIT_COMPILE with file and line
 */
export function compileCircuit(
  path: string,
  into = join(root, 'build/circuits'),
  optimisation: Optimisation = 'O2',
): Promise<Compiled> {
  const shown = (file: string): string => relative(root, file);
  const sources = readSources({ path }, libraryFolders(root, []), shown);
  return compileSources({
    name: basename(path, '.circom'),
    sources,
    optimize: optimisation,
    folder: into,
    shown,
  });
}
