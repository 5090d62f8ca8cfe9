import { clearCofactor, type Point } from '../crypto/babyjub.ts';
import { encryptionKey } from '../crypto/threshold-key.ts';
import type { ReserveTable } from '../market/reserve.ts';
import type { Height, ItemId } from '../params/ids.ts';
import { actionSignals } from './actions.ts';
import { type ChainGenesis, chainHash } from './chain-genesis.ts';
import { depositIdOf } from './deposits.ts';
import type { EpochConfig } from './epoch-config.ts';
import { type BatchStatement, batchSignals, contextOf, itemIdOf, type Statement } from './items.ts';

/** What the chain and the key in use add to the words of an item. It does not name the epoch: items in flight outlive its end. */
export interface ItemDomain {
  /** 32 bytes: the chain. */
  readonly chainHash: Uint8Array;
  /** The market's name. */
  readonly market: string;
  /** 8·Y, what batches are sealed to. */
  readonly Y8: Point;
}

export const itemDomain = (chain: ChainGenesis, epoch: EpochConfig): ItemDomain => ({
  chainHash: chainHash(chain),
  market: chain.market.name,
  Y8: clearCofactor(encryptionKey(epoch.decryptionKey)),
});

/** What an item claims, under the id that names it. */
export interface Claim {
  readonly id: ItemId;
  /** What its proof must be valid for; undefined for a deposit, which the bridge signs instead. */
  readonly proved:
    | { readonly circuit: 'orders' | 'account'; readonly signals: readonly bigint[] }
    | undefined;
}

/** The context signal of a batch in this chain and market. */
export const batchContext = (domain: ItemDomain, batch: BatchStatement): bigint =>
  contextOf({ ...domain, ...batch });

/**
 * @param tables reserve tables by height, as far as they are known
 * @returns undefined for a batch whose reserve table is not known (any more)
 */
export function claimOf(
  domain: ItemDomain,
  tables: ReadonlyMap<Height, ReserveTable>,
  item: Statement,
): Claim | undefined {
  switch (item.kind) {
    case 'batch': {
      const table = tables.get(item.tableHeight);
      if (table === undefined) return undefined;
      const signals = batchSignals(item, { context: batchContext(domain, item), Y8: domain.Y8, table });
      return { id: itemIdOf(signals), proved: { circuit: 'orders', signals } };
    }
    case 'action': {
      const signals = actionSignals(domain.chainHash, item);
      return { id: itemIdOf(signals), proved: { circuit: 'account', signals } };
    }
    case 'deposit':
      return { id: depositIdOf(domain.chainHash, item), proved: undefined };
  }
}
