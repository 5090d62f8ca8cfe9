import { bytesOf, isBytes, isNatural, listOf, type Shape } from '../base/state-shape.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { decodeEpochChange, encodeEpochChange } from '../ledger/epoch-change.ts';
import { Replica } from '../ledger/replica.ts';
import { readShownState, type ShownChainState, type Tip } from '../ledger/shown-state.ts';
import { height } from '../params/ids.ts';

/** A replica as plain data: what whoever verified the chain so far need not verify again. Public. */
export interface KeptReplica extends ShownChainState, Tip {
  readonly height: number;
  readonly changes: readonly Uint8Array[];
}

/** Fields of a kept replica; whether they belong together `resumeReplica` sees. */
export const KEPT_REPLICA: Shape = {
  height: isNatural,
  ordering: isBytes,
  settlement: isBytes,
  receiptsRoot: bytesOf(32),
  parent: bytesOf(32),
  stateRoot: bytesOf(32),
  orderingRoot: bytesOf(32),
  changes: listOf(isBytes),
};

export const keepReplica = (replica: Replica): KeptReplica => ({
  height: replica.settlement.height,
  ...replica.shown(),
  ...replica.tip,
  changes: replica.changes.map(encodeEpochChange),
});

/** @param kept of the caller's own store: its roots bind the state, and nothing but the store binds the roots. @returns undefined if they do not */
export function resumeReplica(chain: ChainGenesis, kept: KeptReplica): Replica | undefined {
  const state = readShownState({ ...kept, height: height(kept.height + 1) }, chain, kept);
  if (typeof state === 'string') return undefined;
  const changes = kept.changes.map(decodeEpochChange).filter((change) => change !== undefined);
  return new Replica(chain, state.ordering.rotation.epoch, state, changes);
}
