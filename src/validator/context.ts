import { utf8 } from '../base/bytes.ts';
import type { RandomBytes } from '../base/random.ts';
import { type BatchKernels, NOBLE } from '../crypto/batch-kernels.ts';
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
import type { ValidatorCrypto } from './validator-crypto.ts';

/** What every part of a validator knows for a whole epoch. */
export interface EpochContext {
  readonly chain: ChainGenesis;
  readonly epoch: EpochConfig;
  readonly self: ValidatorIndex;
  readonly secrets: ValidatorSecrets;
  readonly dissemination: Dissemination;
  readonly kernels: BatchKernels;
  /** Who counts calls; `cryptoOf` tells whom to call. */
  readonly crypto: ValidatorCrypto | undefined;
  readonly domain: EpochDomain;
  readonly quorum: Quorum;
  /** Seats of the committee: leaf i is validator i's identity commitment. */
  readonly committee: MerkleTree;
  /** What this chain adds to the words of its items. */
  readonly items: ItemDomain;
  /** Randomness derived from one's seed and what it is for: a use never sees the stream of another. */
  readonly derive: (use: string, data: Uint8Array) => RandomBytes;
  /** Stream of routes, and how many bytes of it were drawn. */
  readonly routes: RandomBytes;
  readonly routesDrawn: () => number;
}

/** Seats are the validators' identity commitments in their order; 0 is the empty leaf of one that lost its vote. */
export const committeeTree = (identityCommitments: readonly bigint[]): MerkleTree =>
  MerkleTree.from(COMMITTEE_TREE_DEPTH, identityCommitments, 'gaps');

/** @param routesDrawn bytes of the stream of routes that were drawn before a restart */
export function epochContext(config: ValidatorConfig, routesDrawn = 0): EpochContext {
  const { chain, epoch, self, secrets, dissemination, kernels = NOBLE, crypto } = config;
  const seedOf = (use: string, data: Uint8Array): Uint8Array =>
    hashBytes('nonce', secrets.seed, utf8(use.padEnd(16)), data);
  const routes = seededRandom(seedOf('routes', new Uint8Array()), routesDrawn);
  let drawn = routesDrawn;
  return {
    chain,
    epoch,
    self,
    secrets,
    dissemination,
    kernels,
    crypto,
    domain: epochDomain(chain, epoch),
    quorum: quorumOf(epoch.validators.length),
    committee: committeeTree(epoch.validators.map(({ identityCommitment }) => identityCommitment)),
    items: itemDomain(chain, epoch),
    derive: (use, data) => seededRandom(seedOf(use, data)),
    routes: (n) => {
      drawn += n;
      return routes(n);
    },
    routesDrawn: () => drawn,
  };
}
