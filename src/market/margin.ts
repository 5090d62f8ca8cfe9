import type { InstrumentIndex } from '../params/ids.ts';
import { expiryRequirement, type HeldOption, type Requirement, shortOptionLot } from './option-margin.ts';
import type { Side } from './order.ts';
import { type MarketParams, strikePerLot } from './params.ts';
import { abs, max, min, ppmUp } from './rounding.ts';
import { marginalRatePpm, tieredRequirement } from './tiers.ts';

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

/** E = cash + Σ (quote + lots·mark), units, signed. `marks` in units per lot, one per instrument. */
export function equity(account: Account, marks: readonly bigint[]): bigint {
  let sum = account.cash;
  for (const [instrument, position] of account.positions) {
    sum += position.quote + position.lots * marks[instrument]!;
  }
  return sum;
}

/**
 * What new exposure and withdrawals may count on: E − max(0, Σ over options lots·mark), units, signed. Bought options
 * are paid for in full and lend nothing: without this, one could withdraw the premium and leave an account whose
 * whole equity is an option that can become worthless.
 */
export function openingEquity(params: MarketParams, account: Account, marks: readonly bigint[]): bigint {
  let options = 0n;
  for (const [i, { lots }] of account.positions) {
    if (params.instruments[i]!.kind === 'option') options += lots * marks[i]!;
  }
  return equity(account, marks) - max(0n, options);
}

/**
 * IM of what the account holds: Σ perpetuals `tieredRequirement` + Σ expiries `expiryRequirement`, units.
 * New exposure and withdrawals need `openingEquity` ≥ IM.
 * @param marks units per lot, one per instrument
 * @param index units per 1 underlying
 */
export function initialMargin(
  params: MarketParams,
  account: Account,
  marks: readonly bigint[],
  index: bigint,
): bigint {
  return marginRequirement(params, account, marks, index).initial;
}

/** MM of what the account holds, as `initialMargin` with mmf and the maintenance rates, units; MM ≤ IM. */
export function maintenanceMargin(
  params: MarketParams,
  account: Account,
  marks: readonly bigint[],
  index: bigint,
): bigint {
  return marginRequirement(params, account, marks, index).maintenance;
}

/** IM and MM at once. */
export function marginRequirement(
  params: MarketParams,
  account: Account,
  marks: readonly bigint[],
  index: bigint,
): Requirement {
  let initial = 0n;
  let maintenance = 0n;
  const expiries = new Map<bigint, HeldOption[]>();
  for (const [i, { lots }] of account.positions) {
    const instrument = params.instruments[i]!;
    const mark = marks[i]!;
    if (instrument.kind === 'perp') {
      const own = tieredRequirement(params, abs(lots) * mark);
      initial += own.initial;
      maintenance += own.maintenance;
    } else {
      const shortLot = shortOptionLot(instrument, mark, index, params.optionMargin);
      const held = expiries.get(instrument.expiry) ?? [];
      held.push({ type: instrument.type, strike: strikePerLot(instrument), lots, shortLot });
      expiries.set(instrument.expiry, held);
    }
  }
  for (const held of expiries.values()) {
    const together = expiryRequirement(held);
    initial += together.initial;
    maintenance += together.maintenance;
  }
  return { initial, maintenance };
}

/**
 * What may leave an account, units ≥ 0: min(cash, opening equity − IM), less what the account gained in this height, if
 * anything: that stays until the height is over, for a haircut may need it (insurance.ts). Unrealised profit cannot leave.
 * @param marks  units per lot, one per instrument
 * @param index  units per 1 underlying
 * @param gained equity now − equity at the end of the last height − what this height paid in + what left in it, signed
 */
export function withdrawable(
  params: MarketParams,
  account: Account,
  marks: readonly bigint[],
  index: bigint,
  gained: bigint,
): bigint {
  const free = openingEquity(params, account, marks) - initialMargin(params, account, marks, index);
  return max(0n, min(account.cash, free) - max(0n, gained));
}

/**
 * IM of new lots counted by themselves, without any offset, units: perpetuals ⌈lots·mark·rate/10⁶⌉, a sold option
 * `shortOptionLot`, a bought option its mark (paid for in full).
 * @param leg.reach lots that the position may grow to, by default `lots`: a perpetual's rate is that of the tier it reaches
 */
export function legInitialMargin(
  params: MarketParams,
  leg: {
    readonly side: Side;
    readonly instrument: InstrumentIndex;
    readonly lots: bigint;
    readonly reach?: bigint;
  },
  marks: readonly bigint[],
  index: bigint,
): bigint {
  const instrument = params.instruments[leg.instrument]!;
  const mark = marks[leg.instrument]!;
  if (instrument.kind === 'perp') {
    return ppmUp(leg.lots * mark, marginalRatePpm(params, (leg.reach ?? leg.lots) * mark));
  }
  if (leg.side === 'buy') return leg.lots * mark;
  return leg.lots * shortOptionLot(instrument, mark, index, params.optionMargin).initial;
}
