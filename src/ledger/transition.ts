import { assert } from '../base/errors.ts';
import { bandsOf } from '../market/band.ts';
import { computeReferences } from '../market/marks.ts';
import { openInterest } from '../market/open-interest.ts';
import { INDEX_FEED, type MarketParams } from '../market/params.ts';
import { pricesOf } from '../market/prices.ts';
import { openTable } from '../market/reserve.ts';
import { premiumSamples, rememberClears } from '../market/state.ts';
import type { AccountId, Height, ItemId } from '../params/ids.ts';
import type { BatchContent } from './batch-words.ts';
import { clear } from './clearing.ts';
import { admit, type Entrant, enter } from './entering.ts';
import { accountIn, type HeightLedger, openLedger, payIn } from './height-ledger.ts';
import { isClampedFor, type OracleInput, openMarket } from './market-opening.ts';
import type { RefusedItem } from './ordering-state.ts';
import { NO_COVER, type Receipts, receiptsRoot } from './receipts.ts';
import type { SettlementRefusalCode } from './refusals.ts';
import { accountIdOf, type SettlementState, stateRoot, withTable } from './settlement-state.ts';
import { checkMargins, NOTHING_BELOW, restoreSolvency } from './solvency.ts';
import {
  type NamedAction,
  type NamedDeposit,
  takeAction,
  takeDeposit,
  withdrawalPrices,
} from './transfers.ts';
import { auditTurnstile, type Turnstile } from './turnstile.ts';

/** An accepted batch after its decryption. */
export interface OpenedBatch {
  readonly kind: 'batch';
  readonly id: ItemId;
  /** Units, from its public signals. */
  readonly fee: bigint;
  /** undefined: what the seal held is no batch. */
  readonly content: BatchContent | undefined;
}

/** An accepted item after the decryption of the height's batches. */
export type OpenedItem = OpenedBatch | NamedAction | NamedDeposit;

/** What a height brings to its settlement. */
export interface SettlementInput extends OracleInput {
  readonly height: Height;
  /** Of this height, 64 bytes: known only after the items were ordered. */
  readonly beacon: Uint8Array;
  /** Accepted items, distinct ids, any order. */
  readonly items: readonly OpenedItem[];
  /** Items that lost at the re-check, any order: they get their receipts here. */
  readonly refused: readonly RefusedItem[];
}

export interface Settlement extends Receipts {
  readonly state: SettlementState;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  /** Follows from the states and the receipts. */
  readonly turnstile: Turnstile;
}

/**
 * Settles a height: a pure function of its arguments, in this order:
 * 1 medians, clamps, marks, reference prices · 2 funding if due · 3 expiries · 4 margin check; liquidation orders go into the auctions of this same
 * height, whose sealed orders were fixed before anyone could know of them · 5 deposits, account actions, then batches, each in id order: turnstile ·
 * 6 entry checks, an account at a time, then open interest · 7 one auction an instrument · 8 fills and fees · 9 insurance, auto-deleverage, haircut ·
 * 10 audit of the turnstile, reserve tables, roots. In a halted market only 5 and 10 happen.
 * Whatever an item says, the answer is a receipt; the order in which items are handed in has no effect.
 * @throws ASSERTION if the height does not follow the state's, or ids or the number of medians are wrong: our bug
 */
export function settle(params: MarketParams, before: SettlementState, input: SettlementInput): Settlement {
  const { height, beacon } = input;
  assert(height === before.height + 1, 'heights settle one after the other');
  assert(input.medians.length === before.market.medians.length, 'there is a median for each oracle feed');

  const ledger = openLedger(before);
  ledger.receipts.push(...input.refused.map(({ id, code }) => ({ id, leg: undefined, code })));
  const opened = openMarket(params, before.market, input, ledger);
  const { isHalted, clamped, funding, expiries } = opened;
  const { marks, medians } = opened.market;
  const index = medians[INDEX_FEED]!;
  const prices = pricesOf(params, marks, index);
  const references = computeReferences(params, before.market, index, marks);
  const bands = bandsOf(prices, references);
  const check = isHalted ? NOTHING_BELOW : checkMargins(prices, ledger, before.distress);

  const items = byId(input.items);
  items.forEach(({ id }, i) => {
    assert(i === 0 || items[i - 1]!.id !== id, 'the items of a height have distinct ids');
  });
  for (const item of items) if (item.kind === 'deposit') takeDeposit(ledger, item);
  const leaving = withdrawalPrices(params, marks, index, before.market.openInterest);
  const barred = (id: AccountId): SettlementRefusalCode | undefined => {
    const account = accountIn(ledger, id);
    if (isHalted) return account.positions.size > 0 ? 'SETTLE_HALTED' : undefined;
    return isClampedFor(clamped, account) ? 'SETTLE_CLAMPED' : undefined;
  };
  for (const item of items)
    if (item.kind === 'action') takeAction(leaving, before, barred(accountIdOf(item.account)), ledger, item);
  const batches = items.filter((item) => item.kind === 'batch');
  const wishes = admit(opened, check, takeBatches(ledger, batches), ledger);
  const entrants = enter(prices, bands, before.market.openInterest, check, wishes, ledger);
  const cleared = clear(prices, { bands, references }, entrants, check.orders, beacon, ledger);
  const { auctions, fills, liquidations, residual } = cleared;
  const solvency = isHalted
    ? { insured: [], deleverages: [], cover: NO_COVER, distress: before.distress }
    : restoreSolvency(prices, before, ledger, check, clamped);

  const clears = auctions.map(({ price }) => price);
  const samples = isHalted ? opened.market.funding.samples : premiumSamples(params, index, residual, bands);
  const market = {
    ...opened.market,
    ...rememberClears(params, before.market, index, clears),
    openInterest: openInterest(params, ledger.accounts.values()),
    funding: { ...opened.market.funding, samples },
  };
  const { accounts, fees, insurance, pool, deposits, withdrawals, receipts, transfers } = ledger;
  const tables = withTable(before.tables, height, openTable(params, market));
  const { distress, ...events } = solvency;
  const state: SettlementState = {
    ...before,
    height,
    beacon,
    accounts,
    distress,
    market,
    fees,
    insurance,
    pool,
    deposits,
    withdrawals,
    tables,
  };
  const outcome = {
    height,
    receipts: byId(receipts),
    transfers: byId(transfers),
    auctions,
    fills: byId(fills),
    events: { isHalted, funding, expiries, offers: check.orders, liquidations, ...events },
  };
  const turnstile = auditTurnstile(
    before,
    state,
    outcome,
    batches.map(({ id, fee, content }) => ({ id, amount: fee + (content?.deposit ?? 0n) })),
  );
  return { ...outcome, state, stateRoot: stateRoot(state), receiptsRoot: receiptsRoot(outcome), turnstile };
}

/** Ascending ids; within one item, the whole item first and then its legs. */
function byId<T extends { readonly id: ItemId; readonly leg?: number | undefined }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : (a.leg ?? -1) - (b.leg ?? -1)));
}

/**
 * Step 5, batches. Turnstile: what leaves the notes must be in the pool, whatever a forged proof may have claimed.
 * @param batches in id order
 * @returns the orders of the batches that count, in id order, then by leg
 */
function takeBatches(ledger: HeightLedger, batches: readonly OpenedBatch[]): Entrant[] {
  const entrants: Entrant[] = [];
  for (const { id, fee, content } of batches) {
    if (content === undefined) {
      ledger.receipts.push({ id, leg: undefined, code: 'SETTLE_UNREADABLE' });
      continue;
    }
    if (content.deposit + fee > ledger.pool) {
      ledger.receipts.push({ id, leg: undefined, code: 'SETTLE_POOL_EXCEEDED' });
      continue;
    }
    ledger.pool -= content.deposit + fee;
    ledger.fees += fee;
    const name = accountIdOf(content.account);
    payIn(ledger, name, content.deposit);
    content.orders.forEach((order, leg) => {
      if (order !== undefined) entrants.push({ id, leg, account: name, order });
    });
  }
  return entrants;
}
