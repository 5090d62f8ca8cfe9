import { code, errorsOf } from '../base/errors.ts';

/** What cannot be simulated. */
export const SimError = errorsOf({
  SIM_SCENARIO: code('A scenario asks for what its protocol cannot do.'),
});
