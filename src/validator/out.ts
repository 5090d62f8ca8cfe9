import type { Height, ValidatorIndex } from '../params/ids.ts';
import { type FaultCode, type FaultEvidence, type PeerFault, peerFault } from './faults.ts';
import { encodeMessage, type Message, roundOf } from './messages.ts';
import type { Effect, Output, ProofQuestion } from './types.ts';

/** Where a frame goes; 'all' includes the sender itself. */
export type Destination = ValidatorIndex | 'all';

export interface Sending {
  readonly to: Destination;
  /** The height whose round it belongs to: nobody needs it any more once that height is certified. */
  readonly at: Height | undefined;
  readonly bytes: Uint8Array;
}

/** What one input led to. The owner makes the input durable BEFORE any of this leaves. */
export interface ValidatorStep {
  readonly sends: readonly Sending[];
  readonly effects: readonly Effect[];
  readonly outputs: readonly Output[];
  readonly faults: readonly PeerFault[];
}

/** The step of who says nothing. */
export const SILENCE: ValidatorStep = { sends: [], effects: [], outputs: [], faults: [] };

/** The step being built while an input is handled; every part of the machine appends to it. */
export class Out {
  readonly frames: Sending[] = [];
  readonly effects: Effect[] = [];
  readonly outputs: Output[] = [];
  readonly faults: PeerFault[] = [];

  send(to: Destination, message: Message): void {
    this.frames.push({ to, at: roundOf(message), bytes: encodeMessage(message) });
  }

  verify(request: ProofQuestion): void {
    this.effects.push({ type: 'verify', requests: [request] });
  }

  /** What the step asks for: all that it has verified as one list, before everything else. */
  asked(): readonly Effect[] {
    const requests = this.effects.flatMap((effect) => (effect.type === 'verify' ? effect.requests : []));
    if (requests.length === 0) return this.effects;
    return [{ type: 'verify', requests }, ...this.effects.filter(({ type }) => type !== 'verify')];
  }

  fault<K extends FaultCode>(by: ValidatorIndex, fault: K, evidence: FaultEvidence[K]): void {
    this.faults.push(peerFault(by, fault, evidence));
  }
}
