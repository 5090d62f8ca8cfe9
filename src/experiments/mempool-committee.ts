import { encodePoint, multiplyBase } from '../crypto/babyjub.ts';
import { type BatchItem, type Item, itemIdOf } from '../ledger/items.ts';
import type { RefusalCode } from '../ledger/refusals.ts';
import { height, type ItemId, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { PROOF_BYTES } from '../params/sizes.ts';
import { Mempool } from '../validator/mempool.ts';
import { decodeMessage, type Message } from '../validator/messages.ts';
import { Out } from '../validator/out.ts';

/**
 * Which items a ballot may list: those that it holds and of which so many validators, itself included, say that they hold them.
 * The first is the project's rule; the others are weaker ones to compare it with.
 */
export type ListRule = 'held by 2f + 1' | 'held by f + 1' | 'held';

export interface Frame {
  readonly from: ValidatorIndex;
  readonly to: ValidatorIndex;
  readonly message: Message;
  /** Of its encoding. */
  readonly bytes: number;
}

const U = encodePoint(multiplyBase(5n));
/** A batch for these mempools, which look at no proof: one number, one batch. */
export const modelBatch = (i: number): BatchItem => ({
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

/** The id that these mempools know an item by: it names what tells the items of a run apart. */
export function modelIdOf(item: Item): ItemId {
  switch (item.kind) {
    case 'batch':
      return itemIdOf([item.nullifier, item.changeCommitment, item.fee]);
    case 'action':
      return itemIdOf([item.account]);
    case 'deposit':
      return itemIdOf([item.nonce]);
    case 'registration':
      return itemIdOf([BigInt(item.registryIndex)]);
    case 'dealing':
    case 'evidence':
      return itemIdOf([BigInt(item.dealer)]);
  }
}

function requiredHolders(rule: ListRule, f: number): number {
  if (rule === 'held') return 1;
  return rule === 'held by f + 1' ? f + 1 : 2 * f + 1;
}

/**
 * The mempools of the correct validators of a committee, the first ones of n. They are the project's own; the ledger takes every item unless told otherwise, and proofs
 * and signatures are good and take no time. What they send to one another is handed to `onFrame`, which brings it back by `deliver`.
 */
export class MempoolCommittee {
  readonly pools: readonly Mempool[];
  readonly #onFrame: (frame: Frame) => void;

  /**
   * @param correct how many of the n have a mempool here; nothing is sent to the others
   * @param check   why the ledger does not take an item at the height to be ordered
   */
  constructor(
    n: number,
    correct: number,
    rule: ListRule,
    onFrame: (frame: Frame) => void,
    check: (item: Item) => RefusalCode | undefined = () => undefined,
  ) {
    this.#onFrame = onFrame;
    // A mempool asks for 2f + 1 holders and uses f for nothing else: it is told the f that makes them as many as the rule wants.
    const f = (requiredHolders(rule, quorumOf(n).f) - 1) / 2;
    this.pools = Array.from(
      { length: correct },
      (_, i) =>
        new Mempool(
          { self: validatorIndex(i), n, f, distrusted: new Set() },
          {
            claim: (item) => ({
              id: modelIdOf(item),
              proved: item.kind === 'deposit' ? undefined : { circuit: 'orders', statements: [[]] },
            }),
            check,
            checkSigned: () => undefined,
            isDealers: () => true,
            beacon: () => new Uint8Array(64),
          },
        ),
    );
  }

  /** One mempool does something, and what it sends goes on its way. */
  at(i: number, work: (pool: Mempool, out: Out) => void): void {
    const from = validatorIndex(i);
    const pool = this.pools[i]!;
    const out = new Out();
    work(pool, out);
    for (let effect = out.effects.shift(); effect !== undefined; effect = out.effects.shift())
      if (effect.type === 'verify') for (const { ref } of effect.requests) pool.verified(ref.copy, true, out);
    for (const { to, bytes } of out.frames) {
      const message = decodeMessage(bytes)!;
      for (let k = 0; k < this.pools.length; k++)
        if (k !== i && (to === 'all' || to === k))
          this.#onFrame({ from, to: validatorIndex(k), message, bytes: bytes.length });
    }
  }

  deliver({ from, to, message }: Frame): void {
    this.at(to, (pool, out) => {
      if (message.kind === 'announce') pool.heard(from, message, out);
      else if (message.kind === 'pullItems') pool.serve(from, message.ids, () => undefined, out);
      else if (message.kind === 'item') pool.answered(from, message.bytes, out);
    });
  }
}
