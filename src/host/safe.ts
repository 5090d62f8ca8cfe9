import type { RegistrantSecrets } from '../ledger/rotation/make-registration.ts';
import type { ValidatorSecrets } from '../validator/types.ts';
import type { Store } from './store.ts';

/** What a member of the registry keeps secret for one epoch: what it registered with, and later its keys as a validator. */
export interface EpochSecrets {
  readonly registrant: RegistrantSecrets;
  readonly keys: ValidatorSecrets;
}

/**
 * Where a member of the registry keeps what a crash must not take, over all epochs: its secrets, and a store for each epoch in which it
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
