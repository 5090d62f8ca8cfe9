import { toHex } from '../../base/bytes.ts';
import { openedContent } from '../../client/opened-content.ts';
import { type Block, headerHash, openableBatches } from '../../ledger/block.ts';
import type { CertifiedBlock } from '../../ledger/certified-block.ts';
import { type ClaimState, claimOf, type ItemDomain } from '../../ledger/claims.ts';
import type { Item } from '../../ledger/items.ts';
import { accountIdOf, type SettlementState } from '../../ledger/settlement-state.ts';
import type { Settlement } from '../../ledger/transition.ts';
import type { AuctionView, ItemView, OrderView, SeenHeight, TurnstileView } from './messages.ts';

/** What the chain was before a height. */
export interface Before {
  readonly items: ItemDomain;
  readonly claims: ClaimState;
  readonly epoch: number;
}

/** What a page shows of a height that a replica has just followed. @param before what its items were claimed against */
export function seenHeight(
  { block, settlementCertificate }: CertifiedBlock,
  settlement: Settlement,
  before: Before,
): SeenHeight {
  const { header, certificate, refused } = block;
  const { receipts, fills, transfers, events, state } = settlement;
  const items = itemsOf(block, before);
  return {
    height: header.height,
    timeS: header.timeS,
    headerHash: toHex(headerHash(header)),
    stateRoot: toHex(settlement.stateRoot),
    epoch: before.epoch,
    signers: [...certificate.signers],
    settlementSigners: [...settlementCertificate.signers],
    items,
    refused: refused.map(({ id, code }) => ({ id, code })),
    receipts: receipts.map(({ id, leg, code }) => ({ id, leg: leg ?? null, code })),
    auctions: auctionsOf(settlement, items),
    fills: fills.map((fill) => ({ ...fill })),
    transfers: transfers.map(({ id, kind, account, amount, fee }) => ({ id, kind, account, amount, fee })),
    isHalted: events.isHalted,
    liquidations: events.liquidations.map(({ account, instrument, side, lots, price, penalty }) => ({
      ...{ account, instrument, side, lots, price, penalty },
    })),
    insured: events.insured.map(({ account, amount }) => ({ account, amount })),
    deleverages: events.deleverages.length,
    funding: events.funding.map(({ instrument, ratePpm }) => ({ instrument, ratePpm })),
    marks: [...state.market.marks],
    turnstile: turnstileOf(state),
  };
}

export const turnstileOf = ({
  pool,
  fees,
  insurance,
  deposits,
  withdrawals,
}: SettlementState): TurnstileView => ({
  ...{ pool, fees, insurance, deposits, withdrawals },
});

function itemsOf(block: Block, { items, claims }: Before): ItemView[] {
  const keys = new Map([...openableBatches(block)].map(([nullifier, { key }]) => [nullifier, key]));
  return block.items.flatMap((item): ItemView[] => {
    // Every item of a height that was followed has a claim.
    const id = claimOf(items, claims, item)?.id;
    return id === undefined ? [] : [{ id, kind: item.kind, ...insideOf(items, item, keys) }];
  });
}

function insideOf(
  domain: ItemDomain,
  item: Item,
  keys: ReadonlyMap<bigint, Uint8Array>,
): Pick<ItemView, 'orders' | 'account'> {
  if (item.kind === 'action' || item.kind === 'deposit')
    return { orders: [], account: accountIdOf(item.account) };
  const key = item.kind === 'batch' ? keys.get(item.nullifier) : undefined;
  if (item.kind !== 'batch' || key === undefined) return { orders: [], account: null };
  const content = openedContent(domain, item, key);
  if (content === undefined) return { orders: [], account: null };
  const orders = content.orders.flatMap((order, leg): OrderView[] =>
    order === undefined ? [] : [{ ...order, leg }],
  );
  return { orders, account: accountIdOf(content.account) };
}

/** Each auction with the orders that took part: those of legs without a receipt, and those of liquidations. */
function auctionsOf(
  { auctions, receipts, events }: Settlement,
  items: readonly ItemView[],
): readonly AuctionView[] {
  const without = new Set(receipts.map(({ id, leg }) => `${id}:${leg ?? ''}`));
  const orders = items
    .filter(({ id }) => !without.has(`${id}:`))
    .flatMap(({ id, orders }) => orders.filter(({ leg }) => !without.has(`${id}:${leg}`)));
  return auctions.map(({ instrument, price, volume }) => ({
    ...{ instrument, price, volume },
    book: [...orders, ...events.offers.map((offer) => ({ ...offer, reduceOnly: false }))]
      .filter((order) => order.instrument === instrument)
      .map(({ side, price, lots, reduceOnly }) => ({ side, price, lots, reduceOnly })),
  }));
}
