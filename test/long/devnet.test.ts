import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunningDevnet } from '../helpers/running-devnet.ts';
import { devnetSecrets, openFiles, SecretFinder } from '../helpers/secret-finder.ts';

let net: RunningDevnet;
beforeEach(() => {
  net = new RunningDevnet();
});
afterEach(() => net.end());

test('three of four nodes settle orders; the fourth is started 20 heights later and catches up', async () => {
  const { heights } = await net.run(
    'up',
    '--start',
    '3',
    '--orders',
    'examples/small.csv',
    '--until-settled',
  );
  expect(heights.length).toBeGreaterThan(0);
  let at = 0;
  for (let k = 0; k < 20; k++) at = await net.fund();
  await net.up();
  expect((await net.nodes()).every(({ pid }) => pid !== undefined)).toBe(true);
  await net.expectAgreement(at, 4);
  await net.expectAgreement(await net.fund(), 4);
});

test('nodes killed in turn and all at once go on from their logs, and one that lost its store never votes twice', async () => {
  await net.up();
  const all = [0, 1, 2, 3];
  let at = await net.fund();
  for (const victim of all) {
    const funding = net.fund();
    await net.writes(victim, 2 + 3 * victim);
    net.kill(victim);
    at = Math.max(await funding, await net.fund());
    await net.up();
    await net.expectAgreement(at, 4);
  }
  const doomed = net.fund();
  await net.writes(0, 4);
  net.kill(...all);
  const [late] = await Promise.all([doomed, net.up()]);
  at = Math.max(late, await net.fund());
  await net.expectAgreement(at, 4);

  // It dies while it votes, and what it said is lost with its store.
  const forgetful = 1;
  const funding = net.fund();
  await net.writes(forgetful, 6);
  net.kill(forgetful);
  const folder = join(net.home, `node-${forgetful}/validator`);
  for (const name of readdirSync(folder))
    if (!name.endsWith('.keys')) rmSync(join(folder, name), { recursive: true });
  await net.up();
  at = await funding;
  for (let k = 0; k < 6; k++) at = await net.fund();
  await net.expectAgreement(at, 4);
  // It votes again: without it there is no quorum when another one is away.
  net.kill(2);
  at = await net.fund();
  await net.up();
  await net.expectAgreement(at, 4);

  // Two ballots of one height would be evidence in a block, and give its secret away to everybody.
  expect(await net.evidenceUpTo(at)).toBe(0);
  for (const index of all)
    expect(net.logged(index).filter((line) => line.includes('"msg":"fault of a peer"'))).toEqual([]);
  const finder = new SecretFinder(devnetSecrets(net.home));
  expect(finder.find(readFileSync(join(folder, 'epoch-1.keys'))).length).toBeGreaterThan(4);
  for (const [path, bytes] of openFiles(net.home)) expect([path, finder.find(bytes)]).toEqual([path, []]);
});
