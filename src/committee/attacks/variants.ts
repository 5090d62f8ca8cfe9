import type { ActionItem } from '../../ledger/actions.ts';
import type { BatchItem } from '../../ledger/items.ts';
import { type Bid, bidOf } from '../../validator/bid.ts';
import { decodeMessage, encodeMessage } from '../../validator/messages.ts';
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

/** Gives variant i of each item to validator i alone. @returns what each validator was given */
function split<I extends BatchItem | ActionItem>(
  { world }: AttackStage,
  items: readonly I[],
  variantOf: (item: I, i: number) => Partial<I>,
): Bid[][] {
  return world.committee.secrets.map((_, i) =>
    items.map((item) => {
      const { id, item: other, bytes } = world.variant(item, variantOf(item, i));
      world.submit(bytes, [i]);
      return bidOf(id, other);
    }),
  );
}

/** The attacker's notes, each spent in as many ways as there are validators. @returns what each was given, until its window ends */
function splitNotes(stage: AttackStage, at: number): { readonly given: Bid[][]; readonly last: number } {
  const items: BatchItem[] = [];
  while (stage.world.attacker.spendable.length > 0) items.push(highBid(stage, at));
  const given = split(stage, items, ({ changeCommitment }, i) => ({
    changeCommitment: changeCommitment + BigInt(i),
  }));
  return { given, last: Math.max(0, ...items.map(({ toHeight }) => toHeight)) };
}

/** Until the last quarter of the run, whenever the last items have run out of their windows. @param make says how long they last */
function everyWindow(
  { heights }: AttackStage,
  from: number,
  make: (at: number) => number,
): (at: number) => void {
  let last = 0;
  return (at) => {
    if (at >= from && at < heightAfter(0.75, heights) && at > last) last = make(at);
  };
}

export const variants: CommitteeAttack = {
  name: 'variants',
  explains:
    'A trader with 64 notes spends each of them in n ways, with high bids, and shows way i to validator i only: no two validators hold the same items, and ballots that list them endorse nothing.',
  attackerNotes: ITEMS,
  open: (stage) => ({ onHeight: everyWindow(stage, 1, (at) => splitNotes(stage, at).last) }),
};

export const variantsAnnounced: CommitteeAttack = {
  name: 'variants-announced',
  explains:
    'As variants, and at every delay the Byzantine validators announce to each victim that they hold the very items that it was given.',
  attackerNotes: ITEMS,
  open: (stage) => {
    const { members, correct } = stage.world.committee;
    let given: readonly (readonly Bid[])[] = [];
    return {
      // What their machines would announce would take these words back.
      twist: (bytes) => (decodeMessage(bytes)?.kind === 'announce' ? [] : [bytes]),
      onHeight: everyWindow(stage, 1, (at) => {
        const { given: all, last } = splitNotes(stage, at);
        given = all;
        return last;
      }),
      onDelay: () => {
        for (const to of correct) {
          const held = [...(given[to] ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
          if (held.length === 0) continue;
          const bytes = encodeMessage({ kind: 'announce', isWhole: false, held, withdrawn: [] });
          for (const from of stage.liars) members.inject(from, to, bytes);
        }
      },
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
    const act = everyWindow(stage, Math.max(3, heightAfter(0.25, heights)), () => {
      const items = accounts.map((account) => world.action(world.attacker, 1_000_000n, { account }).item);
      split(stage, items, ({ amount }, i) => ({ amount: amount + BigInt(i) }));
      return Math.max(...items.map(({ lastHeight }) => lastHeight));
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
        if (items.length === 0) return at;
        const { changeCommitment } = items[0]!;
        for (const item of items) world.submit(world.variant(item, { changeCommitment }).bytes, all);
        return Math.max(0, ...items.map(({ toHeight }) => toHeight));
      }),
    };
  },
};
