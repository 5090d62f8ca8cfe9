import type { WalletView } from '../worker/messages.ts';
import { happeningText } from './happening-text.ts';
import { accountName } from './holdings.tsx';
import { linkedBy } from './linked.ts';

/** What others can tell of what this wallet did, in plain words. */
export function Observer({ wallet }: { readonly wallet: WalletView }) {
  const linked = linkedBy(wallet.history, wallet.accounts);
  return (
    <section aria-labelledby="observer">
      <h3 id="observer">What an observer can link</h3>
      {linked.map(({ account, happenings }) => (
        <details key={account.id}>
          <summary>
            Account {accountName(account)}: everybody sees that{' '}
            {happenings.length === 1 ? 'this one thing is' : `these ${happenings.length} things are`} of one
            owner
          </summary>
          <ul>
            {happenings.map((each, i) => (
              <li key={i}>
                height {each.height}, {happeningText(each, wallet)}
              </li>
            ))}
          </ul>
        </details>
      ))}
      <ul>
        <li>
          <strong>Between two accounts</strong> nothing links what you did, but amounts and times: who shields
          3,000 and has batches with reserves of 3,000 soon after is easily guessed, most of all where few
          others trade.
        </li>
        <li>
          <strong>A batch that was made anew</strong> shows the number of the same note twice: both tries are
          known to be of one trader.
        </li>
        <li>
          <strong>Whoever runs the node of this page</strong> sees your network address, when you look, and
          when you unlock: the wallet then asks for blocks on its own, from where it stopped the last time. So
          the node can tell that you are the one who was there before, and which batches, shields and
          withdrawals your address hands in, with the account of the latter two. It is asked for whole blocks,
          never for a note or an account.
        </li>
        <li>
          <strong>Whoever runs that node also hands out the program of this page</strong>, and could hand out
          one that tells everything. Nothing above holds against that: use the page of a node of your own.
        </li>
        <li>
          <strong>Whoever gave you the genesis</strong> decides which chain you see. Its hash stays in this
          browser, where whoever uses the browser can see that there is a wallet of this chain; none of it is
          sent.
        </li>
        <li>
          <strong>Whoever uses this browser</strong> finds the encrypted key and can try passwords. While the
          wallet is open, its money can be used without one.
        </li>
      </ul>
    </section>
  );
}
