import { resolve } from 'node:path';
import type { FoundExperiment } from '../../experiments/own-experiment.ts';

/** The option that names files of experiments of one's own: what a folder of results says of its file is never run by itself. */
export const OWN_FILES = [
  '--file <path>',
  'the file of an experiment of your own that a run is of; again for another',
  (path: string, earlier: readonly string[] | undefined): readonly string[] => [...(earlier ?? []), path],
] as const;

/** @throws {ExperimentError} EXPERIMENT_FILE */
export async function ownExperiments(cwd: string, paths: readonly string[] = []): Promise<FoundExperiment[]> {
  if (paths.length === 0) return [];
  const { loadOwnExperiment } = await import('../../experiments/own-experiment.ts');
  return Promise.all(paths.map((path) => loadOwnExperiment(resolve(cwd, path))));
}
