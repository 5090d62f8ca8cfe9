import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { velum } from '../helpers/cli.ts';
import { printedStatements, unitsOf } from '../helpers/printed-statement.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-story-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
// biome-ignore lint/suspicious/noExplicitAny: what --json prints
type Loose = any;

const files = ['--orders', 'examples/story.csv', '--market', 'examples/story.json'];

/** Each statement that is printed adds up to what the last height that lists its account prints of it. */
function checkStatements(printed: string): void {
  const [heights] = printed.split('Where each unit went');
  const statements = printedStatements(printed);
  expect(statements.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['ana/long', 'bo/swing', 'hugo/vault']),
  );
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
  for (const { name, cash, positions, end } of statements) {
    expect([name, sum(cash), sum(positions)]).toEqual([name, end.cash, end.positions]);
    const [trader, account] = name.split('/');
    const rows = [
      ...heights!.matchAll(new RegExp(`^ +${trader} +${account} +\\S+ +(\\S+) +\\S+ +(\\S+)$`, 'gm')),
    ];
    const [, cashAfter, equityAfter] = rows.at(-1)!;
    expect([name, unitsOf(cashAfter!), unitsOf(equityAfter!)]).toEqual([name, end.cash, end.equity]);
  }
}

test('a real epoch of the example settles to what velum market simulate says, event by event, and accounts for every unit', async () => {
  const [run, simulation] = [join(scratch, 'run'), join(scratch, 'simulated')];
  const heightsIn = (out: string): Loose[] =>
    JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')).heights;
  const printed = async (...args: string[]): Promise<string> => {
    const { code, stdout } = await velum(...args);
    expect(code).toBe(0);
    return stdout;
  };
  checkStatements(await printed('epoch', ...files, '--keys', 'dealer', '--out', run));
  const settled = heightsIn(run);
  await printed('market', 'simulate', ...files, '--heights', String(settled.length), '--out', simulation);
  const simulated = heightsIn(simulation);
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
  const compared = await velum('market', 'diff', run, simulation);
  expect(compared).toEqual({ code: 0, stdout: 'The same.\n', stderr: '' });
  const types = new Set(settled.flatMap(({ market }) => market.events.map(({ type }: Loose) => type)));
  for (const type of ['funding', 'expiry', 'liquidation', 'insurancePaid', 'deleverage', 'haircut', 'halt'])
    expect([type, types.has(type)]).toEqual([type, true]);
});
