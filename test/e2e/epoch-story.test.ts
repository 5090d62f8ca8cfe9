import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { velum } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-story-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
// biome-ignore lint/suspicious/noExplicitAny: what --json prints
type Loose = any;

test('a real epoch of the example settles to what velum market simulate says, event by event', async () => {
  const files = ['--orders', 'examples/story.csv', '--market', 'examples/story.json', '--json'];
  const heights = async (...args: string[]): Promise<Loose[]> => {
    const { code, stdout } = await velum(...args);
    expect(code).toBe(0);
    return JSON.parse(stdout).heights;
  };
  const settled = await heights('epoch', ...files, '--out', join(scratch, 'run'));
  const simulation = ['market', 'simulate', ...files, '--heights', String(settled.length)];
  const simulated = await heights(...simulation, '--out', join(scratch, 'simulated'));
  // Items settle in the order of their ids, which differ: what happened is a set of events.
  const sorted = (events: Loose[]): string[] => events.map((event) => JSON.stringify(event)).sort();
  for (const [i, { market, accounts }] of settled.entries()) {
    const told = simulated[i];
    expect([market.height, market.marks]).toEqual([told.height, told.marks]);
    expect(sorted(market.events)).toEqual(sorted(told.events));
    expect([market.insurance, market.fees, market.pool]).toEqual([told.insurance, told.fees, told.pool]);
    for (const { trader, name, after } of accounts) {
      const same = told.accounts.find((row: Loose) => row.trader === trader && row.account === name);
      expect({ cash: same.cash, equity: same.equity }).toEqual({ cash: after.cash, equity: after.equity });
    }
  }
  const compared = await velum('market', 'diff', join(scratch, 'run'), join(scratch, 'simulated'));
  expect(compared).toEqual({ code: 0, stdout: 'The same.\n', stderr: '' });
  const types = new Set(settled.flatMap(({ market }) => market.events.map(({ type }: Loose) => type)));
  for (const type of ['funding', 'expiry', 'liquidation', 'insurancePaid', 'deleverage', 'haircut', 'halt'])
    expect([type, types.has(type)]).toEqual([type, true]);
}, 300_000);
