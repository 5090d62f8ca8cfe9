import { encodePoint, multiplyBase } from '../../crypto/babyjub.ts';
import { type BatchItem, encodeItem, itemIdOf } from '../../ledger/items.ts';
import { height, type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { quorumOf } from '../../params/quorum.ts';
import { MAX_BALLOT_ITEMS, PROOF_BYTES } from '../../params/sizes.ts';
import { Mempool } from '../../validator/mempool.ts';
import { decodeMessage } from '../../validator/messages.ts';
import { Out } from '../../validator/out.ts';

/** What bringing an item to all costs, mean over items and validators; its id in each ballot comes on top. */
export interface ItemCost {
  readonly n: number;
  /** Validators to which its trader sent it. */
  readonly sentTo: number;
  /** Sent and received for it: announcements, pulls and answers. */
  readonly bytes: number;
  /** What a model with announcements of an id alone had given, for an item that one validator gets. */
  readonly expected: number | undefined;
  /** From its arrival until it is listable everywhere. */
  readonly delays: number;
  /** Bytes of pulls and answers by those of one copy for each validator that lacks it; undefined if all have it. */
  readonly pulledByNeeded: number | undefined;
}

const EXPECTED: ReadonlyMap<number, number> = new Map([
  [4, 1_120],
  [10, 1_673],
  [31, 3_094],
]);
export const ITEM_SIZES: readonly number[] = [...EXPECTED.keys()];
const U = encodePoint(multiplyBase(5n));

const itemNumber = (i: number): BatchItem => ({
  kind: 'batch',
  fromHeight: height(1),
  toHeight: height(4),
  tableHeight: height(0),
  noteRoot: 1n,
  fee: 1_000n,
  nullifier: BigInt(1 + i),
  changeCommitment: BigInt(1_000_000 + i),
  U,
  ct: [2n, 3n, 4n],
  tag: 5n,
  proof: new Uint8Array(PROOF_BYTES).fill(1 + i),
});

/** The mempools of a committee whose frames all take one delay; ticks come once a delay, proofs are good and take no time. */
class Mempools {
  readonly pools: readonly Mempool[];
  /** Sent and received by validators, oneself left out. */
  bytes = 0;
  pulled = 0;
  #onLink: { readonly from: ValidatorIndex; readonly to: ValidatorIndex; readonly bytes: Uint8Array }[] = [];

  constructor(n: number) {
    const { f } = quorumOf(n);
    this.pools = Array.from(
      { length: n },
      (_, i) =>
        new Mempool(
          { self: validatorIndex(i), n, f, distrusted: new Set() },
          {
            claim: (item) => ({
              id: itemIdOf([(item as BatchItem).nullifier]),
              proved: { circuit: 'orders', signals: [] },
            }),
            check: () => undefined,
            isSigned: () => false,
            beacon: () => new Uint8Array(64),
          },
        ),
    );
  }

  at(i: number, work: (pool: Mempool, out: Out) => void): void {
    const from = validatorIndex(i);
    const pool = this.pools[i]!;
    const out = new Out();
    work(pool, out);
    for (let effect = out.effects.shift(); effect !== undefined; effect = out.effects.shift())
      if (effect.type === 'verify') pool.verified(effect.ref.copy, true, out);
    for (const { to, bytes } of out.frames) {
      const receivers = to === 'all' ? this.pools.map((_, k) => validatorIndex(k)) : [to];
      for (const receiver of receivers)
        if (receiver !== from) this.#onLink.push({ from, to: receiver, bytes });
    }
  }

  /** A delay: all frames arrive, then everybody's tick. */
  delay(): void {
    const arriving = this.#onLink;
    this.#onLink = [];
    for (const { from, to, bytes } of arriving) {
      const message = decodeMessage(bytes)!;
      this.bytes += 2 * bytes.length;
      if (message.kind !== 'announce') this.pulled += bytes.length;
      this.at(to, (pool, out) => {
        if (message.kind === 'announce') pool.heard(from, message, out);
        else if (message.kind === 'pullItems') pool.serve(from, message.ids, () => undefined, out);
        else if (message.kind === 'item') pool.answered(from, message.bytes, out);
      });
    }
    this.pools.forEach((_, i) => {
      this.at(i, (pool, out) => pool.tick(out));
    });
  }
}

/** Measures a ballot's worth of items, each sent to `sentTo` validators, whose turn goes round. */
export function itemCost(n: number, sentTo: number): ItemCost {
  const committee = new Mempools(n);
  const items = Array.from({ length: MAX_BALLOT_ITEMS }, (_, i) => encodeItem(itemNumber(i)));
  items.forEach((bytes, i) => {
    for (let k = 0; k < sentTo; k++)
      committee.at((i + k) % n, (pool, out) => {
        pool.offer(bytes, out);
      });
  });
  committee.pools.forEach((_, i) => {
    committee.at(i, (pool, out) => pool.tick(out));
  });
  const ids = items.map((_, i) => itemIdOf([itemNumber(i).nullifier]));
  let delays = 0;
  while (!committee.pools.every((pool) => ids.every((id) => pool.isListable(id)))) {
    committee.delay();
    delays += 1;
  }
  const needed = (n - sentTo) * items.reduce((sum, bytes) => sum + bytes.length, 0);
  return {
    n,
    sentTo,
    bytes: committee.bytes / items.length / n,
    expected: sentTo === 1 ? EXPECTED.get(n) : undefined,
    delays,
    pulledByNeeded: needed === 0 ? undefined : committee.pulled / needed,
  };
}
