import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '../../src/formats/json-text.ts';
import { velumIn } from './cli.ts';
import { changedLeaves } from './json-leaves.ts';

/**
 * Changes leaves of a run's files, one at a time, and replays the run after each change; in the end the file is as before.
 * @param dir     output directory of `velum epoch`
 * @param file    below dir, such as height-1/block.json
 * @param every   1 walks all changes, n takes each n-th
 * @returns how many changes there are, and those that `velum market replay` answered with another exit code than 1 or 2
 */
export async function unnoticedChanges(
  dir: string,
  file: string,
  every: number,
): Promise<{ readonly changes: number; readonly unnoticed: readonly string[] }> {
  const path = join(dir, file);
  const text = readFileSync(path, 'utf8');
  const unnoticed: string[] = [];
  let changes = 0;
  for (const { where, json } of changedLeaves(JSON.parse(text))) {
    if (changes++ % every !== 0) continue;
    writeFileSync(path, jsonText(json));
    const { exitCode } = await velumIn(dir, 'market', 'replay', '.');
    if (exitCode !== 1 && exitCode !== 2) unnoticed.push(`${where}: exit ${exitCode}`);
  }
  writeFileSync(path, text);
  return { changes, unnoticed };
}
