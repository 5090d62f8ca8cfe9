import { code, errorsOf } from '../base/errors.ts';

/** What a simulated committee did that no committee may do. */
export const CommitteeError = errorsOf({
  COMMITTEE_FAILED: code<{ readonly seed: number }>(
    'A simulated committee stalls, disagrees or blames a correct validator.',
  ),
});
