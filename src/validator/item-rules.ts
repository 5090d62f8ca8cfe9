import { claimState } from '../ledger/chain-state.ts';
import { checkSigned } from '../ledger/check-signed.ts';
import { type Claim, claimOf } from '../ledger/claims.ts';
import type { Item } from '../ledger/items.ts';
import type { RefusalCode } from '../ledger/refusals.ts';
import { type DealingItem, isSignedByDealer } from '../ledger/rotation/dealing-item.ts';
import { isAffordable } from '../ledger/transfers.ts';
import { height } from '../params/ids.ts';
import type { Carried } from './carried.ts';
import type { EpochContext } from './context.ts';

/** What the mempool needs to know of the ledger, as it is for the next height to be ordered. */
export interface ItemRules {
  /** The item's id and what its proof must be valid for; undefined if its reserve table is unknown here. */
  claim(item: Item): Claim | undefined;
  /** Admission by the ordering state. */
  check(item: Item): RefusalCode | undefined;
  /** Why what an item shows by itself does not hold: signatures, possessions, what is dealt. Only of one whose claim is known. */
  checkSigned(item: Item): RefusalCode | undefined;
  /** Whether its dealer signed a dealing; only of one whose claim is known. */
  isDealers(item: DealingItem): boolean;
  /** Of the height settled last, 64 bytes. */
  beacon(): Uint8Array;
}

/** Why an item waits for another that uses the same key up. */
export const KEY_PENDING = {
  batch: 'ITEM_NULLIFIER_PENDING',
  action: 'ITEM_SEQUENCE_PENDING',
  deposit: 'ITEM_DEPOSIT_PENDING',
  registration: 'ITEM_REGISTRATION_PENDING',
  dealing: 'ITEM_DEALING_PENDING',
  evidence: 'ITEM_EVIDENCE_PENDING',
} as const satisfies Record<Item['kind'], RefusalCode>;

/** Why an item cannot be judged here, or not yet; of the other kinds that never happens. */
export const UNJUDGED = {
  batch: 'ITEM_TABLE_STALE',
  action: 'ITEM_MALFORMED',
  deposit: 'ITEM_MALFORMED',
  registration: 'ITEM_MALFORMED',
  dealing: 'ITEM_DEALING_SESSION',
  evidence: 'ITEM_DEALING_SESSION',
} as const satisfies Record<Item['kind'], RefusalCode>;

/** Why an item is refused whose proofs do not show what it claims. */
export const notShown = ({ kind }: Item): RefusalCode =>
  kind === 'evidence' ? 'ITEM_EVIDENCE_FALSE' : 'ITEM_PROOF_INVALID';

/** What the states that one carries say of an item before it is ordered. */
export const itemRules = ({ chain, domain, items, kernels }: EpochContext, carried: Carried): ItemRules => ({
  claim: (item) => claimOf(items, claimState(carried), item),
  check: (item) =>
    carried.ordering.check(item, height(carried.ordering.height + 1)) ??
    unaffordable(chain.market, carried, item),
  checkSigned: (item) =>
    checkSigned({ chain, chainHash: domain.chainHash, rotation: carried.ordering.rotation }, item, kernels),
  isDealers: (item) => isSignedByDealer(carried.ordering.rotation.epoch, item, kernels),
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
