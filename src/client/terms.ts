import { tableHeightsAt } from '../ledger/ordering-state.ts';
import type { Replica } from '../ledger/replica.ts';
import { tableAt } from '../ledger/settlement-state.ts';
import { type AccountId, type Height, height } from '../params/ids.ts';
import type { ActionTerms, BatchTerms } from './wallet.ts';

/** Heights that a batch or an action may still be ordered at after the one it was made for. */
const PATIENCE = 3;
/** The longest patience that no reserve table gets too old for. */
export const LONG_PATIENCE = 6;

/**
 * The terms of a batch for one height, as the chain stands before it: the market's fee and the newest reserve table that
 * every height of its window accepts.
 * @param chain follows the chain up to the height before; serves the paths of notes as well
 */
export function batchTerms(chain: Replica, at: Height, patience = PATIENCE): BatchTerms {
  const tableHeight = tableHeightsAt(at).last;
  return {
    ...chain.items,
    fromHeight: at,
    toHeight: height(at + patience),
    tableHeight,
    table: tableAt(chain.settlement, tableHeight)!,
    fee: chain.chain.market.batchFee,
    notes: chain,
  };
}

/** The terms of an action of one account for one height, as the chain stands before it. */
export const actionTerms = (
  chain: Replica,
  account: AccountId,
  at: Height,
  patience = PATIENCE,
): ActionTerms => ({
  chainHash: chain.items.chainHash,
  sequence: chain.settlement.accounts.get(account)?.sequence ?? 0n,
  lastHeight: height(at + patience),
});
