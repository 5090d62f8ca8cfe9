import type { BatchKernels } from '../crypto/batch-kernels.ts';
import type { Machine } from '../host/machine.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import type { RegisteredGenesis } from '../ledger/rotation/registered-genesis.ts';
import type { ValidatorKeys } from '../ledger/validator-keys.ts';
import type { Address } from '../net/transport.ts';
import type { Dissemination, ValidatorConfig } from '../validator/types.ts';
import type { Validator } from '../validator/validator.ts';
import type { NodeLog } from './node-log.ts';
import type { OracleFeed } from './oracle-feed.ts';
import type { ShownKeys } from './shown-files.ts';

/** Puts a machine in a validator's place, to try out how the others bear it. */
export type PlayedBy = (validator: Validator, config: ValidatorConfig) => Machine;

/** What a member of a chain's registry needs as a process. */
export interface MemberNodeOptions {
  readonly chain: ChainGenesis;
  /** The first epoch; or the genesis whose members generate its keys. */
  readonly first: EpochConfig | RegisteredGenesis;
  /** Its index in the registry. */
  readonly member: number;
  /** Ed25519 seed of its permanent key, 32 bytes; without it the member does not register for later epochs, and asks nobody. */
  readonly rootSecret: Uint8Array | undefined;
  /** The member's folder: its secrets, its stores, the borders. */
  readonly dir: string;
  readonly listen: Address;
  /** Where others reach it, "host:port". */
  readonly address: string;
  /** Where a validator is reached. */
  readonly addressOf: (seat: ValidatorKeys) => Address;
  readonly feed: OracleFeed;
  readonly dissemination: Dissemination;
  readonly kernels: BatchKernels;
  readonly delayMs: number;
  /** What plays the validator in office: itself unless it is said otherwise. */
  readonly playedBy?: PlayedBy | undefined;
  /** So many epochs before the one in office whose stores are kept, 1 or more; all of them if it is undefined. */
  readonly keepEpochs: number | undefined;
  readonly log: NodeLog;
  /** Makes durable what everybody may know of the first keys, before one's own are kept. */
  readonly onFirstKeys: (keys: ShownKeys) => void;
}
