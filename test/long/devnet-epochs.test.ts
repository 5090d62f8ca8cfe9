import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DevnetHome } from '../../src/cli/devnet/devnet-home.ts';
import { settleOrders } from '../../src/cli/devnet/settle-orders.ts';
import { genesisOf } from '../../src/cli/devnet/up.ts';
import { devnetMarket } from '../../src/cli/node/devnet-genesis.ts';
import { askNode } from '../../src/cli/node/rpc-client.ts';
import { readRunFiles } from '../../src/cli/run-files.ts';
import { BLOCK } from '../../src/client/ask-node.ts';
import { root } from '../../src/proofs/compile.ts';
import { velum } from '../helpers/cli.ts';
import { RunningDevnet } from '../helpers/running-devnet.ts';

let net: RunningDevnet;
beforeEach(() => {
  net = new RunningDevnet();
});
afterEach(async () => {
  delete process.env['NODE_OPTIONS'];
  await net.end();
});

const PATIENCE_MS = 300_000;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    expect([what, performance.now() < end]).toEqual([what, true]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isIn = (index: number, epoch: number): boolean =>
  net
    .logged(index)
    .some(
      (line) =>
        line.includes(`"epoch":${epoch},`) &&
        (line.includes('"msg":"ready"') || line.includes('"msg":"no seat')),
    );

/** Hands in the orders of a file at some of the nodes. */
async function settle(orders: string, at: readonly number[]): Promise<number> {
  const devnet = DevnetHome.required(net.home);
  const { market, batches } = await readRunFiles({ orders, market: devnet.market }, root);
  const { seed, startS } = devnet.file;
  const heights = await settleOrders({
    seed,
    genesis: await genesisOf(devnet),
    market: devnetMarket(market, BigInt(startS)),
    batches,
    rpcs: at.map((index) => devnet.nodes[index]!.rpc),
    onProgress: () => {},
  });
  return heights.reduce((sum, { accepted }) => sum + accepted, 0);
}

/** Those of which one dies at the border; one of them at least has a seat behind it. */
const MORTAL = [2, 3];
/** Loaded into each node: one of these dies once, right when its keys of the second epoch are durable, so before those of the first are erased. */
const INSIDE = `
const fs = require('node:fs');
const { dirname, basename, join } = require('node:path');
const home = String(process.argv[process.argv.indexOf('--home') + 1]);
const died = join(dirname(home), 'died');
if (${JSON.stringify(MORTAL)}.some((index) => basename(home) === 'node-' + index) && !fs.existsSync(died)) {
  const { renameSync, fsyncSync } = fs;
  let isThere = false;
  fs.renameSync = (from, to) => {
    renameSync(from, to);
    if (String(to).endsWith('epoch-2.keys')) isThere = true;
  };
  fs.fsyncSync = (file) => {
    fsyncSync(file);
    if (!isThere || fs.existsSync(died)) return;
    fs.writeFileSync(died, basename(home));
    process.kill(-process.pid, 'SIGKILL');
  };
  require('node:module').syncBuiltinESMExports();
}`;

test('five processes cross two borders while orders settle; one dies when its new share is durable, comes back, and has the state of all', async () => {
  const inside = join(net.scratch, 'inside.cjs');
  writeFileSync(inside, INSIDE);
  process.env['NODE_OPTIONS'] = `--require=${inside}`;
  await net.up(...['--registry', '5', '--validators', '4', '--epoch-heights', '8', '--dealing-heights', '4']);
  const settling = settle('examples/orders.csv', [0, 1]);
  const died = join(net.home, 'died');
  while (!existsSync(died)) await net.fund();
  const victim = MORTAL.find((index) => readFileSync(died, 'utf8') === `node-${index}`)!;
  await until('its end', () => net.pidOf(victim) === undefined);
  const home = join(net.home, `node-${victim}`);
  const hasKeys = (epoch: number): boolean => existsSync(join(home, `validator/epoch-${epoch}.keys`));
  expect([hasKeys(1), hasKeys(2)]).toEqual([true, true]);
  // Those that are left settle without it. From now on it keeps one epoch that is over.
  await net.fund();
  const config = join(home, 'config.json');
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), keepEpochs: 1 }));
  await net.up();
  await until('the second epoch at the victim', () => isIn(victim, 2));
  expect([hasKeys(1), hasKeys(2)]).toEqual([false, true]);
  await settling;
  let at = 0;
  while (![0, 1, 2, 3, 4].every((index) => isIn(index, 3))) at = await net.fund();
  at = await net.fund();
  await net.expectAgreement(at, 5);
  const blocks = await net.blocksUpTo(at);
  expect(blocks.flatMap(({ evidence }) => evidence)).toEqual([]);
  // One of the 14 batches spends a note that another one spends.
  expect(blocks.flatMap(({ items }) => items).filter(({ kind }) => kind === 'batch').length).toBe(13);
  for (const index of [0, 1, 2, 3, 4])
    expect(net.logged(index).filter((line) => line.includes('"msg":"fault of a peer"'))).toEqual([]);
  expect(existsSync(join(home, 'validator/epoch-1'))).toBe(false);
  const { rpc } = net.devnet.nodes[victim]!;
  await expect(askNode(rpc, 'block', BLOCK, { height: 1 })).rejects.toThrow('keeps no blocks');
});

/** Bytes of the log of a node's part in the generation of keys; 0 if there is none. */
const generationBytes = (index: number): number =>
  statSync(join(net.home, `node-${index}/validator/epoch-0/0.log`), { throwIfNoEntry: false })?.size ?? 0;

/** Moments of death: who dies, after so many writes of one of them that come after the start. */
const DEATHS: readonly (readonly [readonly number[], number])[] = [
  [[0, 1, 2, 3], 1],
  [[0, 1, 2, 3], 6],
  [[1], 3],
  [[0, 1, 2, 3], 12],
  [[3], 2],
  [[0, 1, 2, 3], 20],
  [[0], 1],
];

test('nodes that are killed within the first generation of keys, alone and all at once, have their keys when they are back', async () => {
  const all = [0, 1, 2, 3];
  let deaths = 0;
  const isGenerated = (index: number): boolean =>
    net.logged(index).some((line) => line.includes('the first keys are generated'));
  for (const [victims, writes] of DEATHS) {
    const first = victims[0]!;
    let size = generationBytes(first);
    let seen = 0;
    const upping = velum('devnet', 'up', '--home', net.home, '--json');
    await until(`${writes} writes of node ${first}`, () => {
      const now = generationBytes(first);
      if (now !== size) seen += 1;
      size = now;
      return seen >= writes || isGenerated(first);
    });
    if (!victims.some(isGenerated)) deaths += 1;
    net.kill(...victims);
    await upping;
  }
  expect(deaths).toBeGreaterThanOrEqual(3);
  await net.up();
  expect(all.every(isGenerated)).toBe(true);
  const at = await net.fund();
  await net.expectAgreement(at, 4);
  // Each of them votes: without another one there is a quorum of three.
  for (const away of all) {
    net.kill(away);
    await net.fund();
    await net.up();
  }
  const last = await net.fund();
  await net.expectAgreement(last, 4);
  expect(await net.evidenceUpTo(last)).toBe(0);
});
