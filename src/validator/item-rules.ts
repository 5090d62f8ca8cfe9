import { claimOf } from '../ledger/claims.ts';
import { isSignedDeposit } from '../ledger/deposits.ts';
import type { Item } from '../ledger/items.ts';
import type { RefusalCode } from '../ledger/refusals.ts';
import { isAffordable } from '../ledger/transfers.ts';
import { height } from '../params/ids.ts';
import type { Carried } from './carried.ts';
import type { EpochContext } from './context.ts';
import type { ItemRules } from './mempool.ts';

/** What the states that one carries say of an item before it is ordered. */
export const itemRules = ({ chain, domain, items }: EpochContext, carried: Carried): ItemRules => ({
  claim: (item) => claimOf(items, carried.settlement.tables, item),
  check: (item) =>
    carried.ordering.check(item, height(carried.ordering.height + 1)) ??
    unaffordable(chain.market, carried, item),
  isSigned: (item) => isSignedDeposit(chain.bridgeKey, domain.chainHash, item),
  beacon: () => carried.settlement.beacon,
});

/**
 * A rule of admission alone: without it actions that can only fail, of accounts that nobody ever paid into, would cost their
 * sender nothing and fill blocks and state. f + 1 endorsed what is ordered, so a correct validator found it affordable.
 */
function unaffordable(
  market: EpochContext['chain']['market'],
  { settlement }: Carried,
  item: Item,
): RefusalCode | undefined {
  if (item.kind !== 'action' || isAffordable(market, settlement, item)) return undefined;
  return 'ITEM_AMOUNT_EXCEEDED';
}
