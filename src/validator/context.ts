import type { RandomBytes } from '../base/random.ts';
import { clearCofactor } from '../crypto/babyjub.ts';
import { hashBytes } from '../crypto/hash.ts';
import { MerkleTree } from '../crypto/merkle.ts';
import { seededRandom } from '../crypto/random.ts';
import { encryptionKey } from '../crypto/threshold-key.ts';
import type { ItemDomain } from '../ledger/claims.ts';
import { type Genesis, genesisHash } from '../ledger/genesis.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { type Quorum, quorumOf } from '../params/quorum.ts';
import { COMMITTEE_TREE_DEPTH } from '../params/sizes.ts';
import type { EpochDomain } from './ballot.ts';
import type { Dissemination, ValidatorConfig, ValidatorSecrets } from './types.ts';

/** What every part of a validator knows for a whole epoch. */
export interface EpochContext {
  readonly genesis: Genesis;
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

export function epochContext({ genesis, self, secrets, dissemination }: ValidatorConfig): EpochContext {
  const derive = (use: string, data: Uint8Array): RandomBytes =>
    seededRandom(hashBytes('nonce', secrets.seed, new TextEncoder().encode(use.padEnd(16)), data));
  const hash = genesisHash(genesis);
  return {
    genesis,
    self,
    secrets,
    dissemination,
    domain: { genesisHash: hash, epoch: genesis.epoch },
    quorum: quorumOf(genesis.validators.length),
    committee: committeeTree(genesis.validators.map(({ identityCommitment }) => identityCommitment)),
    items: {
      genesisHash: hash,
      market: genesis.market.name,
      Y8: clearCofactor(encryptionKey(genesis.decryptionKey)),
    },
    derive,
    routes: derive('routes', new Uint8Array()),
  };
}
