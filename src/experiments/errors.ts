import { code, errorsOf } from '../base/errors.ts';

/** What goes wrong with an experiment. */
export const ExperimentError = errorsOf({
  EXPERIMENT_UNKNOWN: code('No experiment has that name.'),
  EXPERIMENT_SET: code<{ readonly id: string }>('The grid of an experiment cannot be changed like this.'),
  EXPERIMENT_FILE: code<{ readonly path: string; readonly problems: readonly object[] }>(
    'A file holds no experiment, or no adversary, that can run.',
  ),
  EXPERIMENT_MERGE: code<{ readonly id: string }>('Parts of a run do not make a whole one.'),
  EXPERIMENT_JOB: code<{ readonly id: string }>(
    'A job failed that is no published one: of an experiment of one’s own, or of a changed grid.',
  ),
  EXPERIMENT_FAILED: code<{ readonly id: string }>('A job of an experiment failed: a bug.'),
});
