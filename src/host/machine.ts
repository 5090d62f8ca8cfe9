import type { Height } from '../params/ids.ts';
import type { ValidatorStep } from '../validator/out.ts';
import type { Input } from '../validator/types.ts';

/** Anything that takes a validator's inputs and answers with its steps: a validator, or what plays a faulty one in a test. */
export interface Machine {
  /** The height in progress. */
  readonly height: Height;
  handle(input: Input): ValidatorStep;
}
