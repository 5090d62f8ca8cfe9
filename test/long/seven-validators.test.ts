import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { velum } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-seven-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('seven validators, two of them faulty, ballots on stems, settle what four that keep to the protocol settle', async () => {
  const run = async (name: string, ...options: string[]) => {
    const common = ['epoch', '--orders', 'examples/small.csv', '--json', '--keys', 'dealer'];
    const { code, stdout } = await velum(...common, ...options, '--out', join(scratch, name));
    expect(code).toBe(0);
    return JSON.parse(stdout).heights[0];
  };
  const four = await run('four');
  const seven = await run('seven', '--validators', '7', '--faulty', '2', '--dissemination', 'stem');
  expect(seven.accepted).toBe(4);
  expect(seven.recovered).toEqual([expect.objectContaining({ validator: 6 })]);
  expect(seven.auctions).toEqual(four.auctions);
});
