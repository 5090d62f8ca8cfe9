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
  /** The payload is not wanted any more: forget it and take no further part. */
  close(): void;
  /** What it waits for; changes nothing. */
  status(): { readonly waitsFor: string };
}

/** Makes the broadcasts of a common subset. */
export type BroadcastFactory = (options: {
  readonly n: number;
  readonly self: ValidatorIndex;
  readonly proposer: ValidatorIndex;
}) => Broadcast;
