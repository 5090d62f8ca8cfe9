import { checkExperiment, type ExperimentProblem } from './check-experiment.ts';
import type { Experiment } from './define.ts';
import { ExperimentError } from './errors.ts';
import { fileRefusal, loadOwnModule, type OwnFile } from './own-module.ts';
import { EXPERIMENTS, experimentOf } from './registry.ts';

/** Where a process finds an experiment: by its id in the package, or in a file that has to be the same one. */
export interface ExperimentPlace {
  readonly id: string;
  readonly own?: { readonly path: string; readonly file: OwnFile };
}

/** An experiment and where other processes find it. */
export interface FoundExperiment {
  readonly experiment: Experiment;
  readonly place: ExperimentPlace;
}

export const packaged = (experiment: Experiment): FoundExperiment => ({
  experiment,
  place: { id: experiment.id },
});

/**
 * Loads an experiment of one's own and checks its shape.
 * @param path absolute
 * @throws {ExperimentError} EXPERIMENT_FILE with all that is wrong with it
 */
export async function loadOwnExperiment(path: string): Promise<FoundExperiment> {
  const { file, exported } = await loadOwnModule(path);
  const problems = checkExperiment(
    exported,
    EXPERIMENTS.map(({ id }) => id),
  );
  if (problems.length > 0) throw notRunnable(path, problems);
  const experiment = exported as Experiment;
  return { experiment, place: { id: experiment.id, own: { path, file } } };
}

/** @throws {ExperimentError} EXPERIMENT_UNKNOWN; EXPERIMENT_FILE if the file is another one by now */
export async function experimentAt({ id, own }: ExperimentPlace): Promise<Experiment> {
  if (own === undefined) return experimentOf(id);
  const { experiment, place } = await loadOwnExperiment(own.path);
  if (JSON.stringify(place.own!.file) !== JSON.stringify(own.file))
    throw fileRefusal(own.path, 'it was changed while it ran; start again');
  return experiment;
}

export function notRunnable(path: string, problems: readonly ExperimentProblem[]): Error {
  const lines = problems.map(({ field, message }) => `  ${field}: ${message}`);
  return new ExperimentError(
    'EXPERIMENT_FILE',
    `${path} is no experiment that can run:\n${lines.join('\n')}`,
    { path, problems },
  );
}
