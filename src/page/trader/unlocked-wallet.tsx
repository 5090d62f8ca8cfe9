import { money, utc } from '../shell/format.ts';
import { Cash } from './cash.tsx';
import { SaveKeys } from './door.tsx';
import { Happenings } from './happenings.tsx';
import { MoneyHeld } from './holdings.tsx';
import { SendingJob, StillOpen } from './job.tsx';
import { Observer } from './observer.tsx';
import { Orders } from './orders.tsx';
import { Arrived, ProblemLine, refusalOf } from './said.tsx';
import type { PageWallet } from './wallet.ts';
import { isUnderWay } from './wallet-seen.ts';

/** An unlocked wallet: what it holds, what can be done with it, and what of that others can tell. */
export function UnlockedWallet({ seen, ask, lock }: PageWallet) {
  const { wallet, fault } = seen;
  return (
    <>
      <h2>Your wallet</h2>
      <Arrived text="The wallet is open" />
      {wallet !== undefined && (
        <p>
          <strong>✓ Verified by the wallet itself up to height {wallet.height}</strong>, {utc(wallet.timeS)}
          {wallet.certified > wallet.height ? `; the node says that the chain is at ${wallet.certified}` : ''}
          . Fee of a batch, a shield or a withdrawal: {money(wallet.batchFee)} USDC.
        </p>
      )}
      <p class="row">
        <button type="button" onClick={lock}>
          Lock
        </button>
        <SaveKeys seen={seen} ask={ask} />
        {isUnderWay(seen) && <span>What was sent may still be ordered when you lock.</span>}
      </p>
      {fault?.isLie && <p class="warn">✗ The node told this wallet what is not true; it was not believed.</p>}
      <ProblemLine problem={fault} />
      <SendingJob seen={seen} />
      <StillOpen seen={seen} />
      <ProblemLine problem={refusalOf(seen, 'export', 'submit', 'shield', 'withdraw', 'open')} />
      {wallet === undefined ? (
        <p>The chain is being read from where this wallet knows it.</p>
      ) : (
        <>
          <MoneyHeld wallet={wallet} />
          <Cash wallet={wallet} ask={ask} isBusy={isUnderWay(seen)} />
          <Orders wallet={wallet} seen={seen} ask={ask} isBusy={isUnderWay(seen)} />
          <Happenings wallet={wallet} />
          <Observer wallet={wallet} />
        </>
      )}
    </>
  );
}
