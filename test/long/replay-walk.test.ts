import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { velum, velumIn } from '../helpers/cli.ts';
import { unnoticedChanges, verifyHeight } from '../helpers/replay-walk.ts';

/** Every field of every file that a height writes; test/e2e/market.test.ts takes a sample of them. */
describe('velum market replay', () => {
  const dir = mkdtempSync(join(tmpdir(), 'velum-replay-walk-'));
  const run = join(dir, 'run');
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  beforeAll(async () => {
    const { code } = await velum('epoch', '--orders', 'examples/small.csv', '--out', run, '--json');
    expect(code).toBe(0);
  });

  test.each([
    ['block.json', 100],
    ['certificate.json', 5],
    ['settlement.json', 100],
  ])('notices every change of every field of %s', async (file, least) => {
    expect((await velumIn(dir, 'market', 'replay', 'run')).exitCode).toBe(0);
    const { changes, unnoticed } = await unnoticedChanges(run, `height-1/${file}`, 1);
    expect(unnoticed).toEqual([]);
    expect(changes).toBeGreaterThan(least);
    process.stdout.write(`${file}: ${changes} changes, each noticed\n`);
    expect((await velumIn(dir, 'market', 'replay', 'run')).exitCode).toBe(0);
  });
});

describe('velum verify-height', () => {
  const dir = mkdtempSync(join(tmpdir(), 'velum-height-walk-'));
  const run = join(dir, 'run');
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  beforeAll(async () => {
    expect((await velum('epoch', '--orders', 'examples/small.csv', '--out', run, '--json')).code).toBe(0);
    expect((await velumIn(run, ...verifyHeight('--blocks', '.', '--out', 'after'))).exitCode).toBe(0);
  });

  test.each([
    ['block.json', 100],
    ['certificate.json', 5],
    ['settlement.json', 100],
  ])('with --blocks notices every change of every field of %s', async (file, least) => {
    const command = verifyHeight('--blocks', '.', '--proofs');
    const { changes, unnoticed } = await unnoticedChanges(run, `height-1/${file}`, 1, command);
    expect(unnoticed).toEqual([]);
    expect(changes).toBeGreaterThan(least);
    process.stdout.write(`${file}: ${changes} changes, each noticed\n`);
    expect((await velumIn(run, ...command)).exitCode).toBe(0);
  });

  test('notices every change of every field of the genesis', async () => {
    const { changes, unnoticed } = await unnoticedChanges(run, 'genesis.json', 1, verifyHeight());
    expect(unnoticed).toEqual([]);
    process.stdout.write(`genesis.json: ${changes} changes, each noticed\n`);
  });
});
