import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const src = resolve(import.meta.dirname, '../../../src');

/** Packages that a file loads before it runs, by its imports and theirs; types and what is loaded later do not count. */
function packagesOf(entry: string): Map<string, string> {
  const [seen, packages] = [new Set<string>(), new Map<string, string>()];
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const statements = readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\s+(?!type\b)(?:\{([^}]*)\}|[^'{]*?)\s*from\s+'([^']+)';/gm,
    );
    for (const [, names, from] of statements) {
      const isOnlyTypes = names?.split(',').every((name) => /^\s*(type\s.*)?$/s.test(name)) ?? false;
      if (isOnlyTypes || from!.startsWith('node:')) continue;
      if (from!.startsWith('.')) visit(resolve(dirname(file), from!));
      else if (!packages.has(from!)) packages.set(from!, relative(src, file));
    }
  };
  visit(resolve(src, entry));
  return packages;
}

test.each([
  ['cli/main.ts', ['commander']],
  // A proof takes a quarter of the stock command line's time only as long as no library is loaded for it.
  ['cli/commands/prove.ts', ['commander']],
  ['groth16/wasm-prover.ts', []],
  ['proofs/circuit-prover.ts', []],
])('%s loads nothing but %j at once', (entry, allowed) => {
  expect([...packagesOf(entry)].filter(([name]) => !(allowed as string[]).includes(name))).toEqual([]);
});

test('what loads more is seen to', () => {
  expect([...packagesOf('groth16/verifier.ts').keys()]).toContain('ffjavascript');
  expect([...packagesOf('formats/market-file.ts').keys()]).toContain('zod');
});
