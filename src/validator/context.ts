import type { RandomBytes } from '../base/random.ts';
import { hashBytes } from '../crypto/hash.ts';
import { MerkleTree } from '../crypto/merkle.ts';
import { seededRandom } from '../crypto/random.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { type ItemDomain, itemDomain } from '../ledger/claims.ts';
import { type EpochConfig, type EpochDomain, epochDomain } from '../ledger/epoch-config.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { type Quorum, quorumOf } from '../params/quorum.ts';
import { COMMITTEE_TREE_DEPTH } from '../params/sizes.ts';
import type { Dissemination, ValidatorConfig, ValidatorSecrets } from './types.ts';

/** What every part of a validator knows for a whole epoch. */
export interface EpochContext {
  readonly chain: ChainGenesis;
  readonly epoch: EpochConfig;
  readonly self: ValidatorIndex;
  readonly secrets: ValidatorSecrets;
  readonly dissemination: Dissemination;
  readonly domain: EpochDomain;
  readonly quorum: Quorum;
  /** Seats of the committee: leaf i is validator i's identity commitment. */
  readonly committee: MerkleTree;
  /** What this chain adds to the words of its items. */
  readonly items: ItemDomain;
  /** Randomness derived from one's seed and what it is for: a use never sees the stream of another. */
  readonly derive: (use: string, data: Uint8Array) => RandomBytes;
  /** Stream of routes. */
  readonly routes: RandomBytes;
}

/** Seats are the validators' identity commitments in their order. */
export function committeeTree(identityCommitments: readonly bigint[]): MerkleTree {
  const tree = new MerkleTree(COMMITTEE_TREE_DEPTH);
  for (const commitment of identityCommitments) tree.append(commitment);
  return tree;
}

export function epochContext({ chain, epoch, self, secrets, dissemination }: ValidatorConfig): EpochContext {
  const derive = (use: string, data: Uint8Array): RandomBytes =>
    seededRandom(hashBytes('nonce', secrets.seed, new TextEncoder().encode(use.padEnd(16)), data));
  return {
    chain,
    epoch,
    self,
    secrets,
    dissemination,
    domain: epochDomain(chain, epoch),
    quorum: quorumOf(epoch.validators.length),
    committee: committeeTree(epoch.validators.map(({ identityCommitment }) => identityCommitment)),
    items: itemDomain(chain, epoch),
    derive,
    routes: derive('routes', new Uint8Array()),
  };
}
