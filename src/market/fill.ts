import type { InstrumentIndex } from '../params/ids.ts';
import type { Account } from './account.ts';
import type { Side } from './order.ts';
import { ppmUp } from './rounding.ts';

/**
 * Books one fill: lots ± lots, quote ∓ lots·price, cash −= fee, fee = ⌈lots·price·feePpm/10⁶⌉. A position that ends at
 * 0 lots is closed: its quote is realised into cash. cash + Σ quote changes by exactly the price paid and the fee.
 * @param price units per lot
 * @returns the new account and the fee in units
 */
export function applyFill(
  account: Account,
  instrument: InstrumentIndex,
  side: Side,
  lots: bigint,
  price: bigint,
  feePpm: bigint,
): { account: Account; fee: bigint } {
  const signed = side === 'buy' ? lots : -lots;
  const fee = ppmUp(lots * price, feePpm);
  const before = account.positions.get(instrument) ?? { lots: 0n, quote: 0n };
  const after = { lots: before.lots + signed, quote: before.quote - signed * price };
  const positions = new Map(account.positions);
  if (after.lots === 0n) {
    positions.delete(instrument);
    return { account: { ...account, cash: account.cash - fee + after.quote, positions }, fee };
  }
  positions.set(instrument, after);
  return { account: { ...account, cash: account.cash - fee, positions }, fee };
}
