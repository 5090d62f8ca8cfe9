import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fromHex } from '../../src/base/bytes.ts';
import { askNode } from '../../src/cli/node/rpc-client.ts';
import { addressText, parseAddress } from '../../src/cli/node/settings.ts';
import { BLOCK, STATUS } from '../../src/client/ask-node.ts';
import { decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { honestNode } from '../helpers/honest-node.ts';
import { LiedToWallet, type Outcome, type ShowCommand } from '../helpers/lied-to-wallet.ts';
import { liesAbout } from '../helpers/lies-of-nodes.ts';
import { type Exchange, type Lie, LyingProxy } from '../helpers/lying-proxy.ts';
import { UNBOUND } from '../helpers/walk.ts';
import { walletChain } from '../helpers/wallet-chain.ts';

/**
 * `velum wallet` as it is, and between it and the product's RPC server a proxy that changes one thing in the answers of one method: each
 * place of each answer in turn, found by walking it.
 */

/** Of the changes in decoded blocks each so many-th is told over RPC; test/long/lies.test.ts tells a wallet all of them. */
const EVERY = 9;
const COMMANDS: readonly ShowCommand[] = ['balance', 'notes', 'accounts', 'history'];
/** No command may take longer. */
const BOUND_S = 60;

const made = walletChain();
const dir = mkdtempSync(join(tmpdir(), 'velum-lies-'));
let node: Awaited<ReturnType<typeof honestNode>>;
let proxy: LyingProxy;
let wallet: LiedToWallet;
let honest = '';

// What never comes is given up sooner than a command does; nothing else is late.
const timeout = AbortSignal.timeout.bind(AbortSignal);
vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) =>
  timeout(proxy.lie?.where.includes('never') === true ? ms / 5 : ms),
);

beforeAll(async () => {
  node = await honestNode(made);
  proxy = await new LyingProxy(node.address).open();
  wallet = await LiedToWallet.make(made, dir);
  honest = addressText(node.address);
});
afterAll(async () => {
  proxy.close();
  await node.close();
  rmSync(dir, { recursive: true, force: true });
});

/** What a wallet asks for to show something, and the honest answers. */
async function recorded(): Promise<readonly Exchange[]> {
  proxy.begin();
  wallet.forget();
  const told = await wallet.run(['history'], [proxy.rpc]);
  expect(wallet.judgeShown('history', told, proxy.rpc, made.blocks.length)).toBe('the truth');
  expect(told.said.faults).toEqual([]);
  return proxy.exchanges;
}

async function toldTo(command: ShowCommand, lie: Lie, others: readonly string[]) {
  proxy.begin(lie);
  wallet.forget();
  const told = await wallet.run([command], [proxy.rpc, ...others]);
  expect([lie.where, told.seconds < BOUND_S]).toEqual([lie.where, true]);
  const outcome = wallet.judgeShown(command, told, proxy.rpc, made.blocks.length);
  const seen = told.said.faults?.map(({ rpc }: { rpc: string }) => rpc) ?? [];
  return { outcome, told, seen, isTold: proxy.told > 0, isOnce: proxy.told === 1 };
}

const tally = () => new Map<Outcome | 'told', number>();
const count = <K>(of: Map<K, number>, key: K): void => void of.set(key, (of.get(key) ?? 0) + 1);
const text = (of: Map<string, number>): string => [...of].map(([what, n]) => `${what} ${n}`).join(', ');

/** What no wallet reads, or nothing binds: the frame, heights that an answer repeats, how a validator is otherwise, bytes of proofs. */
const UNREAD = [
  /^\$\.(jsonrpc|id)/,
  /^\$\.result\.(height|validator|settled|isReady|peersUp|waitingProofs)( |$)/,
  UNBOUND,
];

/** A connection that ends before its answer is no lie: networks do that, and a wallet asks once more. */
const LOST = /^(half of an answer|a cut connection)$/;

/** What the honest node behind the proxy says to whoever asks as fast as a machine can. */
const ASKED_TOO_OFTEN = 'asked too often';

/** A client that believes what it is told: how far the chain is, and what came into it. */
async function believed(rpc: string): Promise<string> {
  const address = parseAddress(rpc)!;
  try {
    const { certified } = await askNode(address, 'status', STATUS);
    const heights = Array.from({ length: Math.min(certified, made.blocks.length) }, (_, i) => i + 1);
    const blocks: unknown[] = [];
    for (const height of heights) {
      const { encoded } = await askNode(address, 'block', BLOCK, { height });
      const { block } = decodeCertifiedBlock(fromHex(encoded)!)!;
      const paidIn = block.items.flatMap((item) => (item.kind === 'deposit' ? [String(item.amount)] : []));
      blocks.push([block.header.height, String(block.header.timeS), paidIn]);
    }
    return JSON.stringify({ certified, blocks });
  } catch (error) {
    return String(error).includes('Too many requests') ? ASKED_TOO_OFTEN : 'an error';
  }
}

describe('a node that lies in one place of one answer', () => {
  test('shows a wallet the truth or is named, and beside an honest node it is always the truth', async () => {
    const exchanges = await recorded();
    const methods = [...new Set(exchanges.map(({ method }) => method))].sort();
    expect(methods).toEqual(['block', 'status']);
    const wrong: unknown[] = [];
    for (const method of methods) {
      const [alone, beside] = [tally(), tally()];
      for (const [k, lie] of liesAbout(method, exchanges, EVERY).entries()) {
        const first = await toldTo(COMMANDS[k % 4]!, lie, []);
        if (!first.isTold) continue;
        count(alone, 'told');
        if (first.outcome === undefined || first.outcome === 'withheld') {
          // Nothing but how far the chain is can be kept from whoever asks nobody else.
          const isHeight = first.outcome === 'withheld' && method === 'status';
          if (!isHeight) wrong.push([method, lie.where, 'alone', first.outcome, first.told]);
        }
        if (first.outcome !== undefined) count(alone, first.outcome);
        const isLost = first.isOnce && LOST.test(lie.where);
        if (first.outcome === 'the truth' && !isLost && !UNREAD.some((form) => form.test(lie.where)))
          wrong.push([method, lie.where, 'is not noticed']);
        const second = await toldTo(COMMANDS[(k + 1) % 4]!, lie, [honest]);
        if (second.outcome !== 'the truth' || second.seen.includes(honest))
          wrong.push([method, lie.where, 'beside', second.outcome, second.told]);
        if (second.isTold) count(beside, 'told');
        if (second.seen.includes(proxy.rpc)) count(beside, 'named');
      }
      process.stdout.write(`${method}: alone: ${text(alone)}; beside an honest node: ${text(beside)}\n`);
      expect(alone.get('told')).toBeGreaterThan(50);
      expect(alone.get('named')).toBeGreaterThan(30);
      expect(beside.get('named')).toBeGreaterThan(30);
    }
    expect(wrong).toEqual([]);
  });

  test('is believed by a client that verifies nothing: these are lies, and the comparison would notice', async () => {
    const exchanges = await recorded();
    proxy.begin();
    const truth = await believed(proxy.rpc);
    const swallowed: string[] = [];
    for (const method of ['block', 'status'])
      for (const lie of liesAbout(method, exchanges, EVERY)) {
        if (lie.where.includes('never')) continue;
        let shown = ASKED_TOO_OFTEN;
        for (; shown === ASKED_TOO_OFTEN; await new Promise((resolve) => setTimeout(resolve, 50))) {
          proxy.begin(lie);
          shown = await believed(proxy.rpc);
        }
        if (shown !== truth && shown !== 'an error') swallowed.push(lie.where);
      }
    process.stdout.write(`a client that believes swallows ${swallowed.length} lies\n`);
    for (const form of [/items/, /header\.timeS/, /certified/, /^an answer of before/])
      expect(swallowed).toContainEqual(expect.stringMatching(form));
  });
});
