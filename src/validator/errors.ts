import { code, errorsOf } from '../base/errors.ts';

/** What a validator refuses from its owner; what a peer sends is a fault instead. */
export const ValidatorError = errorsOf({
  VALIDATOR_INPUT: code('A validator got an input that its owner must not pass.'),
  VALIDATOR_BORDER: code(
    'A validator was to begin an epoch from a state that is not the one before its first height.',
  ),
  VALIDATOR_SNAPSHOT_DAMAGED: code('The snapshot of a validator is damaged.'),
  VALIDATOR_SNAPSHOT_VERSION: code<{ readonly version: number; readonly reads: number }>(
    'The snapshot of a validator was written by another version of this program.',
  ),
  VALIDATOR_SNAPSHOT_OTHER: code('The snapshot is that of another validator, chain or epoch.'),
});
