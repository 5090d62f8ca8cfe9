import { money } from '../shell/format.ts';
import type { OrderWish, PreviewView, WalletView } from '../worker/messages.ts';
import { Arrived, ProblemLine } from './said.tsx';

export interface ReviewProps {
  readonly orders: readonly OrderWish[];
  /** Number of a lasting account; null: one of this batch alone. */
  readonly account: number | null;
  readonly preview: PreviewView;
  readonly wallet: WalletView;
  readonly isBusy: boolean;
  /** @param deposit what was shown of the reserve, units */
  readonly send: (deposit: bigint) => void;
}

/** What a batch costs and shows, before anything of it leaves this browser. */
export function Review({ orders, account, preview, wallet, isBusy, send }: ReviewProps) {
  const { deposit, fee, note, change, problem } = preview;
  return (
    <section class="detail" aria-label="Before it is sent">
      <Arrived text="Before it is sent" />
      <ul>
        {orders.map(({ side, lots, instrument, price, reduceOnly }, i) => (
          <li key={i}>
            {side} {`${lots}`} {wallet.instruments[instrument]?.name} at {money(price)} USDC a lot or better
            {reduceOnly && ', only to close a position'}
          </li>
        ))}
      </ul>
      <dl class="turnstile">
        <Amount name="Reserve, which moves into the account" units={deposit} />
        <Amount name="Fee" units={fee} />
        {note !== null && <Amount name="Note that is spent" units={note} />}
        {change !== null && <Amount name="Comes back as a note" units={change} />}
      </dl>
      <h4>What others will see</h4>
      <dl>
        <dt>At once, whoever runs the node of this page:</dt>
        <dd>that your network address sent this batch, and when.</dd>
        <dt>At once, the validators:</dt>
        <dd>
          a batch, its fee, the heights that may order it, a number that marks its note as spent, and nothing
          of the orders.
        </dd>
        <dt>From the height that orders it, everybody:</dt>
        <dd>
          {orders.length === 1 ? 'the order' : 'both orders, that they are of one batch,'} and the reserve of{' '}
          {money(deposit)} USDC
          {account === null
            ? ', in an account that was never seen before.'
            : `, in your lasting account ${account}, with all that it did before and does later.`}
        </dd>
        <dt>Nobody:</dt>
        <dd>which note it was, how much was in it, and what comes back.</dd>
      </dl>
      <ProblemLine problem={problem ?? undefined} />
      <p>
        <button type="button" disabled={isBusy || problem !== null} onClick={() => send(deposit)}>
          Seal, prove and send
        </button>
      </p>
    </section>
  );
}

const Amount = ({ name, units }: { readonly name: string; readonly units: bigint }) => (
  <div>
    <dt>{name}</dt>
    <dd>{money(units)} USDC</dd>
  </div>
);
