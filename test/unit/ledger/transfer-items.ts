import type { ActionItem } from '../../../src/ledger/actions.ts';
import { type DepositItem, signDeposit } from '../../../src/ledger/deposits.ts';
import { height } from '../../../src/params/ids.ts';
import { BRIDGE_SECRET } from './market.ts';

/** Account actions and deposits for the ledger's tests. */

export const CHAIN = new Uint8Array(32).fill(3);
export const PLACE = new Uint8Array(32).fill(9);

/** A shield of the right form whose proof proves nothing. */
export function sampleAction(overrides: Partial<ActionItem> = {}): ActionItem {
  return {
    kind: 'action',
    action: 'shield',
    account: 5n,
    amount: 1_000_000n,
    commitment: 401n,
    sequence: 0n,
    destination: new Uint8Array(32),
    lastHeight: height(4),
    proof: new Uint8Array(256).fill(7),
    ...overrides,
  };
}

/** The withdrawal to PLACE that is otherwise the same. */
export const sampleWithdrawal = (overrides: Partial<ActionItem> = {}): ActionItem =>
  sampleAction({ action: 'withdraw', destination: PLACE, ...overrides });

/** A deposit that the bridge signed for a chain. */
export const sampleDeposit = (
  overrides: Partial<Omit<DepositItem, 'kind' | 'signature'>> = {},
  chain: Uint8Array = CHAIN,
): DepositItem =>
  signDeposit(BRIDGE_SECRET, chain, {
    kind: 'deposit',
    nonce: 0n,
    account: 5n,
    amount: 2_000_000n,
    ...overrides,
  });
