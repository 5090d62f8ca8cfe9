import { OrderingState } from '../../../src/ledger/ordering-state.ts';

export const GENESIS_NOTES = [101n, 102n, 103n];
export const FEE = 1000n;
export const BEACON = new Uint8Array(64).fill(9);
export const freshOrdering = (): OrderingState => new OrderingState(GENESIS_NOTES, FEE);
