import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunningDevnet, type ShownNode } from '../helpers/running-devnet.ts';

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
  expect((await net.run('up')).nodes.map(({ pid }: ShownNode) => pid === null)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  await net.expectAgreement(at, 4);
  await net.expectAgreement(await net.fund(), 4);
});

test('nodes killed in turn and all at once go on from their logs, and one that lost its store never votes twice', async () => {
  await net.run('up');
  let at = await net.fund();
  for (const victim of [0, 1, 2, 3]) {
    const funding = net.fund();
    await new Promise((resolve) => setTimeout(resolve, 400));
    net.kill(victim);
    at = Math.max(await funding, await net.fund());
    await net.run('up');
    await net.expectAgreement(at, 4);
  }
  const doomed = net.fund();
  await new Promise((resolve) => setTimeout(resolve, 500));
  net.kill(0, 1, 2, 3);
  await net.run('up');
  at = Math.max(await doomed, await net.fund());
  await net.expectAgreement(at, 4);

  net.kill(1);
  const folder = join(net.home, 'node-1/validator');
  for (const name of readdirSync(folder))
    if (!name.endsWith('.keys')) rmSync(join(folder, name), { recursive: true });
  await net.run('up');
  for (let k = 0; k < 6; k++) at = await net.fund();
  await net.expectAgreement(at, 4);
  // It votes again: without it there is no quorum when another one is away.
  net.kill(2);
  at = await net.fund();
  await net.run('up');
  await net.expectAgreement(at, 4);
  expect(await net.evidenceUpTo(at)).toBe(0);
});
