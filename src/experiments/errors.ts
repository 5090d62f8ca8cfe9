import { code, errorsOf } from '../base/errors.ts';

/** What goes wrong with an experiment. */
export const ExperimentError = errorsOf({
  EXPERIMENT_UNKNOWN: code('No experiment has that name.'),
  EXPERIMENT_FAILED: code<{ readonly id: string }>('A job of an experiment failed: a bug.'),
});
