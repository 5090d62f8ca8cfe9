import { money } from '../shell/format.ts';
import { Rows } from '../shell/rows.tsx';
import type { HappeningView, WalletView } from '../worker/messages.ts';
import { accountName } from './holdings.tsx';

/** One thing that happened, in words. */
export function happeningText(each: HappeningView, { instruments }: Pick<WalletView, 'instruments'>): string {
  const { kind, amount, fee, code, leg, instrument, side, lots, price } = each;
  switch (kind) {
    case 'fill':
      return `leg ${leg! + 1}: ${side === 'buy' ? 'bought' : 'sold'} ${lots} ${instruments[instrument!]!.name} at ${money(price!)}, fee ${money(fee!)}`;
    case 'refused':
      return `${leg === null ? 'refused' : `leg ${leg + 1}`}: ${code}`;
    case 'batch':
      return `batch: ${money(amount!)} of a note moved into the account, fee ${money(fee!)}`;
    default:
      return `${kind}: ${money(amount!)}${fee! > 0n ? `, fee ${money(fee!)}` : ''}`;
  }
}

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
