import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '../../src/formats/json-text.ts';
import { velumIn } from './cli.ts';
import { changedLeaves } from './json-leaves.ts';

/** What the height files of a run are judged by, in its folder. */
export const REPLAY: readonly string[] = ['market', 'replay', '.'];
export const verifyHeight = (...flags: readonly string[]): readonly string[] => [
  'verify-height',
  ...['--genesis', 'genesis.json', '--block', 'height-1/block.json'],
  ...['--certificate', 'height-1/certificate.json', '--settlement', 'height-1/settlement.json'],
  ...flags,
];

/**
 * Changes leaves of a run's files, one at a time, and judges the run after each change; in the end the file is as before.
 * @param dir     output directory of `velum epoch`
 * @param file    below dir, such as height-1/block.json
 * @param every   1 walks all changes, n takes each n-th
 * @param command what judges
 * @returns how many changes there are, and those that it answered with another exit code than 1 or 2
 */
export async function unnoticedChanges(
  dir: string,
  file: string,
  every: number,
  command: readonly string[] = REPLAY,
): Promise<{ readonly changes: number; readonly unnoticed: readonly string[] }> {
  const path = join(dir, file);
  const text = readFileSync(path, 'utf8');
  const unnoticed: string[] = [];
  let changes = 0;
  for (const { where, json } of changedLeaves(JSON.parse(text))) {
    if (changes++ % every !== 0) continue;
    writeFileSync(path, jsonText(json));
    const { exitCode } = await velumIn(dir, ...command);
    if (exitCode !== 1 && exitCode !== 2) unnoticed.push(`${where}: exit ${exitCode}`);
  }
  writeFileSync(path, text);
  return { changes, unnoticed };
}
