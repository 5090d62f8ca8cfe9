import type { Height, ValidatorIndex } from '../params/ids.ts';
import { encodeMessage, heightOf, type Message } from './messages.ts';
import type { Effect, LogRecord, Output, PeerFault } from './types.ts';

/** Where a frame goes; 'all' includes the sender itself. */
export type Destination = ValidatorIndex | 'all';

export interface Sending {
  readonly to: Destination;
  readonly bytes: Uint8Array;
}

/** A frame with the height it is about. */
export interface Frame extends Sending {
  readonly at: Height | undefined;
}

/** What one input led to. The owner makes `logs` durable BEFORE it performs `sends`. */
export interface ValidatorStep {
  readonly logs: readonly LogRecord[];
  readonly sends: readonly Sending[];
  readonly effects: readonly Effect[];
  readonly outputs: readonly Output[];
  readonly faults: readonly PeerFault[];
}

/** The step being built while an input is handled; every part of the machine appends to it. */
export class Out {
  readonly logs: LogRecord[] = [];
  readonly frames: Frame[] = [];
  readonly effects: Effect[] = [];
  readonly outputs: Output[] = [];
  readonly faults: PeerFault[] = [];

  send(to: Destination, message: Message): void {
    this.frames.push({ to, at: heightOf(message), bytes: encodeMessage(message) });
  }

  fault(
    by: ValidatorIndex | undefined,
    fault: string,
    evidence: Readonly<Record<string, unknown>> = {},
  ): void {
    this.faults.push({ by, fault, evidence });
  }
}
