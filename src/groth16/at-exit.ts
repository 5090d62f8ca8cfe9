import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

const tasks = new Set<() => void>();
let installed = false;

/**
 * Runs a task when the process exits, unless it is taken back before. Synchronous work only.
 * @returns takes it back
 */
export function atExit(task: () => void): () => void {
  if (!installed) process.on('exit', () => tasks.forEach((run) => void run()));
  installed = true;
  tasks.add(task);
  return () => void tasks.delete(task);
}

/**
 * Runs work with a new directory that only this user may read; it is gone afterwards, also when the work fails or the
 * process exits meanwhile.
 * @param parent where it is made: to move files out of it, on the same disk as their place
 */
export async function withScratchDir<T>(parent: string, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(parent, '.velum-'));
  const forget = atExit(() => rmSync(dir, { recursive: true, force: true }));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
    forget();
  }
}
