import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { NODE_FAULTS, Nodes } from '../../../src/client/nodes.ts';
import { Trader } from '../../../src/client/trader.ts';
import { decodeCertifiedBlock } from '../../../src/ledger/certified-block.ts';
import { PROOF_BYTES } from '../../../src/params/sizes.ts';
import { toldOtherwise } from '../../helpers/walk.ts';
import { fakeNode, statusOf, viewOf, walletChain } from '../../helpers/wallet-chain.ts';

/** Nodes that show a wallet its chain, one of which lies in one field. */
const made = walletChain();
const { chain, epoch, seed, random, trader, blocks, sealed } = made;

type Answers = Readonly<Record<string, (params: { readonly height?: number }) => unknown>>;
const status = statusOf(made);
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
const serve = (answersOf: () => Answers) =>
  fakeNode(async (method, params) => {
    const result = await (answersOf()[method] ?? TRUTH[method]!)(params);
    return result instanceof Refusal ? { error: result.error } : { result };
  });
let servers: Server[] = [];
let [liar, honest]: string[] = [];
beforeAll(async () => {
  const nodes = [await serve(() => lies), await serve(() => ({}))];
  servers = nodes.map(({ server }) => server);
  [liar, honest] = nodes.map(({ address: { host, port } }) => `${host}:${port}`);
});
afterAll(() => {
  for (const server of servers) server.close();
});
const onItsWay = {
  id: sealed.id,
  firstHeight: sealed.statement.fromHeight,
  lastHeight: sealed.statement.toHeight,
};

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
    expect(nodes.faults.map(({ rpc, code: each }) => [rpc, each])).toContainEqual([liar!, code]);
    expect(nodes.faults.filter(({ rpc }) => rpc === honest!)).toEqual([]);
  });

  test.each(REFUSALS)(
    'that refuses with what is no refusal is named by a code of ours: %#',
    async (error) => {
      const { one, nodes } = await followed({ status: () => new Refusal(error) });
      expect(viewOf(one)).toEqual(viewOf(trader));
      expect(nodes.faults).toEqual([
        { rpc: liar!, code: 'NODE_REFUSED', reason: `${NODE_FAULTS.NODE_REFUSED} RPC_INTERNAL` },
      ]);
    },
  );

  test('that refuses an item by what is no code has not refused it', async () => {
    const { one, nodes } = await followed({
      itemStatus: () => ({ status: 'refused', code: '\u001b[2JITEM' }),
    });
    expect(await nodes.hearsay(one, onItsWay)).toEqual({ refused: [], others: 2 });
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
    const elsewhere = await nodes.hearsay(one, onItsWay);
    expect(elsewhere).toEqual({ refused: [], others: 2 });
    expect(nodes.faults.map(({ rpc, code }) => [rpc, code])).toContainEqual([liar!, 'NODE_STATUS_FALSE']);
    const anew = (await followed(lies)).nodes;
    expect(await anew.submit(sealed.id, item)).toBe(1);
    expect(anew.faults.map(({ rpc, code }) => [rpc, code])).toEqual([[liar!, 'NODE_ID_FALSE']]);
  });

  test('that shows less than was verified is told, and a wallet that no node answers says so', async () => {
    const { nodes } = await followed(
      { status: () => ({ ...status, certified: 2 }) },
      Trader.resume(chain, seed, trader.save(random))!,
    );
    expect(nodes.faults).toMatchObject([{ rpc: liar!, code: 'NODE_BEHIND' }]);
    const alone = new Nodes(['127.0.0.1:1']);
    await expect(alone.follow(Trader.begin(chain, epoch, seed))).rejects.toThrow('NODE_UNREACHABLE');
    await expect(new Nodes([]).follow(trader)).rejects.toThrow('--rpc');
  });
});

test('a sample of the lies that test/long/lying-nodes.test.ts tells changes nothing beside an honest node', async () => {
  const about = [...toldOtherwise(status)].filter((_, k) => k % 17 === 4);
  const block = { height: 1, encoded: toHex(blocks[0]!) };
  const first = [...toldOtherwise(block)].filter((_, k) => k % 7 === 1);
  const answers = [
    ...about.map(({ where, value }) => ({ where, told: { status: () => value } })),
    ...first.map(({ where, value }) => ({ where, told: { block: () => value } })),
  ];
  for (const { where, told } of answers) {
    const { one, nodes } = await followed(told);
    expect([where, viewOf(one)]).toEqual([where, viewOf(trader)]);
    expect(nodes.faults.filter(({ rpc }) => rpc === honest!)).toEqual([]);
  }
  expect(answers.length).toBeGreaterThan(10);
});

const faultsOf = (nodes: Nodes) => nodes.faults.map(({ rpc, code }) => [rpc, code]);
const refusal = (code: string) => new Refusal({ code: -32000, message: 'no', data: { code } });

describe('what no lie is, and what is shown where only liars answer', () => {
  test('a node that keeps no old blocks is passed over there, shows the next ones, and is handed items', async () => {
    const shown: number[] = [];
    const { one, nodes } = await followed({
      block: (params) => {
        if (params.height! < 4) return refusal('RPC_PRUNED');
        shown.push(params.height!);
        return TRUTH['block']!(params);
      },
    });
    expect(viewOf(one)).toEqual(viewOf(trader));
    expect(faultsOf(nodes)).toEqual([[liar!, 'NODE_REFUSED']]);
    expect(nodes.honest).toEqual([liar, honest]);
    const alone = new Nodes([liar!]);
    const after = Trader.begin(chain, epoch, seed);
    for (const bytes of blocks.slice(0, 3)) after.apply(decodeCertifiedBlock(bytes)!);
    await alone.follow(after);
    expect(viewOf(after)).toEqual(viewOf(trader));
    expect(shown).toEqual([4, 5, 6]);
    expect(alone.faults).toEqual([]);
  });

  test('a node that is slow to show a block is asked after the others', async () => {
    const asked: number[] = [];
    const { one, nodes } = await followed({
      block: async (params) => {
        asked.push(params.height!);
        await new Promise((resolve) => setTimeout(resolve, 1_100));
        return TRUTH['block']!(params);
      },
    });
    expect(viewOf(one)).toEqual(viewOf(trader));
    expect([asked, nodes.faults]).toEqual([[1], []]);
  });

  test('a wallet to which nobody shows all that they speak of says so, and keeps what it has verified', async () => {
    lies = { block: changedBlock(4, 0.5) };
    const nodes = new Nodes([liar!]);
    const one = Trader.begin(chain, epoch, seed);
    await expect(nodes.follow(one)).rejects.toThrow(`${liar!}: NODE_BLOCK_FALSE`);
    expect(one.height).toBe(3);
  });

  test('who says that an item was ordered is believed by nobody, and named as soon as that height is verified', async () => {
    const before = Trader.begin(chain, epoch, seed);
    for (const bytes of blocks.slice(0, 4)) before.apply(decodeCertifiedBlock(bytes)!);
    const nodes = new Nodes([liar!, honest!]);
    // The batch may be ordered in heights 5 to 8, and 5 orders it.
    lies = { itemStatus: () => ({ status: 'settled', height: 6 }) };
    await nodes.hearsay(before, onItsWay);
    expect(nodes.faults).toEqual([]);
    await nodes.follow(before);
    nodes.judge(before, sealed.id);
    expect(faultsOf(nodes)).toEqual([[liar!, 'NODE_STATUS_FALSE']]);
    lies = { itemStatus: () => ({ status: 'ordered', height: 9 }) };
    const anew = new Nodes([liar!, honest!]);
    await anew.hearsay(before, onItsWay);
    expect(faultsOf(anew)).toEqual([[liar!, 'NODE_STATUS_FALSE']]);
  });

  test('who refuses an item is named with its code', async () => {
    lies = { itemStatus: () => ({ status: 'refused', code: 'ITEM_FEE' }) };
    expect(await new Nodes([liar!, honest!]).hearsay(trader, onItsWay)).toEqual({
      refused: [`${liar!}: ITEM_FEE`],
      others: 1,
    });
  });
});
