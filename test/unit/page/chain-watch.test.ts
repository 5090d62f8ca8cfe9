import { expect, test } from 'vitest';
import { Nodes } from '../../../src/client/nodes.ts';
import { sendAction } from '../../../src/client/send.ts';
import { Trader } from '../../../src/client/trader.ts';
import { decodeCertifiedBlock } from '../../../src/ledger/certified-block.ts';
import { Replica } from '../../../src/ledger/replica.ts';
import { ChainWatch } from '../../../src/page/worker/chain-watch.ts';
import { previewOf, requireShown, walletView } from '../../../src/page/worker/wallet-view.ts';
import { walletChain } from '../../helpers/wallet-chain.ts';

const { chain, epoch, seed, random, blocks, trader, sealed } = walletChain();
const certified = blocks.map((bytes) => decodeCertifiedBlock(bytes)!);

function followed(): ChainWatch {
  const watch = new ChainWatch(new Replica(chain, epoch));
  for (const each of certified) expect(watch.apply(each)).not.toBeTypeOf('string');
  return watch;
}

test('a page is told what each height did, opened and settled, and nothing of a block that is not the next one', () => {
  const early = new ChainWatch(new Replica(chain, epoch));
  expect(early.apply(certified[1]!)).toBeTypeOf('string');
  expect(early.news()).toEqual([]);
  const watch = followed();
  const news = watch.news();
  expect(news.map(({ height }) => height)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(watch.news()).toEqual([]);
  const [first, second] = news;
  expect(first!.transfers).toMatchObject([{ kind: 'deposit', amount: 9_000_000_000n }]);
  expect(second!.turnstile.pool).toBe(first!.turnstile.pool + 7_000_000_000n);
  const batch = news[4]!.items.find(({ id }) => id === sealed.id)!;
  expect(batch.orders).toMatchObject([{ side: 'buy', lots: 2n, leg: 0 }]);
  expect(news[4]!.auctions[batch.orders[0]!.instrument]!.book).toMatchObject([{ side: 'buy', lots: 2n }]);
  const { quorum } = watch.state().epoch;
  expect(news.every(({ signers }) => signers.filter(Boolean).length >= quorum)).toBe(true);
});

test('a visitor who comes back is told of the heights that were seen before, and finds them', () => {
  const before = followed();
  const seen = structuredClone(before.seen);
  const again = new ChainWatch(before.replica, seen);
  expect(again.news().map(({ height }) => height)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(again.news()).toEqual([]);
  expect(again.find(sealed.id)).toEqual(before.find(sealed.id));
});

test('heights, items and accounts are found by number and by the beginning of an id', () => {
  const watch = followed();
  const account = trader.lasting(0)!;
  expect(watch.find('3')).toMatchObject({ kind: 'height', height: { height: 3 } });
  const beginning = ` ${sealed.id.slice(0, 12).toUpperCase()} `;
  expect(watch.find(beginning)).toMatchObject({ kind: 'item', id: sealed.id });
  expect(watch.find(account)).toMatchObject({
    kind: 'account',
    account: { id: account },
    heights: [1, 2, 6],
  });
  // Whatever became of its orders, the batch pays into an account of its own.
  const own = trader.accounts.find(({ number }) => number === undefined)!;
  expect(watch.find(own.id)).toMatchObject({ kind: 'account', heights: [5] });
  for (const text of ['7', '', 'buy', sealed.id.slice(0, 7), 'f'.repeat(65)])
    expect(watch.find(text)).toBeNull();
});

test('what a page is told of a wallet are values that can be cloned, and the price of orders before they are sealed', () => {
  const view = structuredClone(walletView(trader, 6));
  expect(view).toMatchObject({ height: 6, depositAccount: trader.lasting(0) });
  expect(view.notes.map(({ value }) => value)).toEqual(trader.notes);
  expect(view.history.map(({ kind }) => kind)).toEqual(['deposit', 'shield', 'batch', 'withdraw']);
  const order = { instrument: 0, side: 'buy' as const, lots: 1n, price: 1_000_000n, reduceOnly: false };
  const { deposit, fee, note, change, problem } = previewOf(trader, [order]);
  expect(problem).toBeNull();
  expect(deposit).toBeGreaterThan(0n);
  expect(change).toBe(note! - deposit - fee);
  expect(() => requireShown(trader, [order], deposit)).not.toThrow();
  expect(() => requireShown(trader, [order], deposit - 1n)).toThrow(/would reserve more now/);
  const dear = { ...order, lots: 1_000_000n, price: 1_000_000_000n };
  expect(previewOf(trader, [dear]).problem).toMatchObject({ code: 'WALLET_FUNDS' });
  for (const wrong of [{ instrument: 99 }, { lots: 0n }, { price: 0n }])
    expect(previewOf(trader, [{ ...order, ...wrong }]).problem).toMatchObject({ code: 'WALLET_INPUT' });
  expect(previewOf(trader, []).problem).toMatchObject({ code: 'WALLET_INPUT' });
});

test('what was sent and may still be ordered is told whenever the wallet is opened, and what was given to nobody is not', async () => {
  // The batch and the withdrawal are settled, though later heights might have ordered them as well.
  expect(walletView(trader, 6).open).toEqual([]);
  const wish = { account: trader.lasting(0)!, amount: 7n, destination: new Uint8Array(32).fill(9) };
  const { id, statement } = trader.authorise(wish);
  const again = Trader.resume(chain, seed, trader.save(random))!;
  for (const each of [trader, again])
    expect(walletView(each, 6).open).toEqual([{ id, lastHeight: statement.lastHeight }]);
  const prover = { prove: () => Promise.reject(new Error('no keys')) };
  const options = { prover, tries: 1, wait: true, onStep: () => {} };
  const sending = { trader: again, save: () => {} };
  const other = { ...wish, amount: 8n };
  await expect(sendAction(sending, new Nodes([]), other, options)).rejects.toThrow('no keys');
  expect(walletView(again, 6).open.map((each) => each.id)).toEqual([id]);
});
