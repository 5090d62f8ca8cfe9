import { isBigint, isNatural, listOf, recordOf, type ShapeOf } from '../base/state-shape.ts';

/** Of a note what does not follow from the wallet's key. Secret. */
export interface PlainNote {
  /** Units. */
  readonly value: bigint;
  readonly rho: bigint;
}

/** A wallet as plain data: all that one of the same seed would have to find on the chain again. Secret. */
export interface WalletState {
  /** How many notes it has made for a genesis. */
  readonly genesisNotes: number;
  /** Spendable, in the order in which they are spent. */
  readonly notes: readonly PlainNote[];
  /** Notes of batches whose fate is open, and the last height that may order each. */
  readonly spends: readonly { readonly note: PlainNote; readonly toHeight: number }[];
  /** Of the accounts named so far. */
  readonly salts: readonly bigint[];
}

const NOTE: ShapeOf<PlainNote> = { value: isBigint, rho: isBigint };
const STATE: ShapeOf<WalletState> = {
  genesisNotes: isNatural,
  notes: listOf(recordOf(NOTE)),
  spends: listOf(recordOf({ note: recordOf(NOTE), toHeight: isNatural })),
  salts: listOf(isBigint),
};

/** Whether a decoded value is a wallet's state. */
export const isWalletState = recordOf(STATE);
