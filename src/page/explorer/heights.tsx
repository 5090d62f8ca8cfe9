import { useChain } from '../shell/chain.ts';
import { counted, money, short, utc } from '../shell/format.ts';
import { Lines, Rows } from '../shell/rows.tsx';
import type { SeenHeight } from '../worker/messages.ts';
import { AuctionChart } from './charts.tsx';
import { Tick } from './tick.tsx';

const LISTED = 12;
/** The heading of what was found. */
export const DETAIL_TITLE = 'detail-title';

/** The newest heights, each a link to all that is known of it. */
export function Heights() {
  const { heights } = useChain().seen;
  if (heights.length === 0) return <p>No height is verified yet.</p>;
  const newest = heights.slice(-LISTED).reverse();
  return (
    <Rows
      caption={`The last ${counted(newest.length, 'height')} of ${heights.length} that are kept here`}
      head={['Height', 'Time', 'Items', 'Refused', 'Traded', 'State root', 'Verified']}
      rows={newest.map((seen) => ({
        key: seen.height,
        cells: [
          <a href={`#explorer/${seen.height}`}>{seen.height}</a>,
          utc(seen.timeS),
          seen.items.length,
          seen.refused.length,
          counted(seen.fills.length, 'fill'),
          <code>{short(seen.stateRoot)}</code>,
          <Tick />,
        ],
      }))}
    />
  );
}

const nameOf = (names: readonly string[], instrument: number): string => names[instrument] ?? `${instrument}`;

/** All that a verified height did. */
export function HeightDetail({ seen }: { readonly seen: SeenHeight }) {
  const names = useChain().seen.chain?.instruments ?? [];
  const { height, items, refused, receipts, auctions, fills, transfers, liquidations, insured } = seen;
  const took = auctions.filter(({ book }) => book.length > 0);
  return (
    <article class="detail" aria-labelledby={DETAIL_TITLE}>
      <h3 id={DETAIL_TITLE} tabIndex={-1}>
        Height {height} <Tick />
      </h3>
      <p>
        Epoch {seen.epoch}, {utc(seen.timeS)}, signed by {seen.settlementSigners.filter(Boolean).length} of{' '}
        {seen.signers.length} validators.
        {seen.isHalted && ' Trading was halted: the oracle was silent or moved too far.'}
      </p>
      <dl>
        <dt>Header</dt>
        <dd>
          <code class="hash">{seen.headerHash}</code>
        </dd>
        <dt>State root</dt>
        <dd>
          <code class="hash">{seen.stateRoot}</code>
        </dd>
      </dl>
      <Rows
        caption="Items, in their order"
        head={['Item', 'What', 'Account', 'Orders, opened after they were ordered']}
        rows={items.map(({ id, kind, account, orders }) => ({
          key: id,
          cells: [
            <code title={id}>{short(id)}</code>,
            kind,
            account === null ? '–' : <code title={account}>{short(account)}</code>,
            <Lines
              texts={orders.map(
                ({ instrument, side, lots, price }) =>
                  `${side} ${lots} ${nameOf(names, instrument)} at ${money(price)}`,
              )}
            />,
          ],
        }))}
      />
      <div class="figures">
        {took.map((auction) => (
          <AuctionChart key={auction.instrument} auction={auction} name={nameOf(names, auction.instrument)} />
        ))}
      </div>
      <Rows
        caption="Fills"
        head={['Account', 'Instrument', 'Side', 'Lots', 'Price a lot', 'Fee']}
        rows={fills.map(({ id, leg, account, instrument, side, lots, price, fee }) => ({
          key: `${id}/${leg}/${account}`,
          cells: [
            <code title={account}>{short(account)}</code>,
            nameOf(names, instrument),
            side,
            `${lots}`,
            money(price),
            money(fee),
          ],
        }))}
      />
      <Rows
        caption="Money through the turnstile"
        head={['Kind', 'Account', 'USDC', 'Fee']}
        rows={transfers.map(({ id, kind, account, amount, fee }) => ({
          key: id,
          cells: [kind, <code title={account}>{short(account)}</code>, money(amount), money(fee)],
        }))}
      />
      <Rows
        caption="Liquidations, and what the insurance fund paid"
        head={['Account', 'What', 'Lots', 'Price or amount', 'Penalty']}
        rows={[
          ...liquidations.map(({ account, instrument, side, lots, price, penalty }, i) => ({
            key: `${i}`,
            cells: [
              <code title={account}>{short(account)}</code>,
              `${side} ${nameOf(names, instrument)}`,
              `${lots}`,
              money(price),
              money(penalty),
            ],
          })),
          ...insured.map(({ account, amount }) => ({
            key: account,
            cells: [<code title={account}>{short(account)}</code>, 'insurance', '–', money(amount), '–'],
          })),
        ]}
      />
      <Rows
        caption="What was refused, or had no effect"
        head={['Item', 'Order', 'Code']}
        rows={[
          ...refused.map(({ id, code }) => ({
            key: id,
            cells: [<code title={id}>{short(id)}</code>, '–', <code>{code}</code>],
          })),
          ...receipts.map(({ id, leg, code }, i) => ({
            key: `${i}/${id}`,
            cells: [
              <code title={id}>{short(id)}</code>,
              leg === null ? 'all' : `${leg + 1}`,
              <code>{code}</code>,
            ],
          })),
        ]}
      />
    </article>
  );
}
