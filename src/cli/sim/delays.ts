import { InvalidArgumentError } from 'commander';
import { LATENCY_FILE_BYTES, parseLatencies } from '../../sim/latencies.ts';
import type { Delay } from '../../sim/links.ts';
import { type FileDelay, parseDelay } from '../../sim/scenario.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile } from '../io.ts';

/** What `--delay` says: a delay, or a file of latencies that is still to be read. */
export type DelayOption = Delay | { readonly kind: 'file'; readonly file: string };

export const DELAY_HELP =
  'const:MS, uniform:FROM:TO, exp:MEAN, wan (ten cloud regions) or a file of latencies: FILE.csv';

/** @throws {InvalidArgumentError} for what names neither a delay nor a file */
export function delayOf(text: string): DelayOption {
  const delay = parseDelay(text);
  if (delay !== undefined) return delay;
  if (text === '-' || /[/\\]|\.csv$/i.test(text)) return { kind: 'file', file: text };
  throw new InvalidArgumentError(
    'const:MS, uniform:FROM:TO, exp:MEAN, wan or FILE.csv is expected, at most 60000 ms.',
  );
}

/**
 * @throws {FileError} FILE_UNREADABLE
 * @throws {SimError} SIM_LATENCIES with what is wrong, line by line
 */
export async function readDelay(cwd: string, option: DelayOption): Promise<Delay | FileDelay> {
  if (option.kind !== 'file') return option;
  const { file } = option;
  const text = await readTextFile(inputPath(cwd, file), LATENCY_FILE_BYTES);
  return { kind: 'matrix', ms: parseLatencies(text, file).ms, file };
}
