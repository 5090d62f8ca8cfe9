import { bigintToBytes } from '../base/bytes.ts';
import { chainHash } from '../ledger/chain-genesis.ts';
import { epochDomain } from '../ledger/epoch-config.ts';
import type { Height, ValidatorIndex } from '../params/ids.ts';
import type { GenesisConfig } from '../validator/genesis/config.ts';
import { KeyGeneration } from '../validator/genesis/key-generation.ts';
import type { ValidatorStep } from '../validator/out.ts';
import type { Dissemination, Input, ValidatorConfig } from '../validator/types.ts';
import { Validator } from '../validator/validator.ts';

/** Anything that takes a validator's inputs and answers with its steps: a validator, or what plays a faulty one in a test. */
export interface Machine {
  /** The height in progress. */
  readonly height: Height;
  handle(input: Input): ValidatorStep;
  /** Everything that its next step depends on but its configuration, between two inputs. No secret. */
  snapshot(): Uint8Array;
}

/** Whose machine a host runs: a validator with its keys, or a member of a committee that generates them. */
export type HostConfig = ValidatorConfig | GenesisConfig;

/** Makes a machine, at genesis or from a snapshot of its own. */
export type MachineOf<C extends HostConfig = ValidatorConfig> = (
  config: C,
  snapshot: Uint8Array | undefined,
) => Machine;

export const validatorOf = (config: ValidatorConfig, snapshot: Uint8Array | undefined): Validator =>
  snapshot === undefined ? new Validator(config) : Validator.restore(config, snapshot);

export const generationOf: MachineOf<GenesisConfig> = (config, snapshot) =>
  snapshot === undefined ? new KeyGeneration(config) : KeyGeneration.restore(config, snapshot);

/** The machine that a configuration is of. */
export const machineFor: MachineOf<HostConfig> = (config, snapshot) =>
  'session' in config ? generationOf(config, snapshot) : validatorOf(config, snapshot);

/** Whose log a host keeps. */
export interface LogOwner {
  /** Validators. */
  readonly n: number;
  readonly self: ValidatorIndex;
  readonly dissemination: Dissemination;
  /** 32 bytes each: hash of the chain; of the epoch's configuration, or the session in which the keys of the first epoch are generated. */
  readonly chain: Uint8Array;
  readonly epoch: Uint8Array;
}

export function logOwnerOf(config: HostConfig): LogOwner {
  const { chain, self } = config;
  if ('session' in config) {
    const { id, n } = config.session;
    return { n, self, dissemination: 'direct', chain: chainHash(chain), epoch: bigintToBytes(id, 32) };
  }
  const { epoch, dissemination } = config;
  const domain = epochDomain(chain, epoch);
  return {
    n: epoch.validators.length,
    self,
    dissemination,
    chain: domain.chainHash,
    epoch: domain.epochHash,
  };
}
