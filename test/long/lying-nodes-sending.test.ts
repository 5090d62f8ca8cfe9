import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { historyJson } from '../../src/cli/wallet/answers.ts';
import type { ActionItem } from '../../src/ledger/actions.ts';
import { type BatchItem, decodeItem } from '../../src/ledger/items.ts';
import { PROOF_BYTES } from '../../src/params/sizes.ts';
import { honestNode } from '../helpers/honest-node.ts';
import { isNamedFailure, LiedToWallet, type Outcome, type Told } from '../helpers/lied-to-wallet.ts';
import { liesAbout, madeUpStatuses } from '../helpers/lies-of-nodes.ts';
import { type Exchange, type Json, type Lie, LyingProxy } from '../helpers/lying-proxy.ts';
import { walletChain } from '../helpers/wallet-chain.ts';

/** Proofs prove nothing here: the committee's oracle takes them. */
vi.mock('../../src/proofs/pool.ts', () => ({
  openProverPool: () => ({
    prove: async () => ({ proof: crypto.getRandomValues(new Uint8Array(PROOF_BYTES)), publicSignals: [] }),
    close: async () => {},
  }),
}));

/**
 * `velum wallet submit`, `shield` and `withdraw` as they are, but for their proofs, through a proxy that changes one thing in the answers
 * of one method. The committee runs a height whenever a wallet that has sent something asks how far the chain is.
 */

const made = walletChain();
const market = made.chain.market;
const dir = mkdtempSync(join(tmpdir(), 'velum-lies-'));
const DESTINATION = 'ab'.repeat(32);
const COMMANDS: readonly (readonly string[])[] = [
  ['submit', `buy 1 ${market.instruments[0]!.name} 1`],
  ['withdraw', '1', '--to', DESTINATION],
  ['submit', `sell 1 ${market.instruments[0]!.name} 1000`],
  ['shield', '1'],
];
/** Of the lies that a wallet is told before it sends anything, each so many-th: lying-nodes.test.ts tells all of them. */
const EVERY = 12;
/** Times that a wallet asks how far the chain is before its clock jumps beyond its patience. */
const PATIENCE = 16;
/** All that such a wallet asks. */
const METHODS = ['status', 'block', 'submit', 'itemStatus'];
/** Heights after the first one of a batch's window. */
const WINDOW = 3;
/** No command may take longer. */
const BOUND_S = 60;
/** Commands that may leave something on its way before heights pass until it is decided: each sets at most one note aside. */
const SETTLE_EVERY = 4;

let node: Awaited<ReturnType<typeof honestNode>>;
let [liar, honest]: LyingProxy[] = [];
let wallet: LiedToWallet;

/** Of the command that runs. */
let run = { isSent: false, asked: 0, until: 0 };
let jumpedMs = 0;
const now = performance.now.bind(performance);
vi.spyOn(performance, 'now').mockImplementation(() => now() + jumpedMs);
const later = globalThis.setTimeout;
// Between two looks at the chain a wallet waits for half a second.
vi.spyOn(globalThis, 'setTimeout').mockImplementation(((...args: Parameters<typeof later>) =>
  later(...(args.with(1, args[1] === 500 ? 5 : args[1]) as typeof args))) as never);
const timeout = AbortSignal.timeout.bind(AbortSignal);
vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) =>
  timeout(liar?.lie?.where.includes('never') === true ? ms / 5 : ms),
);

function onAsked(method: string): void {
  if (method === 'submit') run.isSent = true;
  if (method !== 'status' || !run.isSent) return;
  run.asked += 1;
  if (run.asked > 2 && made.blocks.length < run.until) node.runNext();
  if (run.asked === PATIENCE) jumpedMs += 700_000;
}

beforeAll(async () => {
  node = await honestNode(made);
  const [first, second] = [new LyingProxy(node.address, onAsked), new LyingProxy(node.address, onAsked)];
  [liar, honest] = [await first.open(), await second.open()];
  wallet = await LiedToWallet.make(made, dir);
  // Some notes and cash enough for all that is to come.
  const account = made.trader.lasting(0)!;
  for (let i = 0; i < 6; i++) {
    const shield = made.trader.authorise({ account, amount: 50_000_000n, destination: undefined });
    node.waiting.push({ ...shield.statement, proof: new Uint8Array(PROOF_BYTES).fill(100 + i) });
    node.runNext();
  }
});
afterAll(async () => {
  liar!.close();
  honest!.close();
  await node.close();
  rmSync(dir, { recursive: true, force: true });
});

async function sent(args: readonly string[], lie: Lie | undefined, isAlone: boolean) {
  liar!.begin(lie);
  honest!.begin();
  run = { isSent: false, asked: 0, until: made.blocks.length + 8 };
  const told = await wallet.run(args, isAlone ? [liar!.rpc] : [liar!.rpc, honest!.rpc]);
  expect([lie?.where, told.seconds < BOUND_S]).toEqual([lie?.where, true]);
  expectOwnTerms(args, [...liar!.exchanges, ...honest!.exchanges]);
  return { told, isTold: liar!.told > 0, exchanges: liar!.exchanges };
}

/** What happened to an item, as a wallet knows that saw every block. */
function truthOf(id: string): string {
  const trader = wallet.knownAt(made.blocks.length);
  return JSON.stringify(historyJson(trader).filter((each) => each.id === id));
}

function judge(args: readonly string[], { exitCode, said, err }: Told): Outcome | undefined {
  if (exitCode !== 0) {
    if (isNamedFailure(exitCode, said, err, liar!.rpc)) return 'named';
    return exitCode === 1 && said.error?.code === 'WALLET_UNSETTLED' ? 'withheld' : undefined;
  }
  const { id, height, happenings } = said.sent;
  const kind = args[0] === 'submit' ? 'batch' : args[0];
  const isDone = happenings.some((each: Json) => each.kind === kind && each.height === height);
  return isDone && JSON.stringify(happenings) === truthOf(id) ? 'the truth' : undefined;
}

/** Until whatever the last command has left on its way is decided: then the wallet has to know exactly what the chain says. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) node.runNext();
  liar!.begin();
  honest!.begin();
  run = { isSent: false, asked: 0, until: 0 };
  const told = await wallet.run(['history'], [honest!.rpc]);
  expect([told.exitCode, told.said.faults]).toEqual([0, []]);
  const known = wallet.knownAt(made.blocks.length);
  expect(told.said.history.filter(({ kind }: Json) => kind !== 'refused')).toEqual(historyJson(known));
  const balance = await wallet.run(['balance'], [honest!.rpc]);
  expect(wallet.judgeShown('balance', balance, '', made.blocks.length)).toBe('the truth');
}

/** What is asked and handed in, whatever a node said: nothing but this, on the terms of the chain, and one item at a time. */
function expectOwnTerms(args: readonly string[], exchanges: readonly Exchange[]): void {
  const asked = new Set(exchanges.map(({ method, params }) => `${method} ${Object.keys(params)}`));
  for (const each of asked)
    expect(['status ', 'block height', 'submit item', 'itemStatus id']).toContain(each);
  const handed = new Set(
    exchanges.flatMap(({ method, params }) => (method === 'submit' ? [params.item] : [])),
  );
  const items = [...handed].map((item) => decodeItem(fromHex(item)!)!);
  for (const [i, item] of items.entries()) {
    if (item.kind === 'batch') {
      expect([args[0], item.fee]).toEqual(['submit', market.batchFee]);
      expect(item.toHeight - item.fromHeight).toBe(WINDOW);
      // Only when no height of the window ordered it, as the wallet has verified, is there another one: of the same note.
      const before = items[i - 1] as BatchItem | undefined;
      if (before !== undefined)
        expect([item.nullifier, item.fromHeight > before.toHeight]).toEqual([before.nullifier, true]);
    } else {
      const to = args[0] === 'withdraw' ? DESTINATION : '00'.repeat(32);
      const { action, amount, destination } = item as ActionItem;
      expect([action, amount, toHex(destination)]).toEqual([args[0], 1_000_000n, to]);
      expect(items.length).toBe(1);
    }
  }
}

let recorded: readonly Exchange[] = [];
/** Says that it took an item, and hands nothing on. */
const DROPPED: Lie = {
  ...{ method: 'submit', where: 'taken, and not handed on', after: 0, times: Infinity, isKept: true },
  tell: ({ answer }) => ({ json: { jsonrpc: '2.0', id: answer.id, result: { id: null } } }),
};

function liesOf(method: string): readonly Lie[] {
  const lies = liesAbout(method, recorded, Infinity);
  if (method === 'submit') return [...lies, DROPPED];
  if (method === 'itemStatus')
    return [...lies.filter((_, k) => k % 2 === 0), ...madeUpStatuses(() => made.blocks.length)];
  return lies.filter((_, k) => k % EVERY === 0);
}

test('a wallet that sends something by an honest node comes to what the chain did with it, and asks four things', async () => {
  for (const args of COMMANDS) {
    const { told, exchanges } = await sent(args, undefined, true);
    expect([judge(args, told), told.said]).toEqual(['the truth', expect.objectContaining({ faults: [] })]);
    recorded = exchanges;
  }
  await settled();
  expect(new Set(recorded.map(({ method }) => method))).toEqual(new Set(METHODS));
});

test('a wallet whose only node is gone while its item is on the way waits for it, and comes to what the chain did', async () => {
  for (const args of COMMANDS) {
    const gone: Lie = {
      ...{ method: 'status', where: 'gone for some time', after: 2, times: 8 },
      tell: () => ({ raw: (response) => response.destroy() }),
    };
    const { told } = await sent(args, gone, true);
    expect([liar!.told, judge(args, told)]).toEqual([8, 'the truth']);
    expect(told.err.match(/no node shows the chain/g)).toHaveLength(1);
  }
  await settled();
});

test.each(METHODS)(
  'a wallet that sends something by a node that lies about %s comes to what the chain did with it, or names the node; and reveals no more',
  async (method) => {
    const wrong: unknown[] = [];
    const tally = new Map<string, number>();
    const count = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);
    let open = 0;
    for (const [k, lie] of liesOf(method).entries())
      for (const isAlone of [true, false]) {
        const args = COMMANDS[(k + (isAlone ? 0 : 1)) % COMMANDS.length]!;
        const { told, isTold } = await sent(args, lie, isAlone);
        const outcome = judge(args, told);
        const where = isAlone ? 'alone' : 'beside';
        if (isTold) count(`${where}: told`);
        if (isTold && outcome !== undefined) count(`${where}: ${outcome}`);
        const isFine = isAlone ? outcome !== undefined : outcome === 'the truth';
        const isSlandered = `${told.err}${JSON.stringify(told.said.faults ?? [])}`.includes(honest!.rpc);
        if (!isFine || isSlandered) wrong.push([lie.where, where, outcome, told]);
        // Who keeps an item or new heights back cannot be told from a chain that takes its time.
        if (outcome === 'withheld' && lie !== DROPPED && method !== 'status')
          wrong.push([lie.where, 'not named', told]);
        if (outcome !== 'the truth' && ++open % SETTLE_EVERY === 0) await settled();
      }
    await settled();
    process.stdout.write(`${method}: ${[...tally].map(([what, n]) => `${what} ${n}`).join(', ')}\n`);
    expect(wrong).toEqual([]);
    expect(tally.get('alone: told')).toBeGreaterThan(5);
    expect(tally.get('beside: told')).toBeGreaterThan(5);
  },
);
