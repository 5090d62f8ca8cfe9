import type { InstrumentIndex } from '../params/ids.ts';
import type { MarketParams } from './params.ts';
import { max } from './rounding.ts';

/** What an account holds of one instrument. */
export interface Position {
  /** Signed: long > 0, short < 0; never 0 (a closed position's quote goes to cash, fill.ts). */
  readonly lots: bigint;
  /** Units, signed: −Σ lots·price over the fills. There is no average entry price. */
  readonly quote: bigint;
}

/** A public, pseudonymous account of one market. */
export interface Account {
  /** Units, signed: fees and realised losses may exceed what was paid in while other positions are in profit. */
  readonly cash: bigint;
  /** Number of the next account action. */
  readonly sequence: bigint;
  readonly positions: ReadonlyMap<InstrumentIndex, Position>;
}

/** Lots of each instrument, as far as margins care. */
export type Holdings = ReadonlyMap<InstrumentIndex, { readonly lots: bigint }>;

/** E = cash + Σ (quote + lots·mark), units, signed. `marks` in units per lot, one per instrument. */
export function equity(account: Account, marks: readonly bigint[]): bigint {
  let sum = account.cash;
  for (const [instrument, position] of account.positions) {
    sum += position.quote + position.lots * marks[instrument]!;
  }
  return sum;
}

/** L = max(0, Σ over options lots·mark), units: what long options are worth beyond the short ones. */
export function longOptionValue(params: MarketParams, holdings: Holdings, marks: readonly bigint[]): bigint {
  let sum = 0n;
  for (const [i, { lots }] of holdings) {
    if (params.instruments[i]!.kind === 'option') sum += lots * marks[i]!;
  }
  return max(0n, sum);
}
