import cliProgress from 'cli-progress';
import { atExit } from '../groth16/at-exit.ts';
import type { EpochProgress, EpochStage } from './epoch/types.ts';

const STAGE_NAMES: Readonly<Record<EpochStage, string>> = {
  genesis: 'keys and notes',
  prove: 'proving batches',
  admit: 'verifying proofs',
  consensus: 'agreeing, settling',
};

/** Draws one bar per stage of a height; `stop` takes them all away, also after an error. */
export interface ProgressView {
  readonly update: (progress: EpochProgress) => void;
  readonly stop: () => void;
}

/** Bars on stderr for a person who watches, nothing otherwise. */
export function openProgress(isTty: boolean): ProgressView {
  if (!isTty) return { update: () => {}, stop: () => {} };
  const bars = new cliProgress.MultiBar({
    format: '{what} [{bar}] {value}/{total}',
    stream: process.stderr,
    barsize: 30,
    clearOnComplete: true,
    hideCursor: true,
  });
  const open = new Map<string, cliProgress.SingleBar>();
  // Whoever presses Ctrl-C wants the cursor back.
  const forget = atExit(() => bars.stop());
  return {
    update({ height, stage, done, total }) {
      const name = height === 0 ? 'genesis' : `height ${height}`;
      const what = `${name.padEnd(10)} ${STAGE_NAMES[stage].padEnd(18)}`;
      const bar = open.get(what) ?? bars.create(total, 0, { what });
      open.set(what, bar);
      bar.setTotal(total);
      bar.update(done);
    },
    stop() {
      forget();
      bars.stop();
    },
  };
}
