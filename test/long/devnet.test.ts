import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromHex } from '../../src/base/bytes.ts';
import { BLOCK, SETTLEMENT } from '../../src/cli/node/node-answers.ts';
import { askNode } from '../../src/cli/node/rpc-client.ts';
import { decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { velum } from '../helpers/cli.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'velum-devnet-'));
});
afterEach(async () => {
  await devnet('down');
  rmSync(scratch, { recursive: true, force: true });
});

interface Node {
  readonly index: number;
  readonly pid: number | null;
  readonly rpc: string;
  readonly height: number | null;
  readonly stateRoot: string | null;
}

const home = (): string => join(scratch, 'net');

/** @returns what the command printed with --json */
async function devnet(...args: string[]) {
  const { code, stdout, stderr } = await velum('devnet', ...args, '--home', home(), '--json');
  expect([args, code, code === 0 ? '' : `${stdout} ${stderr}`]).toEqual([args, 0, '']);
  return JSON.parse(stdout);
}
const nodes = async (): Promise<readonly Node[]> => (await devnet('status')).nodes;

let account = 0;
/** A deposit makes a height. */
const fund = async (): Promise<number> =>
  (await devnet('fund', (++account).toString(16).padStart(64, '0'), '1')).height;

/** Takes a node and its helpers away in the middle of whatever they do. */
async function kill(...indices: number[]): Promise<void> {
  for (const { index, pid } of await nodes())
    if (indices.includes(index) && pid !== null) process.kill(-pid, 'SIGKILL');
}

/** Waits until all nodes have certified a height, and compares their states there. */
async function expectAgreement(at: number, of = 4): Promise<void> {
  for (let wait = 0; ; wait++) {
    const states = await nodes();
    const there = states.filter(({ height }) => height !== null && height >= at);
    if (there.length === of) break;
    expect([wait < 120, states]).toEqual([true, states]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  const running = (await nodes()).filter(({ pid }) => pid !== null);
  const roots = await Promise.all(
    running.map(({ rpc }) => askNode(addressOf(rpc), 'settlement', SETTLEMENT, { height: at })),
  );
  expect(new Set(roots.map(({ stateRoot }) => stateRoot)).size).toBe(1);
}

function addressOf(rpc: string) {
  const [host, port] = rpc.split(':');
  return { host: host!, port: Number(port) };
}

/** Pieces of evidence in all blocks: whoever votes twice gives its secret away there. */
async function evidenceUpTo(at: number): Promise<number> {
  const { rpc } = (await nodes())[0]!;
  let found = 0;
  for (let height = 1; height <= at; height++) {
    const { encoded } = await askNode(addressOf(rpc), 'block', BLOCK, { height });
    found += decodeCertifiedBlock(fromHex(encoded)!)!.block.evidence.length;
  }
  return found;
}

test('three of four nodes settle orders; the fourth is started 20 heights later and catches up', async () => {
  const { heights } = await devnet('up', '--start', '3', '--orders', 'examples/small.csv', '--until-settled');
  expect(heights.length).toBeGreaterThan(0);
  let at = 0;
  for (let k = 0; k < 20; k++) at = await fund();
  expect((await devnet('up')).nodes.map(({ pid }: Node) => pid === null)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  await expectAgreement(at);
  await expectAgreement(await fund());
});

test('nodes killed in turn and all at once go on from their logs, and one that lost its store never votes twice', async () => {
  await devnet('up');
  let at = await fund();
  for (const victim of [0, 1, 2, 3]) {
    const funding = fund();
    await new Promise((resolve) => setTimeout(resolve, 400));
    await kill(victim);
    at = Math.max(await funding, await fund());
    await devnet('up');
    await expectAgreement(at);
  }
  const doomed = fund();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await kill(0, 1, 2, 3);
  await devnet('up');
  at = Math.max(await doomed, await fund());
  await expectAgreement(at);

  await kill(1);
  const folder = join(home(), 'node-1/validator');
  for (const name of readdirSync(folder))
    if (!name.endsWith('.keys')) rmSync(join(folder, name), { recursive: true });
  await devnet('up');
  for (let k = 0; k < 6; k++) at = await fund();
  await expectAgreement(at);
  // It votes again: without it there is no quorum when another one is away.
  await kill(2);
  at = await fund();
  await devnet('up');
  await expectAgreement(at);
  expect(await evidenceUpTo(at)).toBe(0);
});
