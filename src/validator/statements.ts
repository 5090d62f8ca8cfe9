import { batchSignals, contextOf, type Item, itemIdOf } from '../ledger/items.ts';
import type { SettlementState } from '../ledger/settlement-state.ts';
import { tableAt } from '../ledger/settlement-state.ts';
import type { ItemId } from '../params/ids.ts';
import type { EpochContext } from './context.ts';

/** The context signal of a batch in this chain and market. */
export function itemContext({ domain, genesis }: EpochContext, item: Item): bigint {
  const { fromHeight, toHeight, tableHeight } = item;
  return contextOf({
    genesisHash: domain.genesisHash,
    market: genesis.market.name,
    fromHeight,
    toHeight,
    tableHeight,
  });
}

/**
 * What a batch's proof must be valid for, and its id.
 * @returns undefined if the reserve table of its height is not known (any more)
 */
export function itemStatement(
  context: EpochContext,
  settlement: SettlementState,
  item: Item,
): { readonly id: ItemId; readonly signals: readonly bigint[] } | undefined {
  const table = tableAt(settlement, item.tableHeight);
  if (table === undefined) return undefined;
  const signals = batchSignals(item, { context: itemContext(context, item), Y8: context.Y8, table });
  return { id: itemIdOf(signals), signals };
}
