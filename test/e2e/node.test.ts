import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { frameRecord } from '../../src/host/log.ts';
import { encodeRecord } from '../../src/host/records.ts';
import { root } from '../../src/proofs/compile.ts';
import { endedIn, velum } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-node-'));
const run = join(scratch, 'run');
const orders = join(scratch, 'one.csv');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
beforeAll(async () => {
  writeFileSync(
    orders,
    'height,trader,account,batch,instrument,side,lots,limit,reduceOnly\n1,ana,fresh,a1,BTC-PERP,buy,1,62.00,false\n',
  );
  const { code } = await velum('epoch', '--orders', orders, '--keys', 'dealer', '--json', '--out', run);
  expect(code).toBe(0);
});

/** A replay ends by itself: one process of its own is enough to see that. */
const here = (...args: readonly string[]) => endedIn(root, ...args);

/** A copy of validator 0's store for epoch 1, changed, beside its keys. */
function folder(name: string, change: (dir: string, log: Buffer) => void): string {
  const dir = join(scratch, name, 'logs', 'validator-0', 'epoch-1');
  cpSync(join(run, 'logs', 'validator-0'), join(dir, '..'), { recursive: true });
  cpSync(join(run, 'genesis.json'), join(scratch, name, 'genesis.json'));
  change(dir, readFileSync(join(dir, '0.log')));
  return dir;
}

const codeOf = async (...args: readonly string[]): Promise<[number, string]> => {
  const { code, stdout } = await here('node', 'replay', ...args, '--json');
  return [code, JSON.parse(stdout).error?.code ?? 'none'];
};

const KEYS = ['damaged', 'inputs', 'reason', 'recomputed', 'torn', 'validator'];

/** A no has the keys of a yes. */
async function expectDamaged(...args: readonly string[]): Promise<void> {
  const { code, stdout } = await here('node', 'replay', ...args, '--json');
  const { reason, ...rest } = JSON.parse(stdout);
  expect([code, Object.keys({ reason, ...rest }).sort()]).toEqual([1, KEYS]);
  expect(reason).toMatch(/The replay stopped (before the first input|after input \d+)$/);
}

describe('velum node replay', () => {
  test('shows what each input led to, and that the hashes of what was sent agree', async () => {
    const { code, stdout } = await velum('node', 'replay', join(run, 'logs/validator-0'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/proved .* ballot 1 to all/);
    expect(stdout).toContain('Validator 0 sends the same again, from genesis on: every hash agrees.');
  });

  test('lists inputs without keys', async () => {
    const dir = folder('listed', (dir) => rmSync(join(dir, '../epoch-1.keys')));
    const { stdout } = await here('node', 'replay', dir, '--inputs', '--json');
    const { recomputed, inputs } = JSON.parse(stdout);
    expect([recomputed, inputs.length > 50, 'frames' in inputs[0]]).toEqual([false, true, false]);
    expect(await codeOf(dir)).toEqual([2, 'NODE_KEYS_MISSING']);
  });

  test('takes a torn end for what a crash leaves, and says how much of it', async () => {
    const dir = folder('torn', (dir) => {
      const last = `${Math.max(...readdirSync(dir).map((name) => Number.parseInt(name, 10) || 0))}.log`;
      writeFileSync(join(dir, last), readFileSync(join(dir, last)).subarray(0, -20));
    });
    const { code, stdout } = await here('node', 'replay', dir, '--json');
    expect([code, JSON.parse(stdout).torn > 0]).toEqual([0, true]);
    expect(Object.keys(JSON.parse(stdout)).sort()).toEqual(KEYS);
  });

  /** Flips a bit in the middle of a log. */
  const damage = (dir: string, name: string): void => {
    const log = readFileSync(join(dir, name));
    log[Math.floor(log.length / 2)]! ^= 1;
    writeFileSync(join(dir, name), log);
  };

  test('refuses a log that is damaged before its end', async () => {
    const dir = folder('damaged', (dir) => damage(dir, '1.log'));
    await expectDamaged(dir);
  });

  test('replays the newer segment where the older one is damaged, as a restart does, and names that one', async () => {
    const dir = folder('older', (dir) => damage(dir, '0.log'));
    const { code, stdout } = await here('node', 'replay', dir, '--json');
    const { damaged, recomputed, inputs } = JSON.parse(stdout);
    expect([code, damaged, recomputed, inputs.length > 0]).toEqual([0, '0', true, true]);
    expect((await here('node', 'replay', dir)).stdout).toContain('Segment 0 is damaged and was left out.');
    writeFileSync(join(dir, '1.snapshot'), 'no snapshot');
    await expectDamaged(dir);
  });

  test('shows how far it came where the log is damaged, and says what helps without keys or genesis', async () => {
    const dir = folder('far', (dir) => damage(dir, '1.log'));
    const { stdout, stderr } = await here('node', 'replay', dir);
    const [, last] = /The replay stopped after input (\d+)/.exec(stderr)!;
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^ *${last} `));
    const without = folder('without', (dir) => {
      rmSync(join(dir, '../epoch-1.keys'));
    });
    expect((await here('node', 'replay', without)).stderr).toContain('--inputs');
    rmSync(join(without, '../../../genesis.json'));
    expect((await here('node', 'replay', without)).stderr).toContain('--genesis FILE');
    expect((await here('node', 'replay', orders)).stderr).toContain('a file where a directory is needed');
  });

  test('refuses a folder whose snapshot is gone beside its log, with and without keys', async () => {
    const dir = folder('lost', (dir) => rmSync(join(dir, '1.snapshot')));
    await expectDamaged(dir);
    await expectDamaged(dir, '--inputs');
  });

  test('refuses a log of another version', async () => {
    const header = { type: 'header', version: 9999 } as never;
    const dir = folder('version', (dir) =>
      writeFileSync(join(dir, '0.log'), frameRecord(encodeRecord(header))),
    );
    expect(await codeOf(dir)).toEqual([2, 'HOST_LOG_VERSION']);
  });

  test('finds a log that other keys or rules wrote', async () => {
    const other = join(run, 'logs', 'validator-1', 'epoch-1', '0.log');
    const dir = folder('other', (dir) => writeFileSync(join(dir, '0.log'), readFileSync(other)));
    expect(await codeOf(dir)).toEqual([2, 'NODE_KEYS_FILE']);
  });

  test('refuses keys that others can read, and a folder without a log', async () => {
    expect(statSync(join(run, 'logs/validator-0/epoch-1.keys')).mode & 0o777).toBe(0o600);
    const dir = folder('open', (dir) => chmodSync(join(dir, '../epoch-1.keys'), 0o644));
    expect(await codeOf(dir)).toEqual([2, 'NODE_KEYS_EXPOSED']);
    expect(await codeOf(run)).toEqual([2, 'USAGE']);
    expect(await codeOf(join(scratch, 'nowhere'))).toEqual([2, 'FILE_UNREADABLE']);
  });
});
