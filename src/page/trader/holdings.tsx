import { money } from '../shell/format.ts';
import { Rows } from '../shell/rows.tsx';
import type { OwnAccountView, WalletView } from '../worker/messages.ts';

/** How an account is called here. */
export const accountName = ({ id, number }: Pick<OwnAccountView, 'id' | 'number'>): string =>
  number === null ? `of one batch, ${id.slice(0, 8)}…` : `${number}, lasting`;

/** Where money can come in, and what there is. */
export function MoneyHeld({ wallet }: { readonly wallet: WalletView }) {
  const { depositAccount, instruments } = wallet;
  const notes = [
    ...wallet.notes.map(({ value, isReady }, i) => ({
      key: `note ${i}`,
      cells: [money(value), isReady ? 'can be spent' : 'two heights after its shield'],
    })),
    ...wallet.setAside.map(({ value, toHeight }, i) => ({
      key: `aside ${i}`,
      cells: [money(value), `set aside for what was sent, up to height ${toHeight}`],
    })),
  ];
  const accounts = wallet.accounts.map((account) => ({
    key: account.id,
    cells: [
      accountName(account),
      money(account.cash),
      money(account.equity),
      money(account.free),
      account.positions
        .map(({ instrument, lots }) => `${lots > 0n ? '+' : ''}${lots} ${instruments[instrument]!.name}`)
        .join(', ') || 'none',
    ],
  }));
  return (
    <section aria-labelledby="holdings">
      <h3 id="holdings">Money</h3>
      <p>
        The bridge pays into account 0: <code class="hash">{depositAccount}</code>. On a devnet that is{' '}
        <code class="hash">velum devnet fund {depositAccount} 5000</code>.
      </p>
      <Rows
        caption="Accounts. Everybody sees what is in them, and nobody whose they are."
        head={['Account', 'Cash', 'Equity', 'May leave', 'Positions']}
        rows={accounts}
      />
      <Rows caption="Notes. Nobody but you knows of them." head={['USDC', 'State']} rows={notes} />
    </section>
  );
}
