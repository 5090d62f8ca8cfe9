import { encodePoint, multiplyBase } from '../crypto/babyjub.ts';
import { type BatchItem, encodeItem } from '../ledger/items.ts';
import { height, type ItemId, validatorIndex } from '../params/ids.ts';
import { MAX_BALLOT_ITEMS, MAX_ITEM_WINDOW, MAX_LISTED_IN_VAIN, PROOF_BYTES } from '../params/sizes.ts';
import { bidOf } from '../validator/bid.ts';
import { type Frame, type ListRule, MempoolCommittee, modelIdOf } from './mempool-committee.ts';

export interface SplitSetting {
  readonly n: number;
  /** The last validators. */
  readonly liars: number;
  readonly rule: ListRule;
  readonly trader: VariantTrader;
  readonly heights: number;
}

/**
 * What the trader sends: nothing; variants that may be ordered for as long as the run lasts; or such as may be ordered in the next few heights only and are then made
 * anew, so that mempools forget how often they were listed in vain.
 */
export type VariantTrader = 'none' | 'lasting variants' | 'renewed variants';

const U = encodePoint(multiplyBase(5n));
const HONEST_FEE = 1_000n;
const HIGH_FEE = 9_000n;
/** Above the notes of the trader. */
const HONEST_NOTES = 1_000;

/** A batch of a note; batches of one note are variants of each other. */
export const batchOf = (
  note: number,
  fee: bigint,
  variant: number,
  toHeight = MAX_ITEM_WINDOW,
): BatchItem => ({
  kind: 'batch',
  fromHeight: height(1),
  toHeight: height(toHeight),
  tableHeight: height(0),
  noteRoot: 1n,
  fee,
  nullifier: BigInt(1 + note),
  changeCommitment: BigInt(1_000_000 * (1 + note) + variant),
  U,
  ct: [2n, 3n, 4n],
  tag: 5n,
  proof: new Uint8Array(PROOF_BYTES).fill(7),
});
const honestOf = (at: number): BatchItem => batchOf(HONEST_NOTES + at, HONEST_FEE, 0);

/**
 * Heights in which one honest batch comes to everybody, and from the trader variant i of each of MAX_BALLOT_ITEMS batches to validator i alone,
 * with a higher bid than the honest one and than its own of the height before. Liars announce to validator i that they hold
 * variant i, and say nothing of the honest batch. The network is the attacker's as well: of what goes from mempool to mempool, announcements
 * arrive before the ballots and copies of items after them.
 * @param accept which items the ballots lead to, by the lists of the correct validators and which items are honest
 * @returns by height, which of the honest batches were accepted there: the heights at which they came; and how many of the trader's
 */
export function splitHeights(
  { n, liars, rule, trader, heights }: SplitSetting,
  accept: (lists: readonly (readonly ItemId[])[], isHonest: (id: ItemId) => boolean) => readonly ItemId[],
): { readonly honest: readonly number[]; readonly traders: number }[] {
  const correct = n - liars;
  const said: Frame[] = [];
  const pulled: Frame[] = [];
  let next = 1;
  const committee = new MempoolCommittee(
    n,
    correct,
    rule,
    (frame) => {
      (frame.message.kind === 'announce' ? said : pulled).push(frame);
    },
    (item) => (item.kind === 'batch' && item.toHeight < next ? 'ITEM_WINDOW' : undefined),
  );
  const everywhere = (work: (i: number) => void): void => {
    for (let i = 0; i < correct; i++) work(i);
  };
  const honestIds = new Map<ItemId, number>();
  return Array.from({ length: heights }, (_, h) => {
    const at = h + 1;
    const honest = honestOf(at);
    const lastOfGroup = at + MAX_LISTED_IN_VAIN - 1 - (h % MAX_LISTED_IN_VAIN);
    honestIds.set(modelIdOf(honest), at);
    everywhere((i) => {
      const variants = Array.from({ length: trader === 'none' ? 0 : MAX_BALLOT_ITEMS }, (_, note) =>
        batchOf(
          note,
          HIGH_FEE + BigInt(at),
          1_000 * at + i,
          trader === 'renewed variants' ? lastOfGroup : undefined,
        ),
      );
      const held = variants
        .map((item) => bidOf(modelIdOf(item), item))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      committee.at(i, (pool, out) => {
        for (const item of [...variants, honest]) pool.offer(encodeItem(item), out);
        for (let k = correct; k < n; k++)
          pool.heard(validatorIndex(k), { kind: 'announce', isWhole: false, held, withdrawn: [] }, out);
      });
    });
    everywhere((i) => {
      committee.at(i, (pool, out) => pool.tick(out));
    });
    for (const frame of said.splice(0)) committee.deliver(frame);
    const lists = committee.pools.map((pool) => pool.list());
    const accepted = accept(lists, (id) => honestIds.has(id));
    next = at + 1;
    everywhere((i) => {
      committee.at(i, (pool, out) => {
        pool.tallied(lists[i]!, accepted);
        pool.advance(height(at), accepted, out);
      });
    });
    while (pulled.length > 0) for (const frame of pulled.splice(0)) committee.deliver(frame);
    everywhere((i) => {
      committee.at(i, (pool, out) => pool.begin(out));
    });
    const came = accepted.flatMap((id) => honestIds.get(id) ?? []);
    return { honest: came, traders: accepted.length - came.length };
  });
}
