import { bytesToBigint, equalBytes, fromHex } from '../base/bytes.ts';
import type { Header } from './block.ts';
import type { ChainGenesis } from './chain-genesis.ts';
import type { ChainState } from './chain-state.ts';
import { decodeOrdering, encodeOrdering, type OrderingSnapshot, snapshotRoot } from './ordering-encoding.ts';
import { OrderingState } from './ordering-state.ts';
import { decodeSettlement, encodeSettlement, type SettlementState, stateRoot } from './settlement-state.ts';

/**
 * The state before a height, as one shows it to whoever does not know it: the header of that height binds it, and its certificate the
 * header. So nobody has to be trusted for it. Public.
 */
export interface ShownChainState {
  /** OrderingSnapshot, encoded. */
  readonly ordering: Uint8Array;
  /** SettlementState, encoded. */
  readonly settlement: Uint8Array;
}

/** What a header says of the state from which its height starts, 32 bytes each. */
export type Tip = Pick<Header, 'receiptsRoot' | 'parent' | 'stateRoot' | 'orderingRoot'>;

/** Equal states give equal bytes. */
export const showState = (state: ChainState): ShownChainState => ({
  ordering: orderingBytes(state),
  settlement: encodeSettlement(state.settlement),
});

/**
 * The state that somebody shows, as the start of a height. The tree of n notes is hashed anew, which takes n/3 Poseidon hashes; but only of a
 * state that the header binds, and of no more notes than that has.
 * @param header of the height after it. Its certificate is the caller's to check, before: else whoever shows both decides what is hashed
 * @param shown  hostile
 * @returns why it is none, else. Never throws.
 */
export function readShownState(
  header: Tip & Pick<Header, 'height'>,
  { market, notes }: Pick<ChainGenesis, 'market' | 'notes'>,
  shown: ShownChainState,
): ChainState | ShownProblem {
  const settlement = decodeSettlement(shown.settlement);
  const snapshot = decodeOrdering(shown.ordering);
  if (settlement === undefined || snapshot === undefined) return 'MALFORMED';
  const before = header.height - 1;
  if (settlement.height !== before || snapshot.height !== before) return 'HEIGHT';
  const root = stateRoot(settlement);
  if (!equalBytes(header.stateRoot, root) || !equalBytes(header.orderingRoot, snapshotRoot(snapshot)))
    return 'UNBOUND';
  if (snapshot.leaves.length > notes.length + mostChanges(snapshot, settlement)) return 'MALFORMED';
  // Their root binds everything of the ordering state but the numbers of actions, which are those of the accounts.
  const sequences = sequencesIn(settlement);
  const ordering = OrderingState.restore({ ...snapshot, sequences }, market.batchFee);
  if (ordering === undefined) return 'MALFORMED';
  const { receiptsRoot, parent } = header;
  const state = { ordering, settlement, stateRoot: root, receiptsRoot, parent };
  return equalBytes(orderingBytes(state), shown.ordering) ? state : 'MALFORMED';
}

/** Why a state that somebody shows is not the one before a height. */
export type ShownProblem = 'MALFORMED' | 'HEIGHT' | 'UNBOUND';

/** Notes that came after genesis, at most: each one is the change of a batch, or of a shield. */
function mostChanges({ nullifiers }: OrderingSnapshot, { accounts }: SettlementState): number {
  let actions = 0n;
  for (const { sequence } of accounts.values()) actions += sequence;
  return nullifiers.length + Number(actions);
}

/** Ordering and settlement after one height, as one hands them to whoever does not know them: equal states give equal bytes. */
export const orderingBytes = ({ ordering, settlement }: Pick<ChainState, 'ordering' | 'settlement'>) =>
  encodeOrdering({ ...ordering.snapshot(), sequences: sequencesIn(settlement) });

/** Ordering and settlement count the actions of an account alike, so where both are of one height the state root binds the numbers. */
const sequencesIn = ({ accounts }: SettlementState): Map<bigint, bigint> =>
  new Map(
    [...accounts]
      .filter(([, { sequence }]) => sequence > 0n)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { sequence }]) => [bytesToBigint(fromHex(id)!), sequence]),
  );
