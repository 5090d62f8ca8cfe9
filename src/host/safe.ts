import type { RegistrantSecrets } from '../ledger/rotation/make-registration.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import type { Store } from './store.ts';

/** What a member of the registry keeps for one epoch. All but what it said is secret. */
export interface EpochSecrets {
  /** What it registers with for the epoch. */
  readonly registrant: RegistrantSecrets;
  /** Its registration for the epoch, an item: kept before it is sent. */
  readonly registration: Uint8Array;
  /** Its keys as a validator. */
  readonly keys: ValidatorSecrets;
  /** What it dealt in the epoch to the next one, an item: kept before it is sent, because a second dealing would be evidence against it. */
  readonly dealing: Uint8Array;
}

/**
 * Where a member of the registry keeps what a crash must not take, over all epochs: what it keeps of each, and a store for each epoch in which it
 * is a validator. Every call is durable when it returns, whole or not at all.
 */
export interface Safe {
  read<K extends keyof EpochSecrets>(kind: K, epoch: number): EpochSecrets[K] | undefined;
  put<K extends keyof EpochSecrets>(kind: K, epoch: number, secrets: EpochSecrets[K]): void;
  /** Overwrites and removes, so that nobody finds it there; where there is nothing it does nothing. */
  erase(kind: keyof EpochSecrets, epoch: number): void;
  /** The member's store for an epoch, made if there is none. */
  store(epoch: number): Store;
}
