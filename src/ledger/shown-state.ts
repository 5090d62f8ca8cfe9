import { bytesToBigint, equalBytes, fromHex } from '../base/bytes.ts';
import type { Header } from './block.ts';
import type { ChainState } from './chain-state.ts';
import { decodeOrdering, encodeOrdering } from './ordering-encoding.ts';
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

/** Equal states give equal bytes. */
export const showState = (state: ChainState): ShownChainState => ({
  ordering: orderingBytes(state),
  settlement: encodeSettlement(state.settlement),
});

/**
 * The state that somebody shows, as the start of a height. Whether it is the one that the header binds, `replayBlock` finds out.
 * @param header of the height after it
 * @param minFee units a batch pays at least
 * @param shown  hostile; note roots are hashed anew, so n notes cost n/3 Poseidon hashes
 * @returns why it is none, else. Never throws.
 */
export function readShownState(
  header: Header,
  minFee: bigint,
  shown: ShownChainState,
): ChainState | 'MALFORMED' | 'HEIGHT' {
  const settlement = decodeSettlement(shown.settlement);
  const snapshot = decodeOrdering(shown.ordering);
  if (settlement === undefined || snapshot === undefined) return 'MALFORMED';
  const before = header.height - 1;
  if (settlement.height !== before || snapshot.height !== before) return 'HEIGHT';
  // Their root binds everything of the ordering state but the numbers of actions, which are those of the accounts.
  const sequences = sequencesIn(settlement);
  const ordering = OrderingState.restore({ ...snapshot, sequences }, minFee);
  if (ordering === undefined) return 'MALFORMED';
  const { receiptsRoot, parent } = header;
  const state = { ordering, settlement, stateRoot: stateRoot(settlement), receiptsRoot, parent };
  return equalBytes(orderingBytes(state), shown.ordering) ? state : 'MALFORMED';
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
