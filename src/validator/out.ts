import type { ValidatorIndex } from '../params/ids.ts';
import { encodeMessage, type Message } from './messages.ts';
import type { Effect, LogRecord, Output, PeerFault } from './types.ts';

/** Where a frame goes; 'all' includes the sender itself. */
export type Destination = ValidatorIndex | 'all';

/** What one input led to. The owner makes `logs` durable BEFORE it performs `sends`. */
export interface ValidatorStep {
  readonly logs: readonly LogRecord[];
  readonly sends: readonly { readonly to: Destination; readonly bytes: Uint8Array }[];
  readonly effects: readonly Effect[];
  readonly outputs: readonly Output[];
  readonly faults: readonly PeerFault[];
}

/** The step being built while an input is handled; every part of the machine appends to it. */
export class Out implements ValidatorStep {
  readonly logs: LogRecord[] = [];
  readonly sends: { to: Destination; bytes: Uint8Array }[] = [];
  readonly effects: Effect[] = [];
  readonly outputs: Output[] = [];
  readonly faults: PeerFault[] = [];

  send(to: Destination, message: Message): void {
    this.sends.push({ to, bytes: encodeMessage(message) });
  }

  fault(
    by: ValidatorIndex | undefined,
    fault: string,
    evidence: Readonly<Record<string, unknown>> = {},
  ): void {
    this.faults.push({ by, fault, evidence });
  }
}
