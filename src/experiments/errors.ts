import { code, errorsOf } from '../base/errors.ts';

/** What goes wrong with an experiment. */
export const ExperimentError = errorsOf({
  EXPERIMENT_UNKNOWN: code('No experiment has that name.'),
  EXPERIMENT_SET: code<{ readonly id: string }>('The grid of an experiment cannot be changed like this.'),
  EXPERIMENT_JOB: code<{ readonly id: string }>(
    'A job of an experiment failed at a point that the package has not published.',
  ),
  EXPERIMENT_FAILED: code<{ readonly id: string }>('A job of an experiment failed: a bug.'),
});
