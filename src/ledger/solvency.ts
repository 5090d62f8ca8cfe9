import { deleverage } from '../market/deleverage.ts';
import { type AccountAmount, addCash, coverDeficits } from '../market/insurance.ts';
import {
  isBelowMaintenance,
  type LiquidationOrder,
  liquidationOrders,
  liquidationOutcome,
} from '../market/liquidation.ts';
import { equity } from '../market/margin.ts';
import type { Prices } from '../market/marks.ts';
import { min } from '../market/rounding.ts';
import type { AccountId } from '../params/ids.ts';
import { bookFill, gainOf, type HeightLedger } from './height-ledger.ts';
import { type LiquidationFill, type MarketEvents, NO_COVER } from './receipts.ts';
import type { SettlementState } from './settlement-state.ts';

/** Accounts below maintenance and what their positions put into this height's auctions. */
export interface MarginCheck {
  readonly below: ReadonlySet<AccountId>;
  readonly orders: readonly LiquidationOrder[];
}

export const NOTHING_BELOW: MarginCheck = { below: new Set(), orders: [] };

/** Step 4. Margin check of every account; those below maintenance are offered in the auctions of this height. */
export function checkMargins(prices: Prices, ledger: HeightLedger): MarginCheck {
  const below = [...ledger.accounts].filter(([, account]) => isBelowMaintenance(prices, account));
  return {
    below: new Set(below.map(([id]) => id)),
    orders: liquidationOrders(prices, below, ledger.insurance),
  };
}

/** Step 8 for a liquidation order: the fill, then penalty or insurance. @returns nothing if it got no lots */
export function bookLiquidation(
  { params }: Prices,
  ledger: HeightLedger,
  order: LiquidationOrder,
  lots: bigint,
  price: bigint,
): LiquidationFill[] {
  if (lots === 0n) return [];
  const { account: id, instrument, side } = order;
  const fee = bookFill(ledger, id, { instrument, side, lots, price }, params.feePpm);
  const { liquidation } = params;
  const { penalty, insured } = liquidationOutcome(liquidation, order, { lots, price, fee }, ledger.insurance);
  ledger.accounts.set(id, addCash(ledger.accounts.get(id)!, insured - penalty));
  ledger.insurance += penalty - insured;
  return [{ account: id, instrument, side, lots, price, fee, penalty, insured }];
}

/**
 * Step 9. Auto-deleverage of accounts with E < 0 (largest deficit first), then of those that have been below maintenance
 * for k heights; then what accounts without positions owe is made good. Afterwards no account has E < 0.
 * @returns what happened, and for how many heights in a row each account has now been below maintenance
 */
export function restoreSolvency(
  prices: Prices,
  before: SettlementState,
  ledger: HeightLedger,
  { below }: MarginCheck,
): Pick<MarketEvents, 'deleverages' | 'cover'> & { distress: ReadonlyMap<AccountId, number> } {
  const { params, marks } = prices;
  const heightsOf = (id: AccountId): number => (before.distress.get(id) ?? 0) + 1;
  const isDue = (id: AccountId): boolean => {
    const account = ledger.accounts.get(id)!;
    if (account.positions.size === 0) return false;
    if (equity(account, marks) < 0n) return true;
    return heightsOf(id) >= params.liquidation.patienceHeights && isBelowMaintenance(prices, account);
  };
  const ranked = [...below]
    .filter(isDue)
    .map((id) => ({ id, equity: min(0n, equity(ledger.accounts.get(id)!, marks)) }))
    .sort((a, b) => (a.equity < b.equity ? -1 : a.equity > b.equity ? 1 : a.id < b.id ? -1 : 1));
  const { accounts, matches } = deleverage(
    prices,
    ledger.accounts,
    ranked.map(({ id }) => id),
  );
  for (const [id, account] of accounts) ledger.accounts.set(id, account);

  const cover = coverAll(prices, before, ledger);
  const distress = new Map<AccountId, number>();
  for (const id of below) {
    if (isBelowMaintenance(prices, ledger.accounts.get(id)!)) distress.set(id, heightsOf(id));
  }
  return { deleverages: matches, cover, distress };
}

/** What accounts without positions owe, and what each account gained in this height beyond what was paid in. A gain is there to be taken. */
function coverAll({ marks }: Prices, before: SettlementState, ledger: HeightLedger): MarketEvents['cover'] {
  const owing: AccountAmount[] = [];
  for (const [account, { cash, positions }] of ledger.accounts) {
    if (positions.size === 0 && cash < 0n) owing.push({ account, amount: -cash });
  }
  if (owing.length === 0) return NO_COVER;

  const gains: AccountAmount[] = [];
  for (const id of ledger.accounts.keys()) {
    const gain = gainOf(before, ledger, marks, id);
    if (gain > 0n) gains.push({ account: id, amount: gain });
  }
  const cover = coverDeficits(owing, gains, ledger.insurance, ledger.tradingFees);
  const add = (id: AccountId, amount: bigint): void => {
    ledger.accounts.set(id, addCash(ledger.accounts.get(id)!, amount));
  };
  for (const { account, amount } of cover.deficits) add(account, amount);
  for (const { account, amount } of cover.haircuts) add(account, -amount);
  ledger.insurance += cover.leftOver - cover.fromInsurance;
  ledger.fees -= cover.fromFees;
  return cover;
}
