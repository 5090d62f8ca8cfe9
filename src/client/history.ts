import type { State } from '../base/state-codec.ts';
import {
  either,
  isBigint,
  isNatural,
  isText,
  listOf,
  oneOf,
  recordOf,
  type Shape,
} from '../base/state-shape.ts';
import type { BatchContent } from '../ledger/batch-words.ts';
import type { Header } from '../ledger/block.ts';
import type { Item } from '../ledger/items.ts';
import type { NamedItem } from '../ledger/ordering-state.ts';
import { accountIdOf } from '../ledger/settlement-state.ts';
import type { Settlement } from '../ledger/transition.ts';
import type { AccountId, ItemId } from '../params/ids.ts';

const KINDS = ['deposit', 'batch', 'fill', 'shield', 'withdraw', 'refused'] as const;

/** One thing that happened to a wallet's money, as the verified chain says. Plain data; what does not apply is undefined. */
export interface Happening {
  readonly height: number;
  /** Block time, unix seconds. */
  readonly timeS: bigint;
  readonly kind: (typeof KINDS)[number];
  /** Of the item. */
  readonly id: ItemId;
  /** Public from this height on. */
  readonly account: AccountId | undefined;
  /** Units: paid in, shielded, withdrawn; of a batch what it moved from a note into the account. */
  readonly amount: bigint | undefined;
  /** Units. */
  readonly fee: bigint | undefined;
  /** Why an item, or one order of it, had no effect. */
  readonly code: string | undefined;
  /** Of a fill, or an order that had no effect. */
  readonly leg: number | undefined;
  readonly instrument: number | undefined;
  readonly side: 'buy' | 'sell' | undefined;
  readonly lots: bigint | undefined;
  /** Units per lot. */
  readonly price: bigint | undefined;
}

/** An item of the wallet's own; of a batch also what it held, undefined if it was unreadable. */
export type OwnItem = NamedItem<Item> & { readonly content: BatchContent | undefined };

const NOTHING = {
  account: undefined,
  amount: undefined,
  fee: undefined,
  code: undefined,
  leg: undefined,
  instrument: undefined,
  side: undefined,
  lots: undefined,
  price: undefined,
} as const;

/** What a height did to a wallet. @param own the wallet's items among those accepted, and ids of all that may be refused. @param owns whether an account is its */
export function happeningsOf(
  { height, timeS }: Pick<Header, 'height' | 'timeS'>,
  { transfers, fills, receipts }: Pick<Settlement, 'transfers' | 'fills' | 'receipts'>,
  { items, ids }: { readonly items: readonly OwnItem[]; readonly ids: ReadonlySet<ItemId> },
  owns: (account: AccountId) => boolean,
): Happening[] {
  const base = { ...NOTHING, height: height as number, timeS };
  return [
    ...items.flatMap(({ id, item, content }): Happening[] => {
      if (item.kind !== 'batch' || content === undefined) return [];
      const account = accountIdOf(content.account);
      return [{ ...base, kind: 'batch', id, account, amount: content.deposit, fee: item.fee }];
    }),
    ...transfers
      .filter(({ account, kind }) => owns(account) && kind !== 'refused')
      .map(({ id, kind, account, amount, fee }): Happening => ({ ...base, kind, id, account, amount, fee })),
    ...fills
      .filter(({ account }) => owns(account))
      .map(
        ({ id, account, leg, instrument, side, lots, price, fee }): Happening => ({
          ...base,
          ...{ kind: 'fill', id, account, leg, instrument: instrument as number, side, lots, price, fee },
        }),
      ),
    ...receipts
      .filter(({ id }) => ids.has(id))
      .map(({ id, leg, code }): Happening => ({ ...base, kind: 'refused', id, leg, code })),
  ];
}

const maybe = (check: (value: State) => boolean) => either((value) => value === undefined, check);
const HAPPENING: Shape = {
  height: isNatural,
  timeS: isBigint,
  kind: oneOf(...KINDS),
  id: isText,
  account: maybe(isText),
  amount: maybe(isBigint),
  fee: maybe(isBigint),
  code: maybe(isText),
  leg: maybe(isNatural),
  instrument: maybe(isNatural),
  side: maybe(oneOf('buy', 'sell')),
  lots: maybe(isBigint),
  price: maybe(isBigint),
};

/** Whether a decoded value is a list of what happened. */
export const isHistory = listOf(recordOf(HAPPENING));
