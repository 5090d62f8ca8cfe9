import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blockText, parseBlockFile } from '../../src/formats/height-files.ts';
import { velum, velumIn } from '../helpers/cli.ts';
import { unnoticedChanges, verifyHeight } from '../helpers/replay-walk.ts';

/** The market commands as a person runs them: the built program in a process of its own. */

const scratch = mkdtempSync(join(tmpdir(), 'velum-market-e2e-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function told(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await velum('market', ...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('velum market', () => {
  test('clears, margins, prices and funds the examples that its help names', async () => {
    const book = ['--book', 'examples/book.csv', '--reference', '61.25', '--band', '55:67'];
    expect(await told('clear', ...book)).toEqual({
      price: '61.25',
      volume: '95',
      fills: ['20', '35', '40', '0', '30', '25', '40', '0'],
    });
    expect(await told('margin', '--portfolio', 'examples/portfolio.json')).toMatchObject({
      equity: '351.3',
      initialMargin: '333.325',
      maintenanceMargin: '222.7625',
      isLiquidated: false,
    });
    const put = ['--type', 'put', '--forward', '20', '--strike', '20', '--years', '0.333333333333333333'];
    expect(await told('option', ...put, '--vol', '0.25', '--discount', '0.970445533548508')).toMatchObject({
      price: expect.stringMatching(/^1\.11/),
    });
    expect(await told('funding', '--file', 'examples/funding.json')).toMatchObject({
      ratePpm: 890,
      payments: { long: '-3.4485', short: '3.4485' },
    });
  });

  test('tells what is wrong with a file on stderr, exits 2, and writes nothing', async () => {
    const file = join(scratch, 'bad.json');
    writeFileSync(file, '{"version": 2, "index": "x"}');
    for (const flags of [
      ['margin', '--portfolio', file],
      ['funding', '--file', file],
    ]) {
      const { code, stdout, stderr } = await velum('market', ...flags);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('$.version: this program reads version 1');
      expect(stderr).toContain('$.index: USDC such as "61.25"');
    }
    expect(readdirSync(scratch)).toEqual(['bad.json']);
  });
});

describe('velum market replay', () => {
  const run = join(scratch, 'run');
  beforeAll(async () => {
    const { code } = await velum(
      ...['epoch', '--orders', 'examples/small.csv', '--keys', 'dealer', '--out', run, '--json'],
    );
    expect(code).toBe(0);
  });
  const copyWith = (name: string, file: string, change: (text: string) => string): string => {
    const copy = join(scratch, name);
    cpSync(run, copy, { recursive: true });
    const path = join(copy, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    return copy;
  };

  test('settles the blocks of a run anew and finds every state root', async () => {
    const { stateRoot } = JSON.parse(readFileSync(join(run, 'height-1/settlement.json'), 'utf8'));
    expect(await told('replay', run)).toEqual({ heights: [{ height: 1, stateRoot }], reason: null });
  });

  test('refuses a state root, a block or a genesis that somebody changed, and exits 1 or 2', async () => {
    const root1 = copyWith('root', 'height-1/settlement.json', (text) =>
      text.replace(/("stateRoot": ?")[0-9a-f]{2}/, '$1ff'),
    );
    const other = copyWith('genesis', 'genesis.json', (text) => text.replace('"feePpm"', '"feePpmX"'));
    const block = copyWith('block', 'height-1/block.json', (text) =>
      text.replace(
        /("encoded": ?"[0-9a-f]{40})([0-9a-f])/,
        (_, head, digit) => head + (digit === '0' ? '1' : '0'),
      ),
    );
    for (const [dir, codes] of [
      [root1, [1]],
      [block, [1]],
      [other, [1, 2]],
    ] as const) {
      const { code, stdout, stderr } = await velum('market', 'replay', dir);
      expect([codes.includes(code as never), stdout, stderr.length > 0]).toEqual([true, '', true]);
    }
  });

  test('notices a change of any field of a block, its certificates and its settlement', async () => {
    const dir = join(scratch, 'walked');
    cpSync(run, dir, { recursive: true });
    for (const [name, every] of [
      ['certificate.json', 3],
      ['block.json', 57],
      ['settlement.json', 69],
    ] as const) {
      const { changes, unnoticed } = await unnoticedChanges(dir, `height-1/${name}`, every);
      expect([name, unnoticed]).toEqual([name, []]);
      expect(changes).toBeGreaterThan(5);
    }
    expect((await velumIn(scratch, 'market', 'replay', 'walked')).exitCode).toBe(0);
  });

  test('refuses a block whose item has another proof, in its readable part as well', async () => {
    const dir = join(scratch, 'reproved');
    cpSync(run, dir, { recursive: true });
    const path = join(dir, 'height-1/block.json');
    const block = parseBlockFile(readFileSync(path, 'utf8'), path);
    const items = block.items.map((item, i) =>
      i === 1 && 'proof' in item ? { ...item, proof: item.proof.with(40, item.proof[40]! ^ 1) } : item,
    );
    writeFileSync(path, blockText({ ...block, items }));
    const { exitCode, err } = await velumIn(scratch, 'market', 'replay', 'reproved');
    expect([exitCode, err]).toEqual([1, expect.stringContaining('does not hold')]);
  });
});

describe('velum verify-height', () => {
  const run = join(scratch, 'run');
  const told = async (
    ...flags: string[]
  ): Promise<{ readonly exitCode: number; readonly said: Record<string, unknown> }> => {
    const { exitCode, out } = await velumIn(run, ...verifyHeight(...flags), '--json');
    return { exitCode, said: JSON.parse(out) };
  };

  test('verifies a height by its four files, with the blocks before it, and with a state that it wrote', async () => {
    const { stateRoot } = JSON.parse(readFileSync(join(run, 'height-1/settlement.json'), 'utf8'));
    const yes = { height: 1, epoch: 1, stateRoot, items: 5, batches: 4, unjudged: 0, reason: null };
    const alone = await told();
    expect(alone).toEqual({
      exitCode: 0,
      said: expect.objectContaining({ ...yes, proofs: null, replayed: false }),
    });
    const whole = await told('--blocks', '.', '--proofs', '--out', 'after');
    expect(whole).toEqual({
      exitCode: 0,
      said: expect.objectContaining({ ...yes, proofs: 4, replayed: true }),
    });
    // The state after the height is not the one that it starts from.
    const other = await told('--state', 'after/state.json', '--epochs', 'after/epochs.json');
    expect(other).toEqual({
      exitCode: 1,
      said: expect.objectContaining({ height: 1, problem: 'LIGHT_STATE' }),
    });
    expect(Object.keys(other.said)).toEqual(Object.keys(whole.said));
    expect(Object.keys(alone.said)).toEqual(Object.keys(whole.said));
    const { out } = await velumIn(run, ...verifyHeight());
    expect(out).toContain('settlement not replayed');
  });

  test('notices a change of fields of its files with --blocks, and of certificates and roots without', async () => {
    for (const [file, every, flags] of [
      ['height-1/block.json', 61, ['--blocks', '.', '--proofs']],
      ['height-1/settlement.json', 97, ['--blocks', '.']],
      ['height-1/certificate.json', 4, []],
      ['genesis.json', 151, []],
      ['after/state.json', 1, ['--state', 'after/state.json']],
    ] as const) {
      const { unnoticed } = await unnoticedChanges(run, file, every, verifyHeight(...flags));
      expect([file, unnoticed]).toEqual([file, []]);
    }
  });

  test('takes one account of how a height came about', async () => {
    const both = await velumIn(run, ...verifyHeight('--blocks', '.', '--state', 'after/state.json'));
    expect([both.exitCode, both.err]).toEqual([2, expect.stringContaining('name one')]);
    expect((await velumIn(run, ...verifyHeight('--out', 'again'))).exitCode).toBe(2);
  });
});
