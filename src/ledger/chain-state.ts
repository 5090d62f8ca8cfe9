import type { Header } from './block.ts';
import { headerHash } from './block.ts';
import { type ChainGenesis, chainHash } from './chain-genesis.ts';
import type { ClaimState } from './claims.ts';
import type { EpochConfig } from './epoch-config.ts';
import { OrderingState } from './ordering-state.ts';
import { noReceipts, receiptsRoot } from './receipts.ts';
import { firstRotation } from './rotation/rotation.ts';
import { genesisSettlement, type SettlementState, stateRoot } from './settlement-state.ts';
import { shieldedNotes } from './transfers.ts';
import type { Settlement } from './transition.ts';

/** What a chain's blocks lead to. Ordering may be a height ahead of the rest, while that height is being opened. */
export interface ChainState {
  readonly ordering: OrderingState;
  /** Replaced at settlement, never changed in place. */
  settlement: SettlementState;
  /** Roots of the last settlement, 32 bytes each. */
  stateRoot: Uint8Array;
  receiptsRoot: Uint8Array;
  /** Hash of the last settled header; the chain's own before height 1. */
  parent: Uint8Array;
}

/** The state at height 0. */
export function genesisState(chain: ChainGenesis, epoch: EpochConfig): ChainState {
  const settlement = genesisSettlement(chain);
  const name = chainHash(chain);
  return {
    ordering: new OrderingState(chain.notes, chain.market.batchFee, firstRotation(name, epoch)),
    settlement,
    stateRoot: stateRoot(settlement),
    receiptsRoot: receiptsRoot(noReceipts(settlement.height)),
    parent: name,
  };
}

/** What the words of the next height's items depend on. */
export const claimState = ({ ordering, settlement }: ChainState): ClaimState => ({
  tables: settlement.tables,
  rotation: ordering.rotation,
});

/** Takes a height's settlement; its ordering was advanced before. */
export function advanceState(state: ChainState, header: Header, settlement: Settlement): void {
  state.ordering.settled(header.height, shieldedNotes(settlement.transfers), settlement.state.beacon);
  state.settlement = settlement.state;
  state.stateRoot = settlement.stateRoot;
  state.receiptsRoot = settlement.receiptsRoot;
  state.parent = headerHash(header);
}
