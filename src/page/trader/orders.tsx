import { useEffect, useRef, useState } from 'preact/hooks';
import type { OrderWish, PageProblem, WalletView } from '../worker/messages.ts';
import { accountName } from './holdings.tsx';
import { LegFields } from './leg.tsx';
import { EMPTY_LEG, type LegText, wishesOf } from './order-text.ts';
import { Review } from './review.tsx';
import { ProblemLine, refusalOf } from './said.tsx';
import type { PageWallet } from './wallet.ts';

interface OrdersProps {
  readonly wallet: WalletView;
  readonly seen: PageWallet['seen'];
  readonly ask: PageWallet['ask'];
  readonly isBusy: boolean;
}

/** Orders that are looked at before they are sent, by the number under which their price is asked for. */
interface Reviewed {
  readonly number: number;
  readonly orders: readonly OrderWish[];
}

/** Orders of one batch: typed, then looked at with what they cost and show, then sealed, proved and sent. */
export function Orders({ wallet, seen, ask, isBusy }: OrdersProps) {
  const [legs, setLegs] = useState<readonly LegText[]>([EMPTY_LEG]);
  const [account, setAccount] = useState<number | null>(null);
  const [reviewed, setReviewed] = useState<Reviewed>();
  const reviews = useRef(0);
  const [problem, setProblem] = useState<PageProblem>();
  // What a batch costs depends on the height for which it is sealed.
  useEffect(() => {
    if (reviewed !== undefined) ask({ kind: 'preview', ...reviewed });
  }, [reviewed, wallet.height, ask]);
  const change = (next: readonly LegText[]): void => {
    setLegs(next);
    setReviewed(undefined);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const wishes = wishesOf(legs);
    setProblem(typeof wishes === 'string' ? { code: 'WALLET_INPUT', text: wishes } : undefined);
    setReviewed(typeof wishes === 'string' ? undefined : { number: reviews.current++, orders: wishes });
  };
  const send = (deposit: bigint): void => {
    ask({ kind: 'submit', orders: reviewed!.orders, account, deposit });
    change([EMPTY_LEG]);
  };
  return (
    <section aria-labelledby="orders">
      <h3 id="orders">Orders</h3>
      <p>
        One batch of one or two legs, paid from one note. Orders trade in the auctions of the height that
        orders the batch; what does not trade there is over.
      </p>
      <form onSubmit={submit} aria-labelledby="orders">
        {legs.map((leg, i) => (
          <LegFields
            key={i}
            number={i + 1}
            leg={leg}
            instruments={wallet.instruments}
            onChange={(next) => change(legs.map((other, at) => (at === i ? next : other)))}
          />
        ))}
        <p class="row">
          {legs.length === 1 ? (
            <button type="button" class="plain" onClick={() => change([...legs, EMPTY_LEG])}>
              Add a second leg
            </button>
          ) : (
            <button type="button" class="plain" onClick={() => change(legs.slice(0, 1))}>
              Remove the second leg
            </button>
          )}
        </p>
        <AccountChoice wallet={wallet} account={account} onChange={setAccount} />
        <p>
          <button type="submit" disabled={isBusy}>
            Look at what it costs and shows
          </button>
        </p>
        <ProblemLine problem={problem ?? refusalOf(seen, 'preview')} />
      </form>
      {reviewed !== undefined && seen.preview?.number === reviewed.number && (
        <Review
          key={reviewed.number}
          orders={reviewed.orders}
          account={account}
          preview={seen.preview.preview}
          wallet={wallet}
          isBusy={isBusy}
          send={send}
        />
      )}
    </section>
  );
}

interface AccountChoiceProps {
  readonly wallet: WalletView;
  readonly account: number | null;
  readonly onChange: (account: number | null) => void;
}

/** Into which account a batch pays: one of its own, a lasting one that the chain knows, or the next. */
function AccountChoice({ wallet, account, onChange }: AccountChoiceProps) {
  const lasting = wallet.accounts.filter(({ number }) => number !== null);
  const next = Math.max(-1, ...lasting.map(({ number }) => number!)) + 1;
  return (
    <p>
      <label>
        Trades in account
        <br />
        <select
          name="account"
          value={account === null ? 'own' : String(account)}
          onChange={({ currentTarget: { value } }) => onChange(value === 'own' ? null : Number(value))}
        >
          <option value="own">of this batch alone, which nothing links to another</option>
          {lasting.map((each) => (
            <option key={each.id} value={String(each.number)}>
              {accountName(each)}: everybody can follow it
            </option>
          ))}
          <option value={String(next)}>{next}, lasting, new</option>
        </select>
      </label>
    </p>
  );
}
