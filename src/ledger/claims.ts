import type { Point } from '../crypto/babyjub.ts';
import type { ReserveTable } from '../market/reserve.ts';
import type { Height, ItemId } from '../params/ids.ts';
import { actionSignals } from './actions.ts';
import { depositIdOf } from './deposits.ts';
import { type BatchStatement, batchSignals, contextOf, itemIdOf, type Statement } from './items.ts';

/** What a chain adds to the words of its items. */
export interface ItemDomain {
  /** 32 bytes: the chain. */
  readonly genesisHash: Uint8Array;
  /** The market's name. */
  readonly market: string;
  /** 8·Y, what batches are sealed to. */
  readonly Y8: Point;
}

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
      const signals = actionSignals(domain.genesisHash, item);
      return { id: itemIdOf(signals), proved: { circuit: 'account', signals } };
    }
    case 'deposit':
      return { id: depositIdOf(domain.genesisHash, item), proved: undefined };
  }
}
