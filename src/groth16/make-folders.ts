import { mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and what is missing above it. Node's own `recursive` tries for ever, in a loop that no signal ends, where the system
 * takes no folder and calls that ENOENT, as it does below /proc.
 * @param mode of the folders that are made
 * @throws what the system says: ENOTDIR where a file stands in the way
 */
export function makeFolders(dir: string, mode?: number): void {
  const missing: string[] = [];
  let at = resolve(dir);
  for (let stats = statsOf(at); stats === undefined; stats = statsOf(at)) {
    missing.unshift(at);
    at = dirname(at);
  }
  for (const each of missing) {
    try {
      mkdirSync(each, { mode });
    } catch (cause) {
      // Somebody else may have made it meanwhile.
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST' || statsOf(each) === undefined) throw cause;
    }
  }
}

/** @returns undefined if there is nothing */
function statsOf(path: string): Stats | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory()) return stats;
  throw Object.assign(new Error(`${path} is no directory`), { code: 'ENOTDIR' });
}
