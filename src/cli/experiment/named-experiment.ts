import { isAbsolute, resolve } from 'node:path';
import { assert } from '../../base/errors.ts';
import {
  type FoundExperiment,
  loadOwnExperiment,
  notRunnable,
  packaged,
} from '../../experiments/own-experiment.ts';
import { isModulePath, OWN_SOURCE_BYTES } from '../../experiments/own-module.ts';
import { experimentOf } from '../../experiments/registry.ts';
import { Workers } from '../../experiments/workers.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { WORKER_ENTRY } from './worker-entry.ts';

/**
 * The experiment that a command line names: one of the package, or a file. A file is first tried out in a process of its own, so that one
 * that never ends can be interrupted.
 * @throws {FileError} FILE_UNREADABLE
 * @throws {ExperimentError} EXPERIMENT_UNKNOWN, EXPERIMENT_FILE with all that is wrong with a file
 */
export async function namedExperiment(cwd: string, name: string): Promise<FoundExperiment> {
  if (!isModulePath(name)) return packaged(experimentOf(name));
  const path = isAbsolute(name) ? name : resolve(cwd, name);
  await readRegularFile(path, OWN_SOURCE_BYTES);
  const workers = new Workers(WORKER_ENTRY, false);
  try {
    const answer = await workers.ask({ type: 'check', path });
    assert(answer.type === 'checked', 'a trial is answered by what is wrong');
    if (answer.problems.length > 0) throw notRunnable(path, answer.problems);
  } finally {
    workers.close();
  }
  return loadOwnExperiment(path);
}
