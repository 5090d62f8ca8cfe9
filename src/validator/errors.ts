import { code, errorsOf } from '../base/errors.ts';

/** What a validator refuses from its owner; what a peer sends is a fault instead. */
export const ValidatorError = errorsOf({
  VALIDATOR_INPUT: code('A validator got an input that its owner must not pass.'),
});
