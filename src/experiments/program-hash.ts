import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** The program as it runs: rows of another one are not resumed. @returns SHA-256, 64 hex digits */
export function programHash(): string {
  const root = resolve(import.meta.dirname, '..');
  const hash = createHash('sha256');
  const visit = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/\.(js|ts)$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
        hash.update(`${relative(root, path)}\n`).update(readFileSync(path));
    }
  };
  visit(root);
  return hash.digest('hex');
}
