import type { ValidatorIndex } from '../params/ids.ts';
import type { PeerFault } from '../validator/faults.ts';
import type { Output } from '../validator/types.ts';
import type { SingleEffect } from './effects.ts';
import type { NumberedSending } from './outbox.ts';

/** Inputs that become durable together, and what they led to. */
export interface Group {
  readonly records: Uint8Array[];
  readonly sends: NumberedSending[];
  readonly effects: SingleEffect[];
  readonly outputs: Output[];
  readonly faults: PeerFault[];
  /** Highest number taken from each peer that was heard. */
  readonly received: Map<ValidatorIndex, number>;
}

export const newGroup = (): Group => ({
  records: [],
  sends: [],
  effects: [],
  outputs: [],
  faults: [],
  received: new Map(),
});
