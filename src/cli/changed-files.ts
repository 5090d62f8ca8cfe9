import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often files are looked at: also on file systems that tell nothing of changes. */
const POLL_MS = 300;
/** An editor writes in several steps: what changed must stand still so long. */
const SETTLE_MS = 200;

/**
 * Waits until one of these files has another content than at a time, or comes or goes after.
 * @param since when their content was read: what has changed since then has changed already
 * @returns false if the signal came first
 */
export async function untilChanged(
  files: readonly string[],
  since: Date,
  signal: AbortSignal,
): Promise<boolean> {
  const stamps = new Map<string, string>();
  let hasChanged = false;
  for (const file of files) {
    const seen = await stampOf(file);
    stamps.set(file, seen.stamp);
    hasChanged ||= seen.changedMs > since.getTime();
  }
  try {
    while (!hasChanged) {
      await sleep(POLL_MS, undefined, { signal });
      for (const [file, stamp] of stamps) hasChanged ||= (await stampOf(file)).stamp !== stamp;
    }
    await sleep(SETTLE_MS, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** What tells one content of a file from the next; a file that is not there has a stamp of its own. */
async function stampOf(file: string): Promise<{ readonly stamp: string; readonly changedMs: number }> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return { stamp: `${mtimeMs} ${size} ${ino}`, changedMs: mtimeMs };
  } catch {
    return { stamp: '', changedMs: 0 };
  }
}
