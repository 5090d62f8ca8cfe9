import type { Account } from '../../market/account.ts';
import type { MarketParams } from '../../market/params.ts';
import type { MarketState } from '../../market/state.ts';
import type { AccountId } from '../../params/ids.ts';
import type { InstrumentView, ShownAccount } from './messages.ts';

export const instrumentsOf = ({ instruments }: MarketParams, market: MarketState): InstrumentView[] =>
  instruments.map(({ name, kind }, i) => ({
    ...{ name, kind, mark: market.marks[i]!, openInterest: market.openInterest[i]! },
    lastClear: market.lastClear[i] ?? null,
  }));

/** @param equity units, at the marks */
export const shownAccount = (id: AccountId, account: Account, equity: bigint): ShownAccount => ({
  ...{ id, cash: account.cash, equity, sequence: account.sequence },
  positions: [...account.positions].map(([instrument, { lots }]) => ({ instrument, lots })),
});
