import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { NODE_FAULTS, Nodes } from '../../../src/cli/wallet/network.ts';
import { Trader } from '../../../src/client/trader.ts';
import { moved } from '../../../src/committee/sample-market.ts';
import { perp, TradingWorld } from '../../../src/committee/traders.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { encodeCertifiedBlock } from '../../../src/ledger/certified-block.ts';
import { encodeItem, type Item } from '../../../src/ledger/items.ts';
import type { Address } from '../../../src/net/transport.ts';
import { PROOF_BYTES } from '../../../src/params/sizes.ts';
import { kernels } from '../../helpers/kernels.ts';

/**
 * A chain on which a wallet got a deposit, shielded a part of it, sealed a batch and withdrew; and nodes that show it, one of which
 * lies in one field.
 */
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
function proved<S extends object>(
  statement: S,
  signals: readonly bigint[],
): S & { readonly proof: Uint8Array } {
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

const viewOf = (one: Trader) => ({
  height: one.height,
  notes: one.notes,
  setAside: one.setAside,
  accounts: one.accounts,
  history: one.history,
});

type Answers = Readonly<Record<string, (params: { readonly height?: number }) => unknown>>;
const status = {
  validator: 0,
  chain: toHex(trader.replica.items.chainHash),
  height: 7,
  settled: 6,
  certified: 6,
  isReady: true,
  peersUp: 1,
  waitingProofs: 0,
};
const TRUTH: Answers = {
  status: () => status,
  block: ({ height }) => ({ height, encoded: toHex(blocks[height! - 1]!) }),
  submit: () => ({ id: sealed.id }),
  itemStatus: () => ({ status: 'certified', height: 5 }),
};

/** An answer that is no result. */
class Refusal {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/** What the liar says; the other node tells the truth. */
let lies: Answers = {};
const serve = (answersOf: () => Answers): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method, params } = JSON.parse(body);
      const result = (answersOf()[method] ?? TRUTH[method]!)(params);
      const { error } = result instanceof Refusal ? result : {};
      response.end(
        JSON.stringify({ jsonrpc: '2.0', id: 1, ...(error === undefined ? { result } : { error }) }),
      );
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
let servers: Server[] = [];
let [liar, honest]: Address[] = [];
beforeAll(async () => {
  servers = [await serve(() => lies), await serve(() => ({}))];
  [liar, honest] = servers.map((server) => ({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
  }));
});
afterAll(() => {
  for (const server of servers) server.close();
});
const rpcOf = ({ host, port }: Address): string => `${host}:${port}`;

/** A restored wallet that asks the liar first. */
async function followed(answers: Answers, one = Trader.begin(chain, epoch, seed)) {
  lies = answers;
  const nodes = new Nodes([liar!, honest!]);
  await nodes.follow(one);
  return { one, nodes };
}

test('a wallet restored from its key alone finds everything again, and names nobody where all tell the truth', async () => {
  const { one, nodes } = await followed({});
  expect(viewOf(one)).toEqual(viewOf(trader));
  expect(nodes.faults).toEqual([]);
  expect(one.history.map(({ kind }) => kind)).toEqual(['deposit', 'shield', 'batch', 'withdraw']);
  expect(one.notes).toHaveLength(1);
  expect(one.accounts.map(({ number }) => number)).toEqual([0, undefined]);
});

test('what it keeps between two runs is all of it, and is refused by another wallet, and if a byte of it is changed', () => {
  const kept = trader.save(random);
  expect(viewOf(Trader.resume(chain, seed, kept)!)).toEqual(viewOf(trader));
  expect(
    Trader.resume(
      chain,
      seed.map((byte) => byte ^ 1),
      kept,
    ),
  ).toBeUndefined();
  for (const at of [0, 30, kept.length - 1])
    expect(Trader.resume(chain, seed, kept.with(at, kept[at]! ^ 1))).toBeUndefined();
});

/** A block with one byte changed; every field of it is some bytes. */
const changedBlock =
  (height: number, at: number) =>
  (params: { readonly height?: number }): unknown => {
    const bytes = blocks[params.height! - 1]!;
    const i = Math.floor(at * (bytes.length - 1));
    return {
      height: params.height,
      encoded: toHex(params.height === height ? bytes.with(i, bytes[i]! ^ 1) : bytes),
    };
  };

const LIES: readonly (readonly [what: string, code: string, Answers])[] = [
  ['the chain', 'NODE_OTHER_CHAIN', { status: () => ({ ...status, chain: '0'.repeat(64) }) }],
  [
    'more heights than there are',
    'NODE_REFUSED',
    {
      status: () => ({ ...status, certified: 9 }),
      block: (params) => (params.height! > 6 ? null : TRUTH['block']!(params)),
    },
  ],
  ['a number of heights that is none', 'NODE_REFUSED', { status: () => ({ ...status, certified: -1 }) }],
  [
    'the block of another height',
    'NODE_BLOCK_FALSE',
    { block: ({ height }) => ({ height, encoded: toHex(blocks[height! % 6]!) }) },
  ],
  [
    'half of a block',
    'NODE_BLOCK_FALSE',
    { block: ({ height }) => ({ height, encoded: toHex(blocks[height! - 1]!).slice(0, 600) }) },
  ],
  ['a block that is no text', 'NODE_REFUSED', { block: ({ height }) => ({ height, encoded: 7 }) }],
  ['a block in other letters', 'NODE_BLOCK_FALSE', { block: ({ height }) => ({ height, encoded: 'zz' }) }],
  ['nothing at all', 'NODE_REFUSED', { status: () => undefined }],
];

/** In place of the sentences and codes of a refusal: what no text can be made of, and what would write at a terminal. */
const REFUSALS = [
  { message: { toString: 1 }, data: { code: 'RPC_RATE' } },
  { message: 'no', data: { code: { toString: 1 } } },
  { message: 'no', data: { code: '\u001b[2JRPC_RATE' } },
  { message: 'no', data: { code: 'RPC_RATE', reason: { toString: 1 } } },
  { message: 'no'.repeat(1 << 20), data: { code: 'RPC_RATE' } },
  'no',
];

describe('a node that lies is caught, named and passed over', () => {
  test.each(LIES)('about %s: %s', async (_, code, answers) => {
    const { one, nodes } = await followed(answers);
    expect(viewOf(one)).toEqual(viewOf(trader));
    expect(nodes.faults.map(({ rpc, code: each }) => [rpc, each])).toContainEqual([rpcOf(liar!), code]);
    expect(nodes.faults.filter(({ rpc }) => rpc === rpcOf(honest!))).toEqual([]);
  });

  test.each(REFUSALS)(
    'that refuses with what is no refusal is named by a code of ours: %#',
    async (error) => {
      const { one, nodes } = await followed({ status: () => new Refusal(error) });
      expect(viewOf(one)).toEqual(viewOf(trader));
      expect(nodes.faults).toEqual([
        { rpc: rpcOf(liar!), code: 'NODE_REFUSED', reason: `${NODE_FAULTS.NODE_REFUSED} RPC_INTERNAL` },
      ]);
    },
  );

  test('that refuses an item by what is no code has not refused it', async () => {
    const { one, nodes } = await followed({
      itemStatus: () => ({ status: 'refused', code: '\u001b[2JITEM' }),
    });
    expect(await nodes.hearsay(one, sealed.id)).toEqual({ refused: [], others: 2 });
  });

  test('in any byte of a block but those of a proof, which the certificates vouch for', async () => {
    // The batch of height 5: its header, its item, its K, its certificates, from the first byte to the last.
    let silent = 0;
    const before = Trader.begin(chain, epoch, seed);
    lies = {};
    const start = new Nodes([honest!]);
    await start.follow(before);
    for (let part = 0; part <= 12; part++) {
      const { one, nodes } = await followed({ block: changedBlock(1, part / 12) });
      expect(viewOf(one)).toEqual(viewOf(before));
      if (nodes.faults.length === 0) silent++;
      else expect(nodes.faults.map(({ code }) => code)).toEqual(['NODE_BLOCK_FALSE']);
    }
    expect(silent).toBe(0);
  });

  test('about what it was handed in, and where it was ordered', async () => {
    const { one, nodes } = await followed({
      submit: () => ({ id: 'ab'.repeat(32) }),
      itemStatus: () => ({ status: 'certified', height: 3 }),
    });
    const item = { ...sealed.statement, proof: new Uint8Array(PROOF_BYTES) };
    const elsewhere = await nodes.hearsay(one, sealed.id);
    expect(elsewhere).toEqual({ refused: [], others: 2 });
    expect(nodes.faults.map(({ rpc, code }) => [rpc, code])).toContainEqual([
      rpcOf(liar!),
      'NODE_STATUS_FALSE',
    ]);
    const anew = (await followed(lies)).nodes;
    expect(await anew.submit(sealed.id, item)).toBe(1);
    expect(anew.faults.map(({ rpc, code }) => [rpc, code])).toEqual([[rpcOf(liar!), 'NODE_ID_FALSE']]);
  });

  test('that shows less than was verified is told, and a wallet that no node answers says so', async () => {
    const { nodes } = await followed(
      { status: () => ({ ...status, certified: 2 }) },
      Trader.resume(chain, seed, trader.save(random))!,
    );
    expect(nodes.faults).toMatchObject([{ rpc: rpcOf(liar!), code: 'NODE_BEHIND' }]);
    const alone = new Nodes([{ host: '127.0.0.1', port: 1 }]);
    await expect(alone.follow(Trader.begin(chain, epoch, seed))).rejects.toThrow('NODE_UNREACHABLE');
    await expect(new Nodes([]).follow(trader)).rejects.toThrow('--rpc');
  });
});
