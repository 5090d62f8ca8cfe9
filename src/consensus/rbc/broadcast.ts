import type { State } from '../../base/state-codec.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import type { Step } from '../step.ts';
import type { RbcMessage } from './messages.ts';

export type RbcOutput =
  | { readonly type: 'deliver'; readonly payload: Uint8Array }
  /** The proposer is faulty, and every correct validator finds so: there is no payload. Only AVID knows it. */
  | { readonly type: 'invalid' };
export type RbcStep = Step<RbcMessage, RbcOutput, never>;

/** One proposer's reliable broadcast at one validator: if a correct one delivers, all correct ones deliver the same. */
export interface Broadcast {
  /** Starts it; only the proposer, once. */
  propose(payload: Uint8Array): RbcStep;
  /** A peer's message of this broadcast; hostile. */
  handle(from: ValidatorIndex, message: RbcMessage): RbcStep;
  /** Asks again for what was asked for and not answered; from now on peers that ask again are answered again. */
  resend(): RbcStep;
  /** The payload is not wanted any more: forget it and take no further part. */
  close(): void;
  /** What it waits for; changes nothing. */
  status(): { readonly waitsFor: string };
  /** What it has come to, as plain data; may share memory with it: encode it before the next input. */
  state(): State;
}

/** One proposer's broadcast at one validator. */
export interface BroadcastOptions {
  readonly n: number;
  readonly self: ValidatorIndex;
  readonly proposer: ValidatorIndex;
}

/** Makes the broadcasts of a common subset; with a state, the one that goes on from there. */
export type BroadcastFactory = (options: BroadcastOptions, state?: State) => Broadcast;
