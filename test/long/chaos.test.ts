import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DISTURBANCES } from '../../src/cli/devnet/chaos/plan.ts';
import { velum } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-chaos-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('seven validators as processes, one of which lies, bear ten minutes of torture', async () => {
  const home = join(scratch, 'net');
  const { code, stdout, stderr } = await velum(
    ...['devnet', 'chaos', '--minutes', '10', '--seed', `${Date.now() % 2 ** 32}`, '--home', home, '--json'],
  );
  process.stdout.write(`${stderr}${stdout}\n`);
  const report = JSON.parse(stdout);
  expect([code, report.problems]).toEqual([0, []]);
  expect(report.seconds).toBeGreaterThanOrEqual(600);
  expect(report.batches).toMatchObject({ lost: 0 });
  expect(report.batches.ordered).toBeGreaterThan(0);
  // Two ballots of one height were cast, and are on the chain.
  expect(report.evidence).toBeGreaterThan(0);
  expect(Object.keys(report.disturbances).sort()).toEqual([...DISTURBANCES].sort());
  for (const node of [0, 1, 2, 3, 4, 5, 6].filter((i) => i !== report.liar)) {
    const told = await velum(
      ...['verify-height', '--genesis', join(home, 'node-0/genesis.json'), '--json', '--proofs'],
      ...['--blocks', join(home, `node-${node}`), '--height', `${report.heights}`],
    );
    expect([node, told.code, JSON.parse(told.stdout)]).toMatchObject([
      node,
      0,
      { height: report.heights, replayed: true },
    ]);
  }
});
