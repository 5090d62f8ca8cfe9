import type { KeyProgress } from '../groth16/ceremony/progress.ts';
import type { Terminal } from './io.ts';

const CLEAR = '\r\u001b[K';
const WIDTH = 30;

/** Runs work whose progress a person may watch on stderr: one line, taken away at the end. */
export async function openKeyProgress<T>(
  terminal: Terminal,
  work: (onProgress: (progress: KeyProgress) => void) => Promise<T>,
): Promise<T> {
  if (!terminal.isErrTty) return work(() => {});
  try {
    return await work((progress) => void terminal.err(`${CLEAR}${keyProgressLine(progress)}`));
  } finally {
    await terminal.err(CLEAR);
  }
}

/** "making the key [#####-----] 43 %, 12 s left" */
export function keyProgressLine({ step, done, leftMs }: KeyProgress): string {
  const bar = '#'.repeat(Math.round(done * WIDTH)).padEnd(WIDTH, '-');
  const left = leftMs === undefined ? '' : `, ${Math.ceil(leftMs / 1000)} s left`;
  return `${step} [${bar}] ${Math.floor(100 * done)} %${left}`;
}
