import { equity } from '../market/account.ts';
import { closeAtMarks, deleverage } from '../market/deleverage.ts';
import { type AccountAmount, addCash, coverDeficits } from '../market/insurance.ts';
import {
  bankruptcyOrders,
  type LiquidationOrder,
  liquidationOutcome,
  liquidationPlan,
} from '../market/liquidation.ts';
import { isBelowMaintenance } from '../market/margin.ts';
import type { Clamped } from '../market/oracle.ts';
import type { Prices } from '../market/prices.ts';
import type { AccountId } from '../params/ids.ts';
import { bookFill, gainOf, type HeightLedger } from './height-ledger.ts';
import { isClampedFor } from './market-opening.ts';
import { type LiquidationFill, type MarketEvents, NO_COVER } from './receipts.ts';
import type { SettlementState } from './settlement-state.ts';

/** Accounts below maintenance, ascending, and what their positions put into this height's auctions. */
export interface MarginCheck {
  readonly below: ReadonlySet<AccountId>;
  readonly orders: readonly LiquidationOrder[];
}

export const NOTHING_BELOW: MarginCheck = { below: new Set(), orders: [] };

/** Step 4. Margin check of every account; those below maintenance are offered in the auctions of this height. */
export function checkMargins(
  prices: Prices,
  ledger: HeightLedger,
  distress: SettlementState['distress'],
): MarginCheck {
  const below = [...ledger.accounts]
    .filter(([, account]) => isBelowMaintenance(prices, account))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const isBankrupt = (id: AccountId): boolean => equity(ledger.accounts.get(id)!, prices.marks) < 0n;
  const solvent = below
    .filter(([id]) => !isBankrupt(id))
    .flatMap(([id, account]) => liquidationPlan(prices, id, account, distress.get(id) ?? 0));
  const bankrupt = bankruptcyOrders(
    prices,
    below.filter(([id]) => isBankrupt(id)),
    ledger.insurance,
  );
  return { below: new Set(below.map(([id]) => id)), orders: [...solvent, ...bankrupt] };
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
 * Step 9. Accounts with E < 0, largest deficit first: insurance, then auto-deleverage. Then solvent accounts that nobody took over in
 * `patienceHeights` counted heights are closed at the marks; then what accounts without positions owe is made good. Afterwards no
 * account has E < 0.
 * @returns what happened, and for how many counted heights in a row each account has now been below maintenance
 */
export function restoreSolvency(
  prices: Prices,
  before: SettlementState,
  ledger: HeightLedger,
  { below }: MarginCheck,
  clamped: Clamped,
): Pick<MarketEvents, 'insured' | 'deleverages' | 'cover'> & { distress: ReadonlyMap<AccountId, number> } {
  const { params, marks } = prices;
  const { patienceHeights } = params.liquidation;
  const heightsOf = (id: AccountId): number =>
    (before.distress.get(id) ?? 0) + (isClampedFor(clamped, ledger.accounts.get(id)!) ? 0 : 1);
  const bankrupt = [...below]
    .map((id) => ({ id, equity: equity(ledger.accounts.get(id)!, marks) }))
    .filter(({ id, equity: E }) => E < 0n && ledger.accounts.get(id)!.positions.size > 0)
    .sort((a, b) => (a.equity < b.equity ? -1 : a.equity > b.equity ? 1 : a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
  const { accounts, matches, insured, insurance } = deleverage(
    prices,
    ledger.accounts,
    bankrupt,
    ledger.insurance,
  );
  const deleverages = [...matches];
  const heights = new Map([...below].map((id) => [id, heightsOf(id)] as const));
  for (const [id, counted] of heights) {
    if (counted < patienceHeights || accounts.get(id)!.positions.size === 0) continue;
    if (isBelowMaintenance(prices, accounts.get(id)!))
      deleverages.push(...closeAtMarks(prices, accounts, id));
  }
  for (const [id, account] of accounts) ledger.accounts.set(id, account);
  ledger.insurance = insurance;

  const cover = coverAll(prices, before, ledger);
  const distress = new Map<AccountId, number>();
  for (const [id, counted] of heights) {
    if (counted > 0 && isBelowMaintenance(prices, ledger.accounts.get(id)!)) distress.set(id, counted);
  }
  return { insured, deleverages, cover, distress };
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
