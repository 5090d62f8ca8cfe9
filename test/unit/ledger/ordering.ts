import { OrderingState } from '../../../src/ledger/ordering-state.ts';
import { firstRotation } from '../../../src/ledger/rotation/rotation.ts';
import { sampleEpoch } from './market.ts';

export const GENESIS_NOTES = [101n, 102n, 103n];
export const FEE = 1000n;
export const BEACON = new Uint8Array(64).fill(9);
/** Of a chain of one validator in which nobody registers. */
export const ROTATION = firstRotation(new Uint8Array(32), sampleEpoch());
export const orderingOf = (notes: readonly bigint[], fee: bigint): OrderingState =>
  new OrderingState(notes, fee, ROTATION);
export const freshOrdering = (): OrderingState => orderingOf(GENESIS_NOTES, FEE);
