import { readdirSync, readFileSync } from 'node:fs';

/**
 * Memory of all processes of the groups that these lead, bytes: what they share counts once (proportional set size).
 * @returns undefined where the system does not tell
 */
export function memoryOf(leaders: readonly number[]): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const groups = new Set(leaders);
  let bytes = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (!groups.has(Number(group))) continue;
      const [, kB] = /^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${name}/smaps_rollup`, 'utf8')) ?? [];
      bytes += 1024 * Number(kB ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return bytes;
}
