import { type BatchKernels, NOBLE } from '../crypto/batch-kernels.ts';
import type { ChainGenesis } from './chain-genesis.ts';
import { isSignedDeposit } from './deposits.ts';
import type { Item } from './items.ts';
import type { RefusalCode } from './refusals.ts';
import { checkRegistration } from './rotation/check-registration.ts';
import { checkDealingItem } from './rotation/dealing-item.ts';
import { checkEvidence } from './rotation/evidence-item.ts';
import { type Rotation, sessionInProgress } from './rotation/rotation.ts';

/** By whose keys items are signed. */
export interface SignedBy {
  readonly chain: Pick<ChainGenesis, 'registry' | 'bridgeKey'>;
  /** 32 bytes: the chain. */
  readonly chainHash: Uint8Array;
  readonly rotation: Rotation;
}

/**
 * What an item shows by itself, without a proof of a circuit: the bridge's signature of a deposit, a member's of its registration with the
 * possessions of its keys, a dealer's of its dealing with the degree of what is dealt, or of what convicts it. Batches and actions show nothing by themselves.
 * @returns the code of the first thing wrong, undefined if nothing is. Never throws.
 */
export function checkSigned(
  { chain, chainHash, rotation }: SignedBy,
  item: Item,
  kernels: BatchKernels = NOBLE,
): RefusalCode | undefined {
  switch (item.kind) {
    case 'batch':
    case 'action':
      return undefined;
    case 'deposit':
      return isSignedDeposit(chain.bridgeKey, chainHash, item) ? undefined : 'ITEM_SIGNATURE_INVALID';
    case 'registration':
      return checkRegistration(chain, chainHash, item);
    case 'dealing':
    case 'evidence': {
      const session = sessionInProgress(rotation);
      if (session?.id !== item.session) return 'ITEM_DEALING_SESSION';
      return item.kind === 'dealing'
        ? checkDealingItem(session, rotation.epoch, item, kernels)
        : checkEvidence(session, rotation.epoch, item, kernels);
    }
  }
}
