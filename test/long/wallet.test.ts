import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseAddress } from '../../src/cli/node/settings.ts';
import { velum } from '../helpers/cli.ts';
import { type Json, LyingProxy } from '../helpers/lying-proxy.ts';
import { Meeting } from '../helpers/meeting.ts';
import { asked } from '../helpers/running-rpc.ts';
import { fakeNode } from '../helpers/wallet-chain.ts';

/** From two commands to a first trade, as a new user goes: the built program, four validators in processes, two wallets. */

const scratch = mkdtempSync(join(tmpdir(), 'velum-wallet-'));
const net = join(scratch, 'net');
const password = join(scratch, 'password');
writeFileSync(password, 'correct horse battery staple\n', { mode: 0o600 });
const fronts: Server[] = [];
afterAll(async () => {
  for (const front of fronts) front.close();
  await velum('devnet', 'down', '--home', net);
  rmSync(scratch, { recursive: true, force: true });
});

async function told(...args: string[]): Promise<Record<string, never>> {
  const { code, stdout, stderr } = await velum(...args, '--json');
  expect([args.join(' '), code, code === 0 ? '' : `${stderr}${stdout}`]).toEqual([args.join(' '), 0, '']);
  return JSON.parse(stdout);
}
/** In front of a node, where two batches can meet. */
async function holding(rpc: string): Promise<{ readonly rpc: string; readonly meeting: Meeting }> {
  const meeting = new Meeting(rpc);
  const { server, address } = await fakeNode((method, params) =>
    method === 'submit' ? meeting.submit(params) : asked(rpc, method, params),
  );
  fronts.push(server);
  return { rpc: `${address.host}:${address.port}`, meeting };
}

const rpcOf = (nodes: unknown): readonly string[] =>
  (nodes as { readonly rpc: string }[]).map(({ rpc }) => rpc);
const wallet = (home: string, ...args: string[]) =>
  told('wallet', ...args, '--home', join(scratch, home), '--password-file', password);

/** What two wallets show, the first and another one, when both have seen as much: the chain goes on between two looks. */
async function atOneHeight(command: string, home: string) {
  for (let tries = 0; ; tries++) {
    const [own, other] = [await wallet('one', command), await wallet(home, command)];
    if (own['height'] === other['height'] || tries === 10) return { own, other };
  }
}

test('a devnet, a wallet, a deposit, a note, a batch of two orders, a withdrawal, and the same wallet again from its key file', async () => {
  const { nodes } = await told('devnet', 'up', '--home', net);
  const entrances = await Promise.all(rpcOf(nodes).map(holding));
  const rpcs = entrances.flatMap(({ rpc }) => ['--rpc', rpc]);
  const genesis = ['--genesis', join(net, 'node-0/genesis.json')];
  for (const home of ['one', 'other']) {
    const { account } = await wallet(home, 'init', ...genesis, ...rpcs);
    await told('devnet', 'fund', account as unknown as string, '5000', '--home', net);
    const { sent } = await wallet(home, 'shield', '3000');
    expect(sent).toMatchObject({ happenings: [{ kind: 'shield', amount: '3000', fee: '0.05' }] });
  }
  // Nobody trades, and still the notes join the tree.
  for (let tries = 0; tries < 60; tries++) {
    const { height } = await wallet('other', 'balance');
    if (Number(height) >= 6) break;
  }
  // Orders meet if one height orders both batches: whoever was not met tries again.
  const fills = async (home: string) =>
    ((await wallet(home, 'history')).history as unknown as { readonly kind: string }[]).filter(
      ({ kind }) => kind === 'fill',
    );
  for (const { meeting } of entrances) meeting.isOn = true;
  let tries = 0;
  for (; tries < 8 && (await fills('one')).length === 0; tries++) {
    const made = wallet('one', 'submit', 'buy 2 BTC-PERP 62.1', 'sell 2 BTC-25DEC26-65000-C 25');
    const taken = wallet('other', 'submit', 'sell 2 BTC-PERP 62', 'buy 2 BTC-25DEC26-65000-C 26');
    const [{ sent: first }, { sent: second }] = await Promise.all([made, taken]);
    process.stdout.write(`try ${tries}: ${JSON.stringify([first, second])}\n`);
    for (const sent of [first, second])
      expect(sent).toMatchObject({
        happenings: expect.arrayContaining([expect.objectContaining({ kind: 'batch' })]),
      });
  }
  for (const { meeting } of entrances) meeting.isOn = false;
  process.stdout.write(`the orders met at try ${tries}\n`);
  // Both legs, each with the other wallet.
  for (const [home, sides] of [
    ['one', ['buy', 'sell']],
    ['other', ['sell', 'buy']],
  ] as const) {
    const filled = await fills(home);
    expect([home, filled]).toEqual([
      home,
      expect.arrayContaining(sides.map((side) => expect.objectContaining({ side, lots: '2' }))),
    ]);
  }
  const { history } = await wallet('one', 'history');
  expect(history).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'deposit', amount: '5000' }),
      expect.objectContaining({ kind: 'shield', amount: '3000' }),
      expect.objectContaining({ kind: 'batch' }),
    ]),
  );
  const { sent: paid } = await wallet('one', 'withdraw', '250.5', '--to', 'ab'.repeat(32));
  expect(paid).toMatchObject({ happenings: [{ kind: 'withdraw', amount: '250.5' }] });

  const key = join(scratch, 'backup.key');
  copyFileSync(join(scratch, 'one/wallet.key'), key);
  await wallet('restored', 'init', ...genesis, '--key', key, ...rpcs);
  for (const command of ['balance', 'notes', 'accounts', 'history'] as const) {
    const { own, other } = await atOneHeight(command, 'restored');
    expect(other).toEqual(own);
    process.stdout.write(`${command}: ${JSON.stringify(own).slice(0, 600)}\n`);
  }

  // A node that shows one false block is named; beside the others the wallet shows the same, and alone with it, nothing.
  const liar = await new LyingProxy(parseAddress(rpcOf(nodes)[0]!)!).open();
  liar.begin({
    ...{ method: 'block', where: 'from height 2 on', after: 1, times: Number.POSITIVE_INFINITY },
    tell: ({ answer }) => ({ json: withOther(answer) }),
  });
  try {
    const others = rpcOf(nodes).slice(1);
    const asked = ['--rpc', liar.rpc, ...others.flatMap((rpc) => ['--rpc', rpc])];
    await wallet('beside', 'init', ...genesis, '--key', key, ...asked);
    const { faults } = await wallet('beside', 'history');
    expect(faults).toEqual([expect.objectContaining({ rpc: liar.rpc, code: 'NODE_BLOCK_FALSE' })]);
    const { own, other } = await atOneHeight('history', 'beside');
    expect({ ...other, faults: [] }).toEqual(own);
    await wallet('alone', 'init', ...genesis, '--key', key, '--rpc', liar.rpc);
    const alone = await velum(
      'wallet',
      'history',
      '--home',
      join(scratch, 'alone'),
      '--password-file',
      password,
    );
    expect([alone.code, alone.stdout]).toEqual([1, '']);
    expect(alone.stderr).toContain(`${liar.rpc}: NODE_BLOCK_FALSE`);
  } finally {
    liar.close();
  }
}, 1_200_000);

/** The answer with one bit of its settlement certificate changed. */
function withOther(answer: Json): Json {
  const encoded: string = answer.result.encoded;
  const at = 60;
  const other = encoded[at] === '0' ? '1' : '0';
  return {
    ...answer,
    result: { ...answer.result, encoded: encoded.slice(0, at) + other + encoded.slice(at + 1) },
  };
}
