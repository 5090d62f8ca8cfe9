import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often files are looked at: also on file systems that tell nothing of changes. */
const POLL_MS = 300;
/** An editor writes in several steps: what changed must stand still so long. */
const SETTLE_MS = 200;

/**
 * Waits until some of these files have another content than at a time, or come or go after.
 * @param since when their content was read: what has changed since then has changed already
 * @returns which have changed; undefined if the signal came first
 */
export async function changesOf(
  files: Iterable<string>,
  since: Date,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const stamps = new Map<string, string>();
  const changed = new Set<string>();
  for (const file of files) {
    const seen = await stampOf(file);
    stamps.set(file, seen.stamp);
    if (seen.changedMs > since.getTime()) changed.add(file);
  }
  const look = async (): Promise<void> => {
    for (const [file, stamp] of stamps) if ((await stampOf(file)).stamp !== stamp) changed.add(file);
  };
  try {
    while (changed.size === 0) {
      await sleep(POLL_MS, undefined, { signal });
      await look();
    }
    await sleep(SETTLE_MS, undefined, { signal });
    await look();
    return changed;
  } catch (error) {
    if (signal.aborted) return undefined;
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
