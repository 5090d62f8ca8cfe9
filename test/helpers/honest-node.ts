import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { claimOf } from '../../src/ledger/claims.ts';
import { decodeItem, type Item } from '../../src/ledger/items.ts';
import type { Address } from '../../src/net/transport.ts';
import { ChainEvents } from '../../src/node/chain-events.ts';
import { ChainView } from '../../src/node/chain-view.ts';
import { healthOf } from '../../src/node/node-health.ts';
import { NodeMetrics } from '../../src/node/node-metrics.ts';
import type { AnsweringNode } from '../../src/node/rpc/method.ts';
import type { PageFile } from '../../src/node/rpc/page-files.ts';
import { RpcServer } from '../../src/node/rpc/rpc-server.ts';
import { height, validatorIndex } from '../../src/params/ids.ts';
import { READY } from './ready-facts.ts';
import type { walletChain } from './wallet-chain.ts';

/** An address of loopback where nobody listens. */
export function freeAddress(): Promise<Address> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve({ host: '127.0.0.1', port }));
    });
  });
}

/**
 * The product's own RPC server over a chain of a simulated committee. What is submitted waits until the committee runs a height; the
 * oracle in the place of the verifier takes its proof.
 * @param page that it serves; none if nothing is said
 */
export async function honestNode(made: ReturnType<typeof walletChain>, page?: readonly PageFile[]) {
  const { world, chain, epoch, blocks, trader } = made;
  const self = validatorIndex(0);
  const view = new ChainView(chain, epoch, self, [{ snapshot: undefined, log: new Uint8Array(0) }]);
  let told = 0;
  const waiting: Item[] = [];
  const tip = { height: height(1), isReady: true, waitingProofs: 0, peers: () => [] };
  const node: AnsweringNode = {
    metrics: new NodeMetrics(tip),
    self,
    chain,
    epoch,
    chainHash: trader.replica.items.chainHash,
    get height() {
      return height(blocks.length + 1);
    },
    events: new ChainEvents(),
    get view() {
      while (told < blocks.length) {
        const { ordered, settled, certified } = world.committee.view(0, ++told);
        view.said({ type: 'ordered', result: ordered! });
        view.said({ type: 'settled', result: settled! });
        view.said({ type: 'certified', result: certified! });
      }
      return view;
    },
    get notes() {
      return trader.replica.notes;
    },
    get health() {
      return healthOf(READY);
    },
    isReady: true,
    waitingProofs: 0,
    peers: () => [],
    block: (at) => blocks[at - 1],
    keptFrom: height(1),
    progressed: () => undefined,
    submit: (bytes) => void waiting.push(decodeItem(bytes)!),
  };
  const address = await freeAddress();
  const server = new RpcServer(node, address, page);
  await server.open();
  /** Runs the next height with all that waits, each item once. */
  function runNext(): void {
    const { items, claims } = trader.replica;
    const named = new Map<string, Item>();
    for (const item of waiting.splice(0)) {
      const claim = claimOf(items, claims, item);
      if (claim === undefined || named.has(claim.id)) continue;
      named.set(claim.id, item);
      if ('proof' in item) world.committee.accept([...claim.proved!.statements[0]!], item.proof);
    }
    made.runHeight(blocks.length + 1, ...named.values());
  }
  return { address, runNext, waiting, close: () => server.close() };
}
