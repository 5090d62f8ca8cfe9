import { code, errorsOf } from '../base/errors.ts';

/** What cannot be simulated. */
export const SimError = errorsOf({
  SIM_ADVERSARY: code('An adversary throws in the middle of a simulation.'),
  SIM_LATENCIES: code<{ readonly problems: readonly string[] }>('A file of latencies is not valid.'),
  SIM_SCENARIO: code('A scenario asks for what its protocol cannot do.'),
});
