import { afterAll, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { Nodes } from '../../../src/client/nodes.ts';
import { type SendStep, sendBatch } from '../../../src/client/send.ts';
import { Trader } from '../../../src/client/trader.ts';
import { perp } from '../../../src/committee/traders.ts';
import { claimOf } from '../../../src/ledger/claims.ts';
import { type BatchItem, decodeItem } from '../../../src/ledger/items.ts';
import { PROOF_BYTES } from '../../../src/params/sizes.ts';
import { fakeNode, statusOf, walletChain } from '../../helpers/wallet-chain.ts';

/** Proofs prove nothing here: the committee's oracle says which it takes. */
const prover = {
  prove: async () => ({ proof: new Uint8Array(PROOF_BYTES).fill(7), publicSignals: [] }),
};

const made = walletChain();
const { world, chain, epoch, seed, blocks, runHeight } = made;
const trader = Trader.begin(chain, epoch, seed);
const handedIn: BatchItem[] = [];

/** Heights that are still to come, one each time that somebody asks how far the chain is. */
const coming: (() => void)[] = [];

/** Keeps the first batch back until its window has passed, and has the second one ordered. */
function take(hex: string): null {
  const item = decodeItem(fromHex(hex)!) as BatchItem;
  handedIn.push(item);
  const next = blocks.length + 1;
  if (handedIn.length === 1) {
    for (let at = next; at <= item.toHeight; at++) coming.push(() => runHeight(at));
  } else {
    const { items, claims } = made.trader.replica;
    world.committee.accept([...claimOf(items, claims, item)!.proved!.statements[0]!], item.proof);
    coming.push(() => runHeight(next, item));
  }
  return null;
}

const { server, address } = await fakeNode((method, { height, item }) => {
  if (method === 'status') {
    coming.shift()?.();
    return { result: statusOf(made) };
  }
  if (method === 'block') return { result: { encoded: toHex(blocks[height! - 1]!) } };
  if (method === 'submit') return { result: { id: take(item!) } };
  return { result: { status: 'waiting' } };
});
afterAll(() => void server.close());

test('a batch that no height of its window ordered is made anew with the same note, and its owner is told what that shows', async () => {
  const said: SendStep[] = [];
  let kept = 0;
  const wallet = { trader, save: () => void kept++ };
  const random = (n: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(n));
  const wish = { account: undefined, orders: [perp('buy', 1n)], random };
  const nodes = new Nodes([`${address.host}:${address.port}`]);
  await nodes.follow(trader);
  const options = { prover, tries: 3, wait: true, onStep: (step: SendStep) => void said.push(step) };
  const sent = await sendBatch(wallet, nodes, wish, options);
  expect(sent).toMatchObject({ tries: 1, height: 11 });
  expect(sent.happenings).toContainEqual(expect.objectContaining({ kind: 'batch', id: sent.id, height: 11 }));
  const [first, second] = handedIn as [BatchItem, BatchItem];
  // One note was spent: that is what links the two, and all that does.
  expect(second.nullifier).toBe(first.nullifier);
  expect([second.tag, second.ct, second.U]).not.toEqual([first.tag, first.ct, first.U]);
  expect([first.toHeight, second.fromHeight]).toEqual([10, 11]);
  expect(said.filter(({ step }) => step === 'again')).toHaveLength(1);
  expect(trader.history.filter(({ kind, height }) => kind === 'batch' && height > 6)).toHaveLength(1);
  expect(trader.setAside).toEqual([]);
  expect(kept).toBeGreaterThanOrEqual(2);
});

test('a note whose batch could not be proved can be spent at once, and no node was given anything', async () => {
  const { notes, setAside } = trader;
  const taken = handedIn.length;
  const wish = { account: undefined, orders: [perp('buy', 2n)], random: made.random };
  const broken = { prove: () => Promise.reject(new Error('no keys')) };
  const options = { prover: broken, tries: 1, wait: true, onStep: () => {} };
  const wallet = { trader, save: () => {} };
  await expect(sendBatch(wallet, new Nodes([]), wish, options)).rejects.toThrow('no keys');
  expect(handedIn.length).toBe(taken);
  expect([...trader.notes].sort()).toEqual([...notes].sort());
  expect(trader.setAside).toEqual(setAside);
  expect(trader.seal({ account: undefined, orders: wish.orders }, made.random)).toBeDefined();
});
