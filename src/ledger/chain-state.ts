import type { Header } from './block.ts';
import { headerHash } from './block.ts';
import type { ChainGenesis } from './chain-genesis.ts';
import type { EpochDomain } from './epoch-config.ts';
import { OrderingState } from './ordering-state.ts';
import { noReceipts, receiptsRoot } from './receipts.ts';
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
export function genesisState(chain: ChainGenesis, { chainHash }: EpochDomain): ChainState {
  const settlement = genesisSettlement(chain);
  return {
    ordering: new OrderingState(chain.notes, chain.market.batchFee),
    settlement,
    stateRoot: stateRoot(settlement),
    receiptsRoot: receiptsRoot(noReceipts(settlement.height)),
    parent: chainHash,
  };
}

/** Takes a height's settlement; its ordering was advanced before. */
export function advanceState(state: ChainState, header: Header, settlement: Settlement): void {
  state.ordering.settled(header.height, shieldedNotes(settlement.transfers));
  state.settlement = settlement.state;
  state.stateRoot = settlement.stateRoot;
  state.receiptsRoot = settlement.receiptsRoot;
  state.parent = headerHash(header);
}
