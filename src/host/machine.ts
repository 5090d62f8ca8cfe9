import type { Height } from '../params/ids.ts';
import type { ValidatorStep } from '../validator/out.ts';
import type { Input, ValidatorConfig } from '../validator/types.ts';
import { Validator } from '../validator/validator.ts';

/** Anything that takes a validator's inputs and answers with its steps: a validator, or what plays a faulty one in a test. */
export interface Machine {
  /** The height in progress. */
  readonly height: Height;
  handle(input: Input): ValidatorStep;
  /** Everything that its next step depends on but its configuration, between two inputs. No secret. */
  snapshot(): Uint8Array;
}

/** Makes a machine, at genesis or from a snapshot of its own. */
export type MachineOf = (config: ValidatorConfig, snapshot: Uint8Array | undefined) => Machine;

export const validatorOf: MachineOf = (config, snapshot) =>
  snapshot === undefined ? new Validator(config) : Validator.restore(config, snapshot);
