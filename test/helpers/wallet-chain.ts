import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { Trader } from '../../src/client/trader.ts';
import { moved } from '../../src/committee/sample-market.ts';
import { perp, TradingWorld } from '../../src/committee/traders.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { encodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { encodeItem, type Item } from '../../src/ledger/items.ts';
import type { Address } from '../../src/net/transport.ts';
import { PROOF_BYTES } from '../../src/params/sizes.ts';
import { kernels } from './kernels.ts';

/** What a wallet is shown: a chain of six heights on which it got a deposit, shielded a part of it, sealed a batch and withdrew. */
export function walletChain() {
  const world = new TradingWorld({ kernels, n: 2, seed: 11 });
  const { chain, epoch } = world.committee;
  const seed = new Uint8Array(32).fill(0x51);
  const random = seededRandom(new Uint8Array(32).fill(3));
  const trader = Trader.begin(chain, epoch, seed);
  const blocks: Uint8Array[] = [];

  function runHeight(at: number, ...items: readonly Item[]): void {
    world.submitAll(...items.map((item) => ({ bytes: encodeItem(item) })));
    world.runHeight(at, moved(at));
    const certified = world.committee.view(0, at).certified!;
    expect(trader.apply(certified)).not.toBeTypeOf('string');
    blocks.push(encodeCertifiedBlock(certified));
  }

  /** With a proof that the committee's oracle takes. */
  function proved<S extends object>(statement: S, signals: readonly bigint[]) {
    const proof = random(PROOF_BYTES);
    world.committee.accept([...signals], proof);
    return { ...statement, proof };
  }
  const account = trader.lasting(0)!;
  runHeight(1, world.deposit(1n, account, 9_000_000_000n).item);
  const shield = trader.authorise({ account, amount: 7_000_000_000n, destination: undefined });
  runHeight(2, proved(shield.statement, shield.signals));
  for (const at of [3, 4]) runHeight(at);
  const sealed = trader.seal({ account: undefined, orders: [perp('buy', 2n)] }, random)!;
  runHeight(5, proved(sealed.statement, sealed.signals));
  const paidOut = trader.authorise({ account, amount: 5n, destination: new Uint8Array(32).fill(9) });
  runHeight(6, proved(paidOut.statement, paidOut.signals));
  return { world, chain, epoch, seed, random, trader, blocks, sealed, runHeight };
}

/** As a wallet sends them. */
interface Params {
  readonly height?: number;
  readonly item?: string;
}

type MaybePromise<T> = T | Promise<T>;

/** Answers requests as a node does. @param answerOf the result, or an error of JSON-RPC */
export async function fakeNode(
  answerOf: (
    method: string,
    params: Params,
  ) => MaybePromise<{ readonly result?: unknown; readonly error?: unknown }>,
): Promise<{ readonly server: Server; readonly address: Address }> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, params } = JSON.parse(body);
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...(await answerOf(method, params)) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

/** The status of a node that tells the truth about a chain. */
export const statusOf = ({ trader, blocks }: Pick<ReturnType<typeof walletChain>, 'trader' | 'blocks'>) => ({
  validator: 0,
  chain: toHex(trader.replica.items.chainHash),
  height: blocks.length + 1,
  settled: blocks.length,
  certified: blocks.length,
  isReady: true,
  peersUp: 1,
  waitingProofs: 0,
});

/** What a trader sees. */
export const viewOf = (one: Trader) => ({
  height: one.height,
  notes: one.notes,
  setAside: one.setAside,
  accounts: one.accounts,
  history: one.history,
});
