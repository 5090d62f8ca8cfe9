import { quotedWord } from '../../base/quoted-word.ts';
import { isChanged } from '../../experiments/changed-grid.ts';
import { programHash } from '../../experiments/program-hash.ts';
import { type Finished, type RunOptions, runExperiment } from '../../experiments/run.ts';
import type { QueueAddress } from '../../queue/address.ts';
import { experimentQueue, onQueue } from '../../queue/experiment-tasks.ts';
import type { Terminal } from '../io.ts';
import { askingWorkers } from './ask-workers.ts';

/** Runs an experiment whose jobs the workers of a queue do. @throws what `runExperiment` and `askingWorkers` throw */
export function runOnQueue(
  options: RunOptions,
  address: QueueAddress,
  terminal: Terminal,
): Promise<Finished> {
  const { experiment, place, set } = options;
  const program = programHash();
  const file = place.own === undefined ? '' : ` --file ${quotedWord(place.own.path)}`;
  const needed = `velum worker --queue ${address.shown}${file}`;
  return askingWorkers(terminal, address, experimentQueue(place, program), needed, (asking) => {
    const isPublished = place.own === undefined && !isChanged(set);
    const how = { program, isPublished, signal: asking.signal, onPresent: asking.onPresent };
    return runExperiment({ ...options, elsewhere: onQueue(asking.connection, { experiment, place }, how) });
  });
}
