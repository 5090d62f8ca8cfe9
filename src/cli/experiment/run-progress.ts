import { writeSync } from 'node:fs';
import cliProgress from 'cli-progress';
import { atExit } from '../../groth16/at-exit.ts';
import type { Terminal } from '../io.ts';

/** How far a run is, for a person who watches, and what is said if it is interrupted. */
export interface RunProgress {
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

/**
 * A bar on the standard error for a person; a run that a signal ends says what is kept and how it goes on, whoever reads that.
 * @param kept   where what is done stands
 * @param resume the command that goes on from there
 */
export function openRunProgress({ isErrTty }: Terminal, kept: string, resume: string): RunProgress {
  const bar = new cliProgress.SingleBar({
    format: '[{bar}] {value}/{total} jobs, {duration_formatted}, {eta_formatted} left',
    stream: process.stderr,
    barsize: 30,
    clearOnComplete: true,
    hideCursor: true,
    etaBuffer: 30,
  });
  let state = 'nothing is done yet';
  const forget = atExit(() => {
    bar.stop();
    try {
      writeSync(2, `\nstopped: ${state}; go on with:\n  ${resume}\n`);
    } catch {
      // Nobody reads it any more.
    }
  });
  return {
    update(done, total) {
      state = `${done} of ${total} jobs are kept in ${kept}`;
      if (!isErrTty) return;
      if (bar.isActive) bar.update(done);
      else bar.start(total, done);
    },
    stop() {
      forget();
      bar.stop();
    },
  };
}
