import { money } from '../shell/format.ts';
import type { HappeningView, WalletView } from '../worker/messages.ts';

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
