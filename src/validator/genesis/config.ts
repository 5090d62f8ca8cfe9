import { bigintToBytes } from '../../base/bytes.ts';
import type { BatchKernels } from '../../crypto/batch-kernels.ts';
import type { DealingSession } from '../../crypto/dealing/session.ts';
import { hashBytes } from '../../crypto/hash.ts';
import type { ChainGenesis } from '../../ledger/chain-genesis.ts';
import { domainBytes, type EpochConfig, type EpochDomain } from '../../ledger/epoch-config.ts';
import type { EpochDraft } from '../../ledger/rotation/draft.ts';
import { height, type ValidatorIndex } from '../../params/ids.ts';
import { u32 } from '../ballot.ts';
import type { ValidatorSecrets } from '../types.ts';

/** What is said before there is a first height belongs to this one. */
export const GENESIS_HEIGHT = height(0);

/** A member's secrets before its threshold shares exist. Never logged, never sent. */
export interface MemberSecrets extends Pick<ValidatorSecrets, 'blsSecret' | 'signSecret' | 'seed'> {
  /** sk of its encryption key in Z_l, for this session only: it is erased when the shares are kept elsewhere. */
  readonly encryptionSecret: bigint;
}

/** One member of the committee that generates the keys of a chain's first epoch. */
export interface GenesisConfig {
  readonly chain: ChainGenesis;
  /** Of epoch 1, its seats those of the members: what they registered was found valid. */
  readonly draft: EpochDraft;
  /** The draft's session (`sessionOf`), which no epoch came before. */
  readonly session: DealingSession;
  /** How long the epoch lasts. */
  readonly times: Pick<EpochConfig, 'epochHeights' | 'dealingHeights'>;
  readonly self: ValidatorIndex;
  readonly secrets: MemberSecrets;
  /** Who does the arithmetic of points; `NOBLE` if nothing is said. No message depends on it. */
  readonly kernels?: BatchKernels;
}

/**
 * The coin of an agreement on one dealing: a bit of SHA-256(tag ‖ session ‖ instance ‖ round) that everybody knows before the agreement
 * begins. It is common, so the agreement is safe. Whoever orders the deliveries knows it too and can keep the estimates apart for
 * as long as it orders them to that end: a generation ends once deliveries no longer depend on the coin.
 */
export const genesisCoin = ({ id }: DealingSession, instance: ValidatorIndex, round: number): 0 | 1 =>
  (hashBytes('genesisCoin', bigintToBytes(id, 32), u32(instance), u32(round))[31]! & 1) as 0 | 1;

/** What the members sign of the epoch that they came to: its domain names the chain and every key. 32 bytes. */
export const epochAgreement = (domain: EpochDomain): Uint8Array =>
  hashBytes('epochAgreement', domainBytes(domain));
