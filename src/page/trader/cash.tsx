import { useState } from 'preact/hooks';
import { parseDecimal } from '../../formats/decimal.ts';
import { money } from '../shell/format.ts';
import type { PageProblem, WalletView } from '../worker/messages.ts';
import { accountName } from './holdings.tsx';
import { ProblemLine } from './said.tsx';
import type { PageWallet } from './wallet.ts';

interface CashProps {
  readonly wallet: WalletView;
  readonly ask: PageWallet['ask'];
  readonly isBusy: boolean;
}

/** Cash of an account becomes a note, or leaves the chain. */
export const Cash = (props: CashProps) =>
  props.wallet.accounts.length > 0 && (
    <div class="figures">
      <Move {...props} kind="shield" />
      <Move {...props} kind="withdraw" />
    </div>
  );

const WORDS = {
  shield: {
    title: 'Shield',
    about: 'Cash of an account becomes a note: money that orders are paid from, and that nobody can follow.',
    shown:
      'Everybody will see the account and the amount; when the note is spent, nobody can tell that it was this one.',
  },
  withdraw: {
    title: 'Withdraw',
    about: 'Cash of an account leaves the chain for a place that the bridge knows.',
    shown: 'Everybody will see the account, the amount and the destination, and that they belong together.',
  },
} as const;

function Move({ wallet, ask, isBusy, kind }: CashProps & { readonly kind: 'shield' | 'withdraw' }) {
  const [problem, setProblem] = useState<PageProblem>();
  const { title, about, shown } = WORDS[kind];
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const [account, amountText, to] = ['account', 'amount', 'to'].map((name) =>
      String(new FormData(form).get(name) ?? ''),
    ) as [string, string, string];
    const amount = parseDecimal(amountText.trim());
    const text =
      amount === undefined || amount <= 0n
        ? 'An amount of USDC such as 100.5 is expected.'
        : kind === 'withdraw' && !/^[0-9a-f]{64}$/.test(to.trim())
          ? 'A destination is 64 hex digits.'
          : undefined;
    setProblem(text === undefined ? undefined : { code: 'WALLET_INPUT', text });
    if (text !== undefined) return;
    form.reset();
    ask(
      kind === 'shield'
        ? { kind, account, amount: amount! }
        : { kind, account, amount: amount!, to: to.trim() },
    );
  };
  return (
    <form onSubmit={submit} aria-labelledby={`move-${kind}`}>
      <h3 id={`move-${kind}`}>{title}</h3>
      <p>{about}</p>
      <p>
        <label>
          From account
          <br />
          <select name="account">
            {wallet.accounts.map((account) => (
              <option key={account.id} value={account.id}>
                {accountName(account)}: up to {money(account.free)}
              </option>
            ))}
          </select>
        </label>
      </p>
      <p>
        <label>
          Amount, USDC
          <br />
          <input name="amount" inputMode="decimal" autocomplete="off" required />
        </label>
      </p>
      {kind === 'withdraw' && (
        <p>
          <label>
            Destination, 64 hex digits
            <br />
            <input class="long" name="to" autocomplete="off" required />
          </label>
        </p>
      )}
      <p>
        {shown} The fee of {money(wallet.batchFee)} USDC comes on top.
      </p>
      <p>
        <button type="submit" disabled={isBusy}>
          {title}
        </button>
      </p>
      <ProblemLine problem={problem} />
    </form>
  );
}
