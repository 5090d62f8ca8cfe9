import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { vi } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** A piece of a source file that occurs once, and what stands there in the mutant. */
export type Swap = readonly [piece: string, mutant: string];

/**
 * Loads modules anew with one file of `src` changed: a rule of the product left out or turned round, for a test that has to notice.
 * @param file from the root of the repository
 * @param load a dynamic import of what uses the file; what was imported before keeps the file as it is
 */
export async function withMutant<T>(
  file: string,
  swaps: readonly Swap[],
  load: () => Promise<T>,
): Promise<T> {
  const path = join(root, file);
  const dir = mkdtempSync(join(tmpdir(), 'velum-mutant-'));
  const mutated = join(dir, basename(file));
  writeFileSync(mutated, withAbsoluteImports(swapped(readFileSync(path, 'utf8'), swaps), dirname(path)));
  vi.resetModules();
  vi.doMock(path, () => import(mutated));
  try {
    await settled();
    return await load();
  } finally {
    vi.doUnmock(path);
    vi.resetModules();
    await settled();
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * What is to be mocked, and no longer, vitest looks at when a module is fetched next: here, one alone. Of several that are
 * fetched at once each would undo what was mocked before and do it again, and another would meet the file as it is.
 */
const settled = (): Promise<unknown> => import('./seeds.ts');

/** A text with each piece replaced. @throws Error if one does not occur once */
export function swapped(text: string, swaps: readonly Swap[]): string {
  let out = text;
  for (const [piece, mutant] of swaps) {
    if (out.split(piece).length !== 2) throw new Error(`a mutant's piece does not occur once: ${piece}`);
    out = out.replace(piece, () => mutant);
  }
  return out;
}

const withAbsoluteImports = (text: string, dir: string): string =>
  text.replace(/ from '(\.[^']+)'/g, (_, spec: string) => ` from '${resolve(dir, spec)}'`);
