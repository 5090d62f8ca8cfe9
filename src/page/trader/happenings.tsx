import { Rows } from '../shell/rows.tsx';
import type { HappeningView, WalletView } from '../worker/messages.ts';
import { happeningText } from './happening-text.ts';
import { accountName } from './holdings.tsx';

interface HappeningListProps {
  readonly caption: string;
  readonly wallet: WalletView;
  readonly happenings: readonly HappeningView[];
}

export const HappeningList = ({ caption, wallet, happenings }: HappeningListProps) => (
  <Rows
    caption={caption}
    head={['Height', 'Account', 'What']}
    rows={happenings.map((each, i) => ({
      key: i,
      cells: [each.height, nameOf(each.account, wallet), happeningText(each, wallet)],
    }))}
  />
);

function nameOf(id: string | null, { accounts }: WalletView): string {
  if (id === null) return '';
  const known = accounts.find((each) => each.id === id);
  return accountName(known ?? { id, number: null });
}

/** What happened to this wallet's money, the last first. */
export const Happenings = ({ wallet }: { readonly wallet: WalletView }) => (
  <section aria-labelledby="happenings">
    <h3 id="happenings">History</h3>
    {wallet.history.length === 0 && <p>Nothing has happened yet.</p>}
    <HappeningList
      caption="What the verified chain says of this wallet’s money, the last first"
      wallet={wallet}
      happenings={wallet.history.toReversed()}
    />
  </section>
);
