import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { type BatchItem, encodeItem } from '../../../src/ledger/items.ts';
import type { RefusalCode } from '../../../src/ledger/refusals.ts';
import { type ItemId, itemId } from '../../../src/params/ids.ts';
import { MAX_MEMPOOL_ITEMS } from '../../../src/params/sizes.ts';
import { Mempool } from '../../../src/validator/mempool.ts';
import { Out } from '../../../src/validator/out.ts';
import { sampleItem } from '../ledger/batches.ts';
import { sampleDeposit } from '../ledger/transfer-items.ts';
import { copyOf, H1, proofOf, said, v } from './fixtures.ts';

/** A mempool over rules of the test: the id is the hash of the nullifier, `refuse` says what the ledger says. */
function pool(refuse: (item: BatchItem) => RefusalCode | undefined = () => undefined) {
  const mempool = new Mempool({
    claim: (item) => ({ id: idOf(item as BatchItem), proved: { circuit: 'orders', signals: [] } }),
    check: (item) => refuse(item as BatchItem),
    isSigned: () => false,
  });
  const out = new Out();
  /** Answers every open `verify` effect. */
  const answer = (ok: boolean): void => {
    for (const effect of out.effects.splice(0)) mempool.verified(copyOf(effect), ok, out);
  };
  return { mempool, out, answer };
}

const idOf = ({ nullifier, tag }: Pick<BatchItem, 'nullifier' | 'tag'>): ItemId =>
  itemId(toHex(hashBytes('itemId', new TextEncoder().encode(`${nullifier}/${tag}`))));
const bytesOf = (nullifier: bigint, proof = 7, tag = 24n): Uint8Array =>
  encodeItem(sampleItem({ nullifier, proof: proofOf(proof), tag }));
const id = (nullifier: bigint): ItemId => idOf({ nullifier, tag: 24n });

describe('items that the tally accepted', () => {
  test('are asked of every peer once, taken from those asked, one copy each', () => {
    const { mempool, out, answer } = pool();
    const peers = [v(1), v(2)];
    mempool.want([id(1n)], H1, peers, out);
    mempool.want([id(1n)], H1, peers, out);
    expect(said(out)).toMatchObject([
      { to: 1, message: { kind: 'pullItems', ids: [id(1n)] } },
      { to: 2, message: { kind: 'pullItems' } },
    ]);
    mempool.answered(v(3), bytesOf(1n), out);
    expect(out.effects).toEqual([]);
    for (let copy = 0; copy < 5; copy++) mempool.answered(v(1), bytesOf(1n, copy), out);
    expect(out.effects).toHaveLength(1);
    answer(true);
    expect(mempool.get(id(1n))).toBeDefined();
    expect(out.outputs).toEqual([{ type: 'admitted', item: id(1n) }]);
  });

  test('are asked again, when the timer fires, of those that have not answered, until they are here', () => {
    const { mempool, out, answer } = pool();
    const again = (): unknown[] => {
      const resent = new Out();
      mempool.resend(H1, resent);
      return said(resent).map(({ to, message }) => [to, message.kind === 'pullItems' && message.ids]);
    };
    expect(again()).toEqual([]);
    mempool.want([id(1n), id(2n)], H1, [v(1), v(2)], out);
    const both = [id(1n), id(2n)];
    expect(again()).toEqual([
      [1, both],
      [2, both],
    ]);
    mempool.answered(v(1), bytesOf(1n, 66), out);
    answer(false);
    expect(again()).toEqual([
      [2, both],
      [1, [id(2n)]],
    ]);
    mempool.answered(v(2), bytesOf(1n), out);
    answer(true);
    expect(again()).toEqual([
      [1, [id(2n)]],
      [2, [id(2n)]],
    ]);
    mempool.advance([id(1n)], out);
    expect(again()).toEqual([]);
  });

  test('a pulled copy with a bad proof is that peer’s fault, and the next peer’s good one is taken', () => {
    const { mempool, out, answer } = pool();
    mempool.want([id(1n)], H1, [v(1), v(2)], out);
    mempool.answered(v(1), bytesOf(1n, 66), out);
    answer(false);
    mempool.answered(v(2), bytesOf(1n), out);
    answer(true);
    expect(out.faults).toEqual([{ by: 1, fault: 'ITEM_PROOF_INVALID', evidence: { item: id(1n) } }]);
    expect(mempool.get(id(1n))).toBeDefined();
    expect(out.outputs.filter(({ type }) => type === 'refused')).toEqual([]);
  });

  test('are taken beside a rival of the same note, against the rules of admission, and into a full mempool', () => {
    const { mempool, out, answer } = pool((item) => (item.nullifier === 2n ? 'ITEM_WINDOW' : undefined));
    for (let i = 0; i < MAX_MEMPOOL_ITEMS; i++) mempool.offer(bytesOf(100n + BigInt(i)), out);
    answer(true);
    const rival = idOf({ nullifier: 100n, tag: 99n });
    const wanted = [rival, id(2n)];
    mempool.want(wanted, H1, [v(1)], out);
    mempool.answered(v(1), bytesOf(100n, 7, 99n), out);
    mempool.answered(v(1), bytesOf(2n), out);
    answer(true);
    for (const each of wanted) expect(mempool.get(each)).toBeDefined();
  });

  test('a trader cannot flood the verifier with copies of a wanted item', () => {
    const { mempool, out } = pool();
    mempool.want([id(1n)], H1, [v(1)], out);
    for (let i = 0; i < 2 * MAX_MEMPOOL_ITEMS; i++) {
      const proof = proofOf(0);
      proof.set([i & 255, i >> 8]);
      mempool.offer(encodeItem(sampleItem({ nullifier: 1n, proof })), out);
    }
    expect(out.effects).toHaveLength(MAX_MEMPOOL_ITEMS);
  });

  test('a pulled deposit that the bridge did not sign is that peer’s fault, and the next peer’s is taken at once', () => {
    const deposit = sampleDeposit();
    const named = itemId('ab'.repeat(32));
    const mempool = new Mempool({
      claim: () => ({ id: named, proved: undefined }),
      check: () => undefined,
      isSigned: (item) => toHex(item.signature) === toHex(deposit.signature),
    });
    const out = new Out();
    mempool.want([named], H1, [v(1), v(2)], out);
    mempool.answered(v(1), encodeItem({ ...deposit, signature: new Uint8Array(64) }), out);
    expect(out.faults).toMatchObject([{ by: 1, fault: 'ITEM_SIGNATURE_INVALID' }]);
    expect(mempool.get(named)).toBeUndefined();
    mempool.answered(v(2), encodeItem(deposit), out);
    expect(mempool.get(named)).toBeDefined();
    expect(out.effects).toEqual([]);
  });

  test('malformed bytes from a peer are its fault; what nobody asked for is ignored', () => {
    const { mempool, out } = pool();
    mempool.answered(v(1), new Uint8Array(5), out);
    mempool.answered(v(1), bytesOf(1n), out);
    expect(out.faults).toMatchObject([{ by: 1, fault: 'ITEM_MALFORMED' }]);
    expect(out.effects).toEqual([]);
  });
});

describe('a mempool', () => {
  test('lists the oldest first, and no more than asked for', () => {
    const { mempool, out, answer } = pool();
    for (const n of [5n, 3n, 9n]) mempool.offer(bytesOf(n), out);
    answer(true);
    expect(mempool.listable(2)).toEqual([id(5n), id(3n)]);
    expect(mempool.listable(64)).toHaveLength(3);
  });

  test('an unproved rival keeps nobody out', () => {
    const { mempool, out } = pool();
    mempool.offer(bytesOf(1n, 7, 50n), out);
    mempool.offer(bytesOf(1n), out);
    const [forRival, forGood] = out.effects.splice(0);
    mempool.verified(copyOf(forRival!), false, out);
    mempool.verified(copyOf(forGood!), true, out);
    expect(mempool.listable(9)).toEqual([id(1n)]);
  });

  test('when a height is ordered, its items leave, and so does what the next height cannot order', () => {
    let refused: readonly bigint[] = [];
    const { mempool, out, answer } = pool((item) =>
      refused.includes(item.nullifier) ? 'ITEM_WINDOW' : undefined,
    );
    for (const n of [1n, 2n, 3n]) mempool.offer(bytesOf(n), out);
    answer(true);
    out.outputs.length = 0;
    refused = [2n];
    mempool.advance([id(1n)], out);
    expect(mempool.listable(9)).toEqual([id(3n)]);
    expect(out.outputs).toEqual([{ type: 'refused', item: id(2n), code: 'ITEM_WINDOW' }]);
  });

  test('what was being verified while the ledger moved on is refused when its proof turns out good', () => {
    let spent = false;
    const { mempool, out, answer } = pool(() => (spent ? 'ITEM_NULLIFIER_SPENT' : undefined));
    mempool.offer(bytesOf(1n), out);
    spent = true;
    answer(true);
    expect(out.outputs).toEqual([{ type: 'refused', item: id(1n), code: 'ITEM_NULLIFIER_SPENT' }]);
    expect(mempool.listable(9)).toEqual([]);
  });

  test('remembers so many bad copies and no more', () => {
    const { mempool, out, answer } = pool();
    for (let i = 0; i <= MAX_MEMPOOL_ITEMS; i++) {
      mempool.offer(bytesOf(BigInt(i)), out);
      answer(false);
    }
    mempool.offer(bytesOf(BigInt(MAX_MEMPOOL_ITEMS)), out);
    expect(out.effects).toEqual([]);
    mempool.offer(bytesOf(0n), out);
    expect(out.effects).toHaveLength(1);
  });
});
