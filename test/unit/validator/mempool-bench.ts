import { toHex } from '../../../src/base/bytes.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import type { Claim } from '../../../src/ledger/claims.ts';
import { type BatchItem, encodeItem, type Item, proofsOf } from '../../../src/ledger/items.ts';
import type { RefusalCode } from '../../../src/ledger/refusals.ts';
import { height, type ItemId, itemId } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import type { Announce } from '../../../src/validator/announcements.ts';
import { bidOf } from '../../../src/validator/bid.ts';
import { Mempool, type MempoolOwner } from '../../../src/validator/mempool.ts';
import { Out } from '../../../src/validator/out.ts';
import { sampleItem } from '../ledger/batches.ts';
import { copyOf, proofOf, said, v } from './fixtures.ts';

/** Batches of the test: `note` is what is spent, `tag` tells variants of one note apart. */
export interface Variant {
  readonly note: bigint;
  readonly tag?: bigint;
  readonly fee?: bigint;
  readonly proof?: number;
  readonly change?: bigint;
}

export const batchOf = ({
  note,
  tag = 24n,
  fee = 1_000n,
  proof = 7,
  change = note + 500n,
}: Variant): BatchItem =>
  sampleItem({ nullifier: note, tag, fee, proof: proofOf(proof), changeCommitment: change });
export const idOf = (item: Item): ItemId => {
  return itemId(toHex(hashBytes('itemId', new TextEncoder().encode(wordsOf(item).join('/')))));
};
function wordsOf(item: Item): readonly (bigint | number)[] {
  switch (item.kind) {
    case 'batch':
      return [item.nullifier, item.tag, item.fee, item.changeCommitment];
    case 'action':
      return [item.account, item.sequence, item.amount];
    case 'deposit':
      return [item.nonce, item.account, item.amount];
    case 'registration':
      return [item.registryIndex, item.epoch, item.y];
    case 'dealing':
      return [item.dealer, item.session, item.dealing.ephemeral.toAffine().x];
    case 'evidence':
      return [item.dealer, item.session];
  }
}
/** As many statements as the item has proofs; what is signed instead has none. */
const provedOf = (item: Item): Claim['proved'] =>
  proofsOf(item).length === 0 ? undefined : { circuit: 'orders', statements: proofsOf(item).map(() => []) };
export const id = (variant: Variant): ItemId => idOf(batchOf(variant));
export const bytesOf = (variant: Variant): Uint8Array => encodeItem(batchOf(variant));

/** What a validator that holds these items says. */
export const announcing = (items: readonly Item[], changes: Partial<Announce> = {}): Announce => ({
  kind: 'announce',
  isWhole: false,
  held: items.map((item) => bidOf(idOf(item), item)).sort((a, b) => (a.id < b.id ? -1 : 1)),
  withdrawn: [],
  ...changes,
});

/** A validator's mempool, validator 0's by default, over rules of the test: an id is the hash of an item's words, `refuse` says what the ledger says. */
export class MempoolBench {
  readonly owner: MempoolOwner;
  readonly mempool: Mempool;
  readonly out = new Out();
  refuse: (item: Item) => RefusalCode | undefined = () => undefined;
  beacon = new Uint8Array(64);
  /** Whether the reserve tables are known. */
  hasTables = true;

  constructor(n = 4, { self = v(0) } = {}) {
    this.owner = { self, n, f: quorumOf(n).f, distrusted: new Set() };
    this.mempool = new Mempool(this.owner, {
      claim: (item) => (this.hasTables ? { id: idOf(item), proved: provedOf(item) } : undefined),
      check: (item) => this.refuse(item),
      checkSigned: () => undefined,
      isDealers: () => true,
      beacon: () => this.beacon,
    });
  }

  /** Answers every open `verify` effect. */
  verify(ok = true): void {
    for (const effect of this.out.effects.splice(0)) this.mempool.verified(copyOf(effect), ok, this.out);
  }

  offer(...items: readonly Item[]): void {
    for (const item of items) this.mempool.offer(encodeItem(item), this.out);
    this.verify();
  }

  /** Peers say that they hold these. */
  announce(peers: readonly number[], ...items: readonly Item[]): void {
    for (const peer of peers) this.mempool.heard(v(peer), announcing(items), this.out);
  }

  answer(peer: number, item: Item, ok = true): void {
    this.mempool.answered(v(peer), encodeItem(item), this.out);
    this.verify(ok);
  }

  tick(times = 1): void {
    for (let i = 0; i < times; i++) this.mempool.tick(this.out);
  }

  ordered(at: number, ids: readonly ItemId[]): void {
    this.mempool.advance(height(at), ids, this.out);
    this.mempool.begin(this.out);
  }

  /** Pulls since this was asked last, as [peer, ids]. */
  pulls(): [number, readonly ItemId[]][] {
    const pulled = said(this.out).flatMap(({ to, message }): [number, readonly ItemId[]][] =>
      message.kind === 'pullItems' ? [[to as number, message.ids]] : [],
    );
    this.out.frames.length = 0;
    return pulled;
  }

  get faults(): [number, string][] {
    return this.out.faults.map(({ by, fault }) => [by, fault]);
  }

  get codes(): string[] {
    return this.out.outputs.flatMap((output) => (output.type === 'refused' ? [output.code] : []));
  }
}
