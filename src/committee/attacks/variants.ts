import type { ActionItem } from '../../ledger/actions.ts';
import type { BatchItem } from '../../ledger/items.ts';
import { type AttackStage, type CommitteeAttack, heightAfter } from '../attack.ts';
import { perp } from '../traders.ts';

/** Items of the attacker, as many as a ballot lists. */
const ITEMS = 64;
/** How often the fee that a batch has to pay the attacker bids. */
const BID = 10n;
const CASH = 50_000_000n;
/** Above the numbers of the honest traders' deposits. */
const FIRST_NONCE = 1n << 32n;

/** The attacker's next batch, with a high bid. */
function highBid({ world }: AttackStage, at: number): BatchItem {
  const terms = world.terms(at);
  const orders = [perp('buy', 1n, 60_000_000n)];
  return world.batch(world.attacker, orders, { ...terms, fee: BID * terms.fee }).item;
}

/** Gives variant i of each item to validator i alone, one after the other. */
function split<I extends BatchItem | ActionItem>(
  { world }: AttackStage,
  items: readonly I[],
  variantOf: (item: I, i: number) => Partial<I>,
): void {
  for (let i = 0; i < world.committee.secrets.length; i++)
    for (const item of items) world.submit(world.variant(item, variantOf(item, i)).bytes, [i]);
}

/** Until the last quarter of the run, whenever the last items have run out of their windows, or of validators that hold them. */
function everyWindow(
  { heights }: AttackStage,
  from: number,
  make: (at: number) => readonly { readonly last: number }[],
) {
  let last = 0;
  return (at: number): void => {
    if (at < from || at >= heightAfter(0.75, heights) || at <= last) return;
    last = Math.max(0, ...make(at).map((item) => item.last));
  };
}

export const variants: CommitteeAttack = {
  name: 'variants',
  explains:
    'A trader with 64 notes spends each of them in n ways, with high bids, and shows way i to validator i only: no two validators hold the same items, and ballots that list them endorse nothing.',
  attackerNotes: ITEMS,
  open: (stage) => {
    const { world } = stage;
    return {
      onHeight: everyWindow(stage, 1, (at) => {
        const items: BatchItem[] = [];
        while (world.attacker.spendable.length > 0) items.push(highBid(stage, at));
        split(stage, items, ({ changeCommitment }, i) => ({
          changeCommitment: changeCommitment + BigInt(i),
        }));
        return items.map(({ toHeight }) => ({ last: toHeight }));
      }),
    };
  },
};

export const variantsAccounts: CommitteeAttack = {
  name: 'variants-accounts',
  explains:
    'In the first quarter of the heights a trader funds 64 accounts; then it makes each of them act in n ways and shows way i to validator i only. Actions cannot bid, so fees do not sort them out.',
  open: (stage) => {
    const { world, heights } = stage;
    const accounts = Array.from({ length: ITEMS }, (_, k) => world.attacker.accountNamed(`account ${k}`));
    const act = everyWindow(stage, Math.max(3, heightAfter(0.25, heights)), (at) => {
      const items = accounts.map((account) => world.action(world.attacker, 1_000_000n, { account }).item);
      split(stage, items, ({ amount }, i) => ({ amount: amount + BigInt(i) }));
      return items.map(() => ({ last: at + 3 }));
    });
    return {
      onHeight: (at) => {
        if (at === 1) {
          const all = world.committee.secrets.map((_, i) => i);
          accounts.forEach((account, k) => {
            world.submit(world.deposit(FIRST_NONCE + BigInt(k), account, CASH).bytes, all);
          });
        }
        act(at);
      },
    };
  },
};

export const oneLeaf: CommitteeAttack = {
  name: 'one-leaf',
  explains:
    'A trader sends 64 batches with high bids that all name one change note: only one of them can be accepted, and ballots full of the others endorse nothing.',
  attackerNotes: ITEMS,
  open: (stage) => {
    const { world } = stage;
    const all = world.committee.secrets.map((_, i) => i);
    return {
      onHeight: everyWindow(stage, 1, (at) => {
        const items: BatchItem[] = [];
        while (world.attacker.spendable.length > 0) items.push(highBid(stage, at));
        const { changeCommitment } = items[0]!;
        for (const item of items) world.submit(world.variant(item, { changeCommitment }).bytes, all);
        return items.map(({ toHeight }) => ({ last: toHeight }));
      }),
    };
  },
};
